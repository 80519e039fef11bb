import { mdiCogOutline, mdiDevices, mdiHomeOutline, mdiMessageTextOutline, mdiRobotOutline } from "@mdi/js";

import type { Section } from "../app/routes";
import type { MessageKey } from "../i18n/messages.svelte";
import { isShown, type Need, type User } from "../net/user.svelte";

export interface NavigationItem {
  readonly section: Section;
  readonly href: string;
  readonly icon: string;
  readonly label: MessageKey;
  readonly needs?: Need;
}

const NAVIGATION: readonly NavigationItem[] = [
  { section: "home", href: "/", icon: mdiHomeOutline, label: "nav.home" },
  { section: "devices", href: "/devices", icon: mdiDevices, label: "nav.devices" },
  { section: "automations", href: "/automations", icon: mdiRobotOutline, label: "nav.automations", needs: "house" },
  { section: "agent", href: "/agent", icon: mdiMessageTextOutline, label: "nav.agent" },
  { section: "settings", href: "/settings", icon: mdiCogOutline, label: "nav.settings" },
];

/** The sections for a user. */
export function navigationFor(user: User | null): readonly NavigationItem[] {
  return NAVIGATION.filter(({ needs }) => isShown(needs, user));
}
