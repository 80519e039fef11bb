// The forecast of a weather entity, asked from the hub: by day where there is one, else by hour or half a day.
import { hub } from "../../net/hub.svelte";
import type { Attributes } from "../../live/state";
import { supports } from "../attributes";
import { WEATHER } from "./features";

export type ForecastKind = "daily" | "hourly" | "twice_daily";

export interface ForecastRow {
  readonly datetime: string;
  readonly condition?: string | null;
  readonly temperature?: number | null;
  readonly templow?: number | null;
  readonly precipitation?: number | null;
  readonly precipitation_probability?: number | null;
  readonly is_daytime?: boolean | null;
}

export function kindsOf(attributes: Attributes): readonly ForecastKind[] {
  const kinds = [
    { kind: "daily", bit: WEATHER.daily },
    { kind: "twice_daily", bit: WEATHER.twiceDaily },
    { kind: "hourly", bit: WEATHER.hourly },
  ] as const;
  return kinds.filter(({ bit }) => supports(attributes, bit)).map(({ kind }) => kind);
}

interface Answer {
  response: Readonly<Record<string, { forecast: readonly ForecastRow[] | null }>>;
}

export async function fetchForecast(entityId: string, type: ForecastKind): Promise<readonly ForecastRow[]> {
  const { response } = await hub.request<Answer>({
    type: "call_service",
    domain: "weather",
    service: "get_forecasts",
    service_data: { type },
    target: { entity_id: entityId },
    return_response: true,
  });
  return response[entityId]?.forecast ?? [];
}

export interface Bar {
  /** Shares of the whole range: where the bar begins, and how long it is. */
  readonly start: number;
  readonly length: number;
}

/** Where each row's temperatures lie within those of all. */
export function bars(rows: readonly ForecastRow[]): readonly (Bar | null)[] {
  const all = rows
    .flatMap(({ temperature, templow }) => [temperature, templow])
    .filter((each) => typeof each === "number");
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  return rows.map(({ temperature, templow }) => {
    if (typeof temperature !== "number") return null;
    const bottom = typeof templow === "number" ? templow : temperature;
    return { start: (bottom - low) / span, length: (temperature - bottom) / span };
  });
}
