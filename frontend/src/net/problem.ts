/** Something the hub refused or could not do, with its own words for it. */
export class HubProblem extends Error {
  override readonly name = "HubProblem";

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The words to show for anything that was thrown. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
