// Keys that work on every page, outside of fields.
import { router } from "./router.svelte";
import type { MessageKey } from "../i18n/messages.svelte";

interface Shortcut {
  readonly keys: string;
  readonly label: MessageKey;
  readonly run: () => void;
}

const SEQUENCE_MS = 1_000;

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: "/", label: "shortcut.filter", run: focusFilter },
  { keys: "g h", label: "nav.home", run: () => router.go("/") },
  { keys: "g d", label: "nav.devices", run: () => router.go("/devices") },
  { keys: "g a", label: "nav.automations", run: () => router.go("/automations") },
  { keys: "g c", label: "nav.agent", run: () => router.go("/agent") },
  { keys: "g s", label: "nav.settings", run: () => router.go("/settings") },
];

/** Listen for the shortcuts, and for "?", which calls showHelp. */
export function listenForShortcuts(showHelp: () => void): () => void {
  let leader = "";
  let at = 0;
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const keys = event.timeStamp - at < SEQUENCE_MS && leader !== "" ? `${leader} ${event.key}` : event.key;
    leader = event.key === "g" ? "g" : "";
    at = event.timeStamp;
    const run = keys === "?" ? showHelp : SHORTCUTS.find((shortcut) => shortcut.keys === keys)?.run;
    if (run === undefined) return;
    event.preventDefault();
    run();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const inField = target.matches("input:not([type=checkbox], [type=range], [type=radio]), textarea, select");
  return inField || target.isContentEditable || document.querySelector("dialog[open]") !== null;
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>("input[data-filter]")?.focus();
}
