import { mdiCogOutline, mdiDevices, mdiHomeOutline, mdiMessageTextOutline, mdiRobotOutline } from "@mdi/js";

import type { Section } from "../app/routes";
import type { MessageKey } from "../i18n/messages.svelte";

export interface NavigationItem {
  readonly section: Section;
  readonly href: string;
  readonly icon: string;
  readonly label: MessageKey;
}

export const NAVIGATION: readonly NavigationItem[] = [
  { section: "home", href: "/", icon: mdiHomeOutline, label: "nav.home" },
  { section: "devices", href: "/devices", icon: mdiDevices, label: "nav.devices" },
  { section: "automations", href: "/automations", icon: mdiRobotOutline, label: "nav.automations" },
  { section: "agent", href: "/agent", icon: mdiMessageTextOutline, label: "nav.agent" },
  { section: "settings", href: "/settings", icon: mdiCogOutline, label: "nav.settings" },
];
