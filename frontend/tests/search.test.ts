import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, describe, expect, test } from "vitest";

import { home, type Overview } from "../src/home/overview.svelte";
import type { User } from "../src/net/user.svelte";
import { type Findable, searchItems } from "../src/search/items";
import Palette from "../src/search/Palette.svelte";
import { initials } from "../src/search/pinyin";
import { ranked, score } from "../src/search/rank";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);

const OVERVIEW: Overview = {
  name: "Home",
  floors: [{ floor_id: "ground", name: "Ground floor", level: 0 }],
  areas: [
    { area_id: "kitchen", name: "Kitchen", floor_id: "ground", icon: null },
    { area_id: "keting", name: "客厅", floor_id: null, icon: null },
  ],
  devices: [{ id: "d", name: "Oven", area_id: "kitchen", manufacturer: "Acme", model: "O-1", integration: "mqtt" }],
  entities: [
    entity("light.kitchen_light", "Kitchen light", "kitchen"),
    entity("lock.front_door", "Front door lock", null),
    entity("light.ceiling", "客厅吸顶灯", "keting"),
  ],
};
const ADMIN: User = { id: "u", name: "Ada", role: "owner", is_owner: true, is_admin: true, sees_house: true };
const GUEST: User = { ...ADMIN, role: "guest", is_owner: false, is_admin: false, sees_house: false };
const ALL: Findable = { overview: OVERVIEW, automations: [], user: ADMIN };

function entity(entity_id: string, name: string, area_id: string | null): Overview["entities"][number] {
  return { entity_id, name, area_id, device_id: null, integration: "mqtt", category: null, hidden: false };
}

function titles(query: string, all: Findable = ALL): string[] {
  return ranked(query, searchItems(all), 5).map(({ title }) => title);
}

describe("search finds", () => {
  test.each([
    ["kitchen", "Kitchen"],
    ["kitchen li", "Kitchen light"],
    ["ktchn", "Kitchen"],
    ["turn off kitchen light", "Turn off Kitchen light"],
    ["acme", "Oven"],
    ["light.kitchen_light", "Kitchen light"],
    ["rooms", "Rooms and floors"],
    ["客厅", "客厅"],
    ["kt", "客厅"],
    ["xdd", "客厅吸顶灯"],
  ])("%s: %s", (query, title) => {
    expect(titles(query)).toContain(title);
  });

  test("the best first", () => {
    expect(titles("kitchen")[0]).toBe("Kitchen");
    expect(score("light", "Kitchen light")).toBeGreaterThan(score("ight", "Kitchen light"));
  });

  test("nothing for what is not there", () => {
    expect(titles("zzzz")).toEqual([]);
  });

  test("no way to unlock a door in one step, and no settings for who may not change them", () => {
    expect(titles("unlock front door")).toEqual([]);
    expect(titles("lock front door")).toContain("Lock Front door lock");
    expect(titles("helpers", { ...ALL, user: GUEST })).toEqual([]);
    expect(titles("automations")).toContain("Automations");
    expect(titles("automations", { ...ALL, user: GUEST })).not.toContain("Automations");
  });
});

test("Chinese words have the initials of their sounds", () => {
  expect([initials("客厅"), initials("卧室灯2"), initials("厨房"), initials("Kitchen")]).toEqual([
    "kt",
    "wsd2",
    "cf",
    "",
  ]);
});

test("the palette is worked by keyboard alone", async () => {
  Object.assign(HTMLDialogElement.prototype, {
    showModal(this: HTMLDialogElement) {
      this.open = true;
    },
  });
  expect(home.overview).toBeNull();
  render(Palette, { onclose: () => undefined });
  const input = screen.getByRole("combobox", { hidden: true });
  const selected = (): string | undefined =>
    screen.getAllByRole("option", { hidden: true }).find((each) => each.getAttribute("aria-selected") === "true")?.id;
  expect(input.getAttribute("aria-activedescendant")).toBe(selected());
  const first = selected();
  await fireEvent.keyDown(input, { key: "ArrowDown" });
  expect(selected()).not.toBe(first);
  await fireEvent.keyDown(input, { key: "ArrowUp" });
  expect(selected()).toBe(first);
  await fireEvent.input(input, { target: { value: "is the door locked?" } });
  expect(screen.getByText("Ask the agent: “is the door locked?”")).toBeTruthy();
});
