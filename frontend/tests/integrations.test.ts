// An integration is named in the language of the page, where it says how.
import { expect, test } from "vitest";

import { type Integration, translated } from "../src/devices/integrations.svelte";

const speaker = {
  name: "demo",
  title: "Demo speaker",
  description: "It plays.",
  translations: { "zh-Hans": { name: "演示音箱" } },
} as Partial<Integration> as Integration;

test("what is not translated stays as it is", () => {
  expect(translated(speaker, "zh-Hans")).toMatchObject({ title: "演示音箱", description: "It plays." });
  expect(translated(speaker, "en")).toMatchObject({ title: "Demo speaker", description: "It plays." });
});
