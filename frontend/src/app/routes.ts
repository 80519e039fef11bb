// Every page with its address. Home comes with the shell, the others are loaded when they are first opened.
import type { Component } from "svelte";

import type { Need } from "../net/user.svelte";
import Home from "../pages/Home.svelte";

export type Params = Readonly<Record<string, string>>;
/** Pages take `params`, or nothing. */
export type Page = Component<{ params: Params }>;
export type Section = "home" | "devices" | "automations" | "agent" | "settings";

export interface Route {
  readonly pattern: string;
  readonly section: Section | null;
  /** Who else comes here is told that it is not for them. */
  readonly needs?: Need;
  readonly load: () => Promise<{ default: Component<never> }>;
}

export const ROUTES: readonly Route[] = [
  { pattern: "/", section: "home", load: () => Promise.resolve({ default: Home }) },
  { pattern: "/e/:id", section: "home", load: () => import("../pages/Entity.svelte") },
  { pattern: "/e/:domain/:name", section: "home", load: () => import("../pages/Entity.svelte") },
  { pattern: "/devices", section: "devices", load: () => import("../pages/Devices.svelte") },
  {
    pattern: "/automations",
    section: "automations",
    needs: "house",
    load: () => import("../pages/Automations.svelte"),
  },
  {
    pattern: "/automations/new",
    section: "automations",
    needs: "admin",
    load: () => import("../pages/NewAutomation.svelte"),
  },
  {
    pattern: "/automations/:id",
    section: "automations",
    needs: "house",
    load: () => import("../pages/Automation.svelte"),
  },
  {
    pattern: "/automations/:id/runs/:run",
    section: "automations",
    needs: "house",
    load: () => import("../pages/Run.svelte"),
  },
  { pattern: "/agent", section: "agent", load: () => import("../pages/Agent.svelte") },
  { pattern: "/settings", section: "settings", load: () => import("../pages/Settings.svelte") },
  {
    pattern: "/settings/areas",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Areas.svelte"),
  },
  {
    pattern: "/settings/labels",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Labels.svelte"),
  },
  {
    pattern: "/settings/entities",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Entities.svelte"),
  },
  {
    pattern: "/settings/helpers",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Helpers.svelte"),
  },
  {
    pattern: "/settings/updates",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Updates.svelte"),
  },
  {
    pattern: "/settings/users",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Users.svelte"),
  },
  {
    pattern: "/settings/model",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Model.svelte"),
  },
  {
    pattern: "/settings/channels",
    section: "settings",
    needs: "admin",
    load: () => import("../pages/settings/Channels.svelte"),
  },
];

export const NOT_FOUND: Route = { pattern: "*", section: null, load: () => import("../pages/NotFound.svelte") };

export interface Match {
  readonly route: Route;
  readonly params: Params;
}

/** The route of a path with the parameters in it; literal segments win over parameters. */
export function match(path: string): Match {
  for (const route of ROUTES) {
    const params = paramsOf(route.pattern, path);
    if (params !== null) return { route, params };
  }
  return { route: NOT_FOUND, params: {} };
}

function paramsOf(pattern: string, path: string): Params | null {
  const wanted = segments(pattern);
  const given = segments(path);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? "";
    if (segment.startsWith(":")) params[segment.slice(1)] = decodeURIComponent(value);
    else if (segment !== value) return null;
  }
  return params;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** An entity's page. Its id is written without the dot, which in an address stands for a file. */
export function entityPath(entityId: string): string {
  return `/e/${entityId.split(".").map(encodeURIComponent).join("/")}`;
}

export function entityIdOf(params: Params): string {
  return params["id"] ?? `${params["domain"]}.${params["name"]}`;
}
