/** The order after one has changed places with another. */
export function moved(ids: readonly string[], one: string, other: string): string[] {
  return ids.map((id) => (id === one ? other : id === other ? one : id));
}
