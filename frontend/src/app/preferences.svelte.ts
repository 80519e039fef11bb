// What this browser remembers about how the dashboard looks. The same key is read in theme.js before first paint.
import { detectedLanguage, type Language, LANGUAGES, setLanguage } from "../i18n/messages.svelte";

export type Theme = "system" | "light" | "dark";

interface Kept {
  theme: Theme;
  language: Language | null;
  railCollapsed: boolean;
}

const KEY = "hearth.preferences";
const DEFAULTS: Kept = { theme: "system", language: null, railCollapsed: false };

class Preferences {
  #kept = $state.raw<Kept>(read());

  get theme(): Theme {
    return this.#kept.theme;
  }

  get railCollapsed(): boolean {
    return this.#kept.railCollapsed;
  }

  get language(): Language {
    return this.#kept.language ?? detectedLanguage();
  }

  change(part: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...part };
    localStorage.setItem(KEY, JSON.stringify(this.#kept));
    this.applyTheme();
  }

  async changeLanguage(code: Language): Promise<void> {
    await setLanguage(code);
    this.change({ language: code });
  }

  applyTheme(): void {
    const root = document.documentElement;
    if (this.theme === "system") delete root.dataset["theme"];
    else root.dataset["theme"] = this.theme;
  }
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>;
    const known = LANGUAGES.some(({ code }) => code === kept.language);
    return { ...DEFAULTS, ...kept, language: known ? (kept.language ?? null) : null };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = new Preferences();
