// The pages on which the home is set up, for those who may.
import {
  mdiAccountGroupOutline,
  mdiBrain,
  mdiChatOutline,
  mdiDevices,
  mdiFormatListBulleted,
  mdiLabelOutline,
  mdiPackageUp,
  mdiSofaOutline,
  mdiToolboxOutline,
} from "@mdi/js";

import type { MessageKey } from "../i18n/messages.svelte";

export interface SettingsPage {
  readonly href: string;
  readonly icon: string;
  readonly title: MessageKey;
  readonly about: MessageKey;
}

export const SETTINGS_PAGES: readonly SettingsPage[] = [
  { href: "/settings/areas", icon: mdiSofaOutline, title: "areas.title", about: "settings.areas" },
  { href: "/devices", icon: mdiDevices, title: "settings.devicesTitle", about: "settings.devices" },
  { href: "/settings/entities", icon: mdiFormatListBulleted, title: "entities.title", about: "settings.entities" },
  { href: "/settings/helpers", icon: mdiToolboxOutline, title: "helpers.title", about: "settings.helpers" },
  { href: "/settings/labels", icon: mdiLabelOutline, title: "labels.title", about: "settings.labels" },
  { href: "/settings/updates", icon: mdiPackageUp, title: "updates.title", about: "settings.updates" },
  { href: "/settings/users", icon: mdiAccountGroupOutline, title: "users.title", about: "settings.users" },
  { href: "/settings/channels", icon: mdiChatOutline, title: "channels.title", about: "settings.channels" },
  { href: "/settings/model", icon: mdiBrain, title: "model.title", about: "settings.model" },
];
