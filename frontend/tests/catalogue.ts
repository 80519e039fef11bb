// For tests of what is shown: the English catalogue, without waiting for its chunks.
import home from "../src/i18n/home/en.json";
import pages from "../src/i18n/pages/en.json";
import { showCatalogue } from "../src/i18n/messages.svelte";

export function inEnglish(): void {
  showCatalogue("en", { ...home, ...pages });
}
