// What was chosen lately on this browser, by id.
const KEY = "hearth.search";
const MOST = 6;

export function recentIds(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

export function remember(id: string): void {
  const ids = [id, ...recentIds().filter((each) => each !== id)].slice(0, MOST);
  localStorage.setItem(KEY, JSON.stringify(ids));
}
