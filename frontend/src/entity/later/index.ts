export { iconFor, toneFor } from "./look";
export { SAY } from "./say";
export { default as Full } from "./Full.svelte";
export { default as Quick } from "./Quick.svelte";
export { default as Wide } from "./Wide.svelte";
