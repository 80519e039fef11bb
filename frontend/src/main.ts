import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { preferences } from "./app/preferences.svelte";
import { router } from "./app/router.svelte";
import { setLanguage } from "./i18n/messages.svelte";

async function start(): Promise<void> {
  preferences.applyTheme();
  router.start();
  await setLanguage(preferences.language);
  const target = document.querySelector("#app")!;
  target.replaceChildren();
  mount(App, { target });
}

void start();
