// Where somebody is, without a map: how far, and in which direction.
import type { Attributes } from "../../live/state";
import { numberOf } from "../attributes";

export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

const EARTH_METRES = 6_371_000;

export function pointOf(attributes: Attributes): Point | null {
  const latitude = numberOf(attributes, "latitude");
  const longitude = numberOf(attributes, "longitude");
  return latitude === undefined || longitude === undefined ? null : { latitude, longitude };
}

/** Metres along the ground. */
export function metres(from: Point, to: Point): number {
  const [a, b] = [radians(from.latitude), radians(to.latitude)];
  const half = Math.sin((b - a) / 2) ** 2;
  const turn = Math.sin(radians(to.longitude - from.longitude) / 2) ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.sqrt(half + Math.cos(a) * Math.cos(b) * turn));
}

const DIRECTIONS = ["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The eighth of the compass in which the other point lies. */
export function direction(from: Point, to: Point): Direction {
  const [a, b] = [radians(from.latitude), radians(to.latitude)];
  const turn = radians(to.longitude - from.longitude);
  const y = Math.sin(turn) * Math.cos(b);
  const x = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn);
  const eighth = Math.round((Math.atan2(y, x) / (2 * Math.PI)) * 8);
  return DIRECTIONS[(eighth + 8) % 8] ?? "north";
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
