import { afterEach, beforeAll, expect, test } from "vitest";

import { Edits } from "../src/app/edits.svelte";
import { toasts } from "../src/app/toasts.svelte";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);
afterEach(() => toasts.shown.forEach(({ id }) => toasts.dismiss(id)));

function renaming(names: { now: string }, to: string): Parameters<Edits["make"]>[0] {
  return {
    name: names.now,
    text: `${to} it is`,
    change: async () => {
      const before = names.now;
      names.now = to;
      return before;
    },
    undo: async (before) => (names.now = before as string),
  };
}

function said(): string[] {
  return toasts.shown.map(({ text }) => text);
}

test("an edit is made, told, and taken back by its toast", async () => {
  const room = { now: "Study" };
  const edits = new Edits();
  expect(await edits.make(renaming(room, "Office"))).toBe(true);
  expect([room.now, said()]).toEqual(["Office", ["Office it is"]]);
  toasts.shown[0]!.action!.run();
  await Promise.resolve();
  expect(room.now).toBe("Study");
  await expect.poll(said).toEqual(["Taken back."]);
});

test("the latest is taken back first, each only once", async () => {
  const room = { now: "a" };
  const edits = new Edits();
  await edits.make(renaming(room, "b"));
  await edits.make(renaming(room, "c"));
  expect(await edits.undoLatest()).toBe(true);
  expect(room.now).toBe("b");
  expect(await edits.undoLatest()).toBe(true);
  expect(room.now).toBe("a");
  expect(await edits.undoLatest()).toBe(false);
});

test("an edit that the hub refuses is told with the reason, and leaves nothing to take back", async () => {
  const edits = new Edits();
  const refused = { name: "Study", text: "", change: () => Promise.reject(new Error("The name is taken")) };
  expect(await edits.make(refused)).toBe(false);
  expect(said()).toEqual(["Study: The name is taken"]);
  expect(await edits.undoLatest()).toBe(false);
});

test("what cannot be taken back says so", async () => {
  const edits = new Edits();
  edits.did("Deleted.", () => Promise.reject(new Error("gone")));
  await edits.undoLatest();
  expect(said()).toEqual(["This could not be taken back: gone"]);
});
