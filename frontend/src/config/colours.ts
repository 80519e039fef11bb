// The colours of labels: Home Assistant's names, each as a pair for light and dark.
export const COLOURS: Readonly<Record<string, string>> = {
  red: "light-dark(#c8362c, #ff8f86)",
  pink: "light-dark(#c2306f, #f592bd)",
  purple: "light-dark(#8b3fa8, #d39bea)",
  indigo: "light-dark(#4453b8, #a3aef5)",
  blue: "light-dark(#1d63b8, #86bbf7)",
  cyan: "light-dark(#0b7285, #74cfe0)",
  teal: "light-dark(#0d6a60, #72d3c4)",
  green: "light-dark(#22703a, #7fd094)",
  lime: "light-dark(#5f6f10, #c2d65c)",
  yellow: "light-dark(#7d6200, #ecd05a)",
  amber: "light-dark(#8a5200, #ffc44f)",
  orange: "light-dark(#ad3f0c, #ff9a63)",
  brown: "light-dark(#7a4a33, #d3a48c)",
  grey: "light-dark(#5d574f, #b0a99f)",
};

/** How a label's colour is drawn: by name, as it was written if it is a hex code, grey otherwise. */
export function drawn(colour: string | null): string {
  const named = COLOURS[colour ?? ""];
  if (named !== undefined) return named;
  return colour !== null && /^#[0-9a-f]{3,8}$/i.test(colour) ? colour : COLOURS["grey"]!;
}
