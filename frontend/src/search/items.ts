// Everything that can be found: pages, rooms, devices, entities, automations, and what can be done at once.
import { mdiDevices, mdiFlashOutline, mdiMessageTextOutline, mdiPlus, mdiRobotOutline, mdiSofaOutline } from "@mdi/js";

import type { AutomationInfo } from "../automations/automations.svelte";
import { entityPath } from "../app/routes";
import { iconOf } from "../entity/icon";
import { fullName } from "../entity/names";
import { titled } from "../forms/schema";
import type { EntityInfo, Overview } from "../home/overview.svelte";
import { t, word } from "../i18n/messages.svelte";
import type { Deed } from "../live/act";
import { domainOf } from "../live/state";
import { SETTINGS_PAGES } from "../settings/pages";
import type { User } from "../net/user.svelte";
import { navigationFor } from "../shell/navigation";
import type { Searchable } from "./rank";

export interface SearchItem extends Searchable {
  readonly id: string;
  readonly icon: string;
  /** Where choosing it leads, or what it does. */
  readonly href?: string;
  readonly deed?: Deed;
}

export interface Findable {
  readonly overview: Overview;
  readonly automations: readonly AutomationInfo[];
  readonly user: User | null;
}

const PAGE_BONUS = 6;
const ROOM_BONUS = 8;
const ENTITY_BONUS = 4;

export function searchItems(all: Findable): SearchItem[] {
  return [...pages(all.user), ...rooms(all.overview), ...devices(all.overview), ...entities(all), ...automations(all)];
}

export function pages(user: User | null): SearchItem[] {
  const detail = t("search.page");
  const plain = navigationFor(user).map(({ href, icon, label }) => ({ href, icon, title: t(label) }));
  const config = SETTINGS_PAGES.filter(({ href }) => href.startsWith("/settings")).map(({ href, icon, title }) => ({
    href,
    icon,
    title: t(title),
  }));
  const make = { href: "/automations/new", icon: mdiPlus, title: t("automations.new") };
  const shown = user?.is_admin ? [...plain, ...config, make] : plain;
  return shown.map((page) => ({ ...page, id: `page:${page.href}`, detail, bonus: PAGE_BONUS }));
}

/** What was typed, as something to say to the agent. */
export function askAgent(query: string): SearchItem {
  return {
    id: "agent",
    icon: mdiMessageTextOutline,
    title: t("search.ask", { text: query }),
    detail: t("nav.agent"),
    href: "/agent",
  };
}

function rooms({ areas, floors, entities: all }: Overview): SearchItem[] {
  const levels = new Map(floors.map(({ floor_id, name }) => [floor_id, name]));
  return areas.flatMap(({ area_id, name, floor_id }) => {
    const detail = [t("search.room"), levels.get(floor_id ?? "")].filter(Boolean).join(" · ");
    const room = { id: `area:${area_id}`, icon: mdiSofaOutline, title: name, detail, href: `/?room=${area_id}` };
    const lights = all
      .filter((entity) => entity.area_id === area_id && entity.entity_id.startsWith("light.") && !entity.hidden)
      .map(({ entity_id }) => entity_id);
    return [{ ...room, bonus: ROOM_BONUS }, ...(lights.length > 0 ? lightDeeds(area_id, name, lights) : [])];
  });
}

function lightDeeds(id: string, name: string, entityIds: readonly string[]): SearchItem[] {
  const common = { icon: mdiFlashOutline, detail: t("search.action"), words: "light lights 灯", bonus: ROOM_BONUS };
  const deed = (service: string, state: string): Deed => ({
    entityIds,
    name,
    action: `light.${service}`,
    expect: { state },
  });
  return [
    { ...common, id: `off:${id}`, title: t("search.lightsOff", { name }), deed: deed("turn_off", "off") },
    { ...common, id: `on:${id}`, title: t("search.lightsOn", { name }), deed: deed("turn_on", "on") },
  ];
}

function devices(overview: Overview): SearchItem[] {
  const areas = new Map(overview.areas.map(({ area_id, name }) => [area_id, name]));
  return overview.devices.map(({ id, name, area_id, manufacturer, model }) => ({
    id: `device:${id}`,
    icon: mdiDevices,
    title: name,
    detail: [t("search.device"), areas.get(area_id ?? "")].filter(Boolean).join(" · "),
    words: [manufacturer, model].filter(Boolean).join(" "),
    href: `/devices?device=${id}`,
  }));
}

function entities({ overview }: Findable): SearchItem[] {
  const areas = new Map(overview.areas.map(({ area_id, name }) => [area_id, name]));
  const byId = new Map(overview.devices.map((device) => [device.id, device]));
  return overview.entities
    .filter(({ entity_id }) => !entity_id.startsWith("automation."))
    .flatMap((entity) => {
      const name = fullName(entity, byId.get(entity.device_id ?? ""), entity.entity_id);
      return entityItems(entity, name, areas.get(entity.area_id ?? "") ?? "");
    });
}

function entityItems({ entity_id, category, hidden }: EntityInfo, name: string, area: string): SearchItem[] {
  const domain = domainOf(entity_id);
  const kind = word(`search.domain.${domain}`) ?? titled(domain);
  const detail = [kind, area].filter(Boolean).join(" · ");
  const found = {
    id: `entity:${entity_id}`,
    icon: iconOf(entity_id, undefined),
    title: name,
    detail,
    words: entity_id,
    href: entityPath(entity_id),
    bonus: category === null && !hidden ? ENTITY_BONUS : 0,
  };
  return [found, ...deeds(entity_id, name, area)];
}

interface Doable {
  readonly service: string;
  readonly title: "search.turnOn" | "search.turnOff" | "search.open" | "search.close" | "search.lock" | "search.start";
  readonly state?: string;
}

const POWER: readonly Doable[] = [
  { service: "turn_off", title: "search.turnOff", state: "off" },
  { service: "turn_on", title: "search.turnOn", state: "on" },
];

/** What is safe to do in one step. Unlocking is not: that is done where the lock is seen. */
const DOABLE: Readonly<Record<string, readonly Doable[]>> = {
  button: [{ service: "press", title: "search.start" }],
  climate: [],
  cover: [
    { service: "open_cover", title: "search.open" },
    { service: "close_cover", title: "search.close" },
  ],
  fan: POWER,
  humidifier: POWER,
  input_boolean: POWER,
  input_button: [{ service: "press", title: "search.start" }],
  light: POWER,
  lock: [{ service: "lock", title: "search.lock", state: "locked" }],
  remote: POWER,
  scene: [{ service: "turn_on", title: "search.start" }],
  script: [{ service: "turn_on", title: "search.start" }],
  switch: POWER,
  timer: [{ service: "start", title: "search.start" }],
  vacuum: [{ service: "start", title: "search.start" }],
  valve: [
    { service: "open_valve", title: "search.open" },
    { service: "close_valve", title: "search.close" },
  ],
};

function deeds(entityId: string, name: string, area: string): SearchItem[] {
  const domain = domainOf(entityId);
  return (DOABLE[domain] ?? []).map(({ service, title, state }) => ({
    id: `${service}:${entityId}`,
    icon: mdiFlashOutline,
    title: t(title, { name }),
    detail: [t("search.action"), area].filter(Boolean).join(" · "),
    deed: {
      entityIds: [entityId],
      name,
      action: `${domain}.${service}`,
      ...(state !== undefined && { expect: { state } }),
    },
  }));
}

function automations({ automations: all, user }: Findable): SearchItem[] {
  return all.flatMap(({ id, alias, entity_id }) => {
    const detail = t("search.automation");
    const found = {
      id: `automation:${id}`,
      icon: mdiRobotOutline,
      title: alias,
      detail,
      href: `/automations/${encodeURIComponent(id)}`,
    };
    if (entity_id === null || !user?.is_admin) return [found];
    const deed = { entityIds: [entity_id], name: alias, action: "automation.trigger" };
    const run = {
      id: `run:${id}`,
      icon: mdiFlashOutline,
      title: t("search.start", { name: alias }),
      detail: t("search.action"),
      deed,
    };
    return [found, run];
  });
}
