// The values that a trigger or condition looked at, as one reads a comparison: "57.2 < 40", "off = on".
type Data = Readonly<Record<string, unknown>>;

export interface Comparison {
  /** The entity that was looked at, or null. */
  readonly entityId: string | null;
  readonly attribute: string | null;
  readonly expression: string;
  /** Whether this one holds; undefined where only the whole is known. */
  readonly holds: boolean | undefined;
}

/** What was compared; `config` is the condition as the automation says it, which has a template's text. */
export function comparisonsOf(compared: Data, config: Data = {}): Comparison[] {
  if ("rendered" in compared) return templateComparisons(compared, config);
  const rows = compared["entities"];
  if (Array.isArray(rows)) return rows.filter(isData).flatMap((row) => comparisonsOf(row));
  const expression = bounds(compared) ?? equality(compared) ?? change(compared) ?? clock(compared);
  return expression === null ? [] : [comparison(compared, expression)];
}

function comparison({ entity_id, attribute, result }: Data, expression: string): Comparison {
  return {
    entityId: typeof entity_id === "string" ? entity_id : null,
    attribute: typeof attribute === "string" ? attribute : null,
    expression,
    holds: typeof result === "boolean" ? result : undefined,
  };
}

/** Both ends where there are both: "18 < 21.5 < 24". */
function bounds(data: Data): string | null {
  const above = data["wanted_state_above"] ?? data["above"];
  const below = data["wanted_state_below"] ?? data["below"];
  if (above == null && below == null) return null;
  const actual = data["state"] ?? data["to"] ?? data["now_time"];
  if (data["now_time"] !== undefined) return null;
  if (above != null && below != null) return `${text(above)} < ${text(actual)} < ${text(below)}`;
  return above != null ? `${text(actual)} > ${text(above)}` : `${text(actual)} < ${text(below)}`;
}

function equality({ state, id, wanted_state, wanted_id, lasted, for: wait }: Data): string | null {
  const wish = wanted_state ?? wanted_id;
  if (wish === undefined) return null;
  const actual = text(state ?? id);
  const asked =
    Array.isArray(wish) && wish.length > 1 ? `∈ ${wish.map(text).join(", ")}` : `= ${text([wish].flat()[0])}`;
  return wait === undefined ? `${actual} ${asked}` : `${actual} ${asked}, ${text(lasted)} s ≥ ${text(wait)} s`;
}

function change({ from, to }: Data): string | null {
  return from === undefined && to === undefined ? null : `${text(from)} → ${text(to)}`;
}

function clock({ now_time, after, before, weekday }: Data): string | null {
  if (now_time === undefined) return null;
  const start = after === undefined ? "" : `${text(after)} ≤ `;
  const end = before === undefined ? "" : ` < ${text(before)}`;
  return `${start}${text(now_time)}${end} (${text(weekday)})`;
}

/** A template with what it came to, and the states that it used. */
function templateComparisons({ rendered, states }: Data, config: Data): Comparison[] {
  const source = config["value_template"] ?? config["template"];
  const shown = text(rendered).trim();
  const isPlain = shown.toLowerCase() === "true" || shown.toLowerCase() === "false";
  const expression = typeof source !== "string" ? shown : isPlain ? source.trim() : `${source.trim()} → ${shown}`;
  const used = isData(states) ? Object.entries(states) : [];
  return [comparison({}, expression), ...used.map(([entity_id, state]) => comparison({ entity_id }, text(state)))];
}

function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
