// Icons by the names that people and integrations give them: "mdi:sofa". The gallery is loaded when the first is asked for.
type Gallery = Readonly<Record<string, string | undefined>>;

const PREFIX = "mdi:";

let gallery = $state.raw<Gallery | null>(null);
let asked = false;

/** The path of a named icon; undefined where there is no name, no such icon, or not yet. */
export function iconNamed(name: string | null | undefined): string | undefined {
  if (!name?.startsWith(PREFIX)) return undefined;
  if (!asked) void loadGallery();
  return gallery?.[exportOf(name)];
}

/** All names in the gallery. */
export function iconNames(): readonly string[] {
  if (!asked) void loadGallery();
  return Object.keys(gallery ?? {}).map(nameOf);
}

export async function loadGallery(): Promise<void> {
  asked = true;
  try {
    gallery = { ...(await import("./gallery")) };
  } catch {
    asked = false;
  }
}

/** "mdi:sofa-outline" is mdiSofaOutline. */
export function exportOf(name: string): string {
  const parts = name.slice(PREFIX.length).split("-");
  return `mdi${parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")}`;
}

export function nameOf(exported: string): string {
  const dashed = exported
    .slice("mdi".length)
    .replace(/([a-z])(?=[A-Z0-9])|([A-Z0-9])(?=[A-Z][a-z])|([0-9])(?=[A-Z])/g, "$1$2$3-");
  return PREFIX + dashed.toLowerCase().replace("-co-2", "-co2");
}
