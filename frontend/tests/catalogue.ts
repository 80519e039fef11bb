// For tests of what is shown: the English catalogue, without waiting for its chunk.
import english from "../src/i18n/en.json";
import { showCatalogue } from "../src/i18n/messages.svelte";

export function inEnglish(): void {
  showCatalogue("en", english);
}
