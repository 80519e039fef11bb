// Keys that work on every page, outside of fields; search opens from within them too.
import type { MessageKey } from "../i18n/messages.svelte";
import { overlays } from "../shell/overlays.svelte";
import { router } from "./router.svelte";

interface Shortcut {
  readonly keys: string;
  readonly label: MessageKey;
  readonly run: () => void;
}

/** The key that goes with a letter: Command on a Mac, Control elsewhere. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

const SEQUENCE_MS = 1_000;

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: `${COMMAND_KEY}+K`, label: "search.title", run: () => overlays.show("search") },
  { keys: `${COMMAND_KEY}+Z`, label: "undo", run: undoLatest },
  { keys: "/", label: "shortcut.filter", run: focusFilter },
  { keys: "g h", label: "nav.home", run: () => router.go("/") },
  { keys: "g d", label: "nav.devices", run: () => router.go("/devices") },
  { keys: "g a", label: "nav.automations", run: () => router.go("/automations") },
  { keys: "g c", label: "nav.agent", run: () => router.go("/agent") },
  { keys: "g s", label: "nav.settings", run: () => router.go("/settings") },
  { keys: "?", label: "shortcut.title", run: () => overlays.show("help") },
];

/** Listen for the shortcuts until the returned function is called. */
export function listenForShortcuts(): () => void {
  let leader = "";
  let at = 0;
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || document.querySelector("dialog[open]") !== null) return;
    const keys = event.timeStamp - at < SEQUENCE_MS && leader !== "" ? `${leader} ${keyOf(event)}` : keyOf(event);
    if (isTyping(event.target) && keys !== `${COMMAND_KEY}+K`) return;
    leader = event.key === "g" ? "g" : "";
    at = event.timeStamp;
    const run = SHORTCUTS.find((shortcut) => shortcut.keys === keys)?.run;
    if (run === undefined) return;
    event.preventDefault();
    run();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function keyOf({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): string {
  return ctrlKey || metaKey ? `${COMMAND_KEY}+${shiftKey ? "Shift+" : ""}${key.toUpperCase()}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const inField = target.matches("input:not([type=checkbox], [type=range], [type=radio]), textarea, select");
  return inField || target.isContentEditable;
}

/** Nothing can have been edited before the edits were loaded. */
function undoLatest(): void {
  void import("./edits.svelte").then(({ edits }) => edits.undoLatest());
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>("input[data-filter]")?.focus();
}
