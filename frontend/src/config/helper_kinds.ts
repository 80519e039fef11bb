/** The kinds of helpers, in the order in which they are offered. */
export const HELPER_KINDS = [
  "input_boolean",
  "input_button",
  "input_number",
  "input_select",
  "input_text",
  "input_datetime",
  "counter",
  "timer",
  "schedule",
  "scene",
  "todo",
  "zone",
  "person",
] as const;
export type HelperKind = (typeof HELPER_KINDS)[number];
