import { fireEvent, render, screen, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, test, vi } from "vitest";

import type { AgentStatus } from "../src/agent/status.svelte";
import ModelCard from "../src/model/ModelCard.svelte";
import ModelList from "../src/model/ModelList.svelte";
import type { ModelRow } from "../src/model/models.svelte";
import ServerList from "../src/model/ServerList.svelte";
import { bytes, chosen, details } from "../src/model/words";
import { HubProblem } from "../src/net/problem";
import { inEnglish } from "./catalogue";

beforeAll(() => {
  inEnglish();
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement): void {
    this.open = true;
  };
});

const READY: AgentStatus = {
  ...{ state: "ready", model: "home-6m-q8_0", reason: null, memory_mb: 77.2, running: 2, waiting: 1, restarts: 0 },
  ...{ context: 512, cells: 41, tokens_per_second: 96.8, loading: null, failed: null },
  report: {
    split_mode: ["none", "there are 0 graphics processors"],
    threads: [1, "of 2 processors one is left to the hub"],
    n_ctx: [8192, "the model's own"],
    repack: [false, "llama.cpp has no quicker form"],
    gpu_layers: [0, "built for processors only"],
    news: ["x", "an unknown setting"],
  },
};

function model(name: string, extra: Partial<ModelRow> = {}): ModelRow {
  const known = { size: 6_400_000, parameters: 5_900_000, quantisation: "Q8_0", context: 512 };
  return { name, ...known, built_in: false, in_use: false, written: false, problem: null, ...extra };
}

const ROWS = [model("home-6m", { in_use: true, written: true }), model("other")];

function listing(status: Partial<AgentStatus> = {}, rows: readonly ModelRow[] = ROWS) {
  const use = vi.fn((_: string) => Promise.resolve());
  render(ModelList, { rows, status: { ...READY, ...status }, use });
  return use;
}

describe("the words", () => {
  test.each([
    [4, "4 byte"],
    [6_400_000, "6.4 MB"],
    [730_000_000, "730 MB"],
    [4_100_000_000, "4.1 GB"],
  ])("%d bytes are %s", (size, text) => expect(bytes(size)).toBe(text));

  test("a file that cannot be read has no more than a size", () => {
    expect(details(model("x"))).toBe("5.9 million weights · Q8_0 · 6.4 MB · 512 tokens of context");
    expect(details(model("x", { parameters: null, quantisation: null, context: null }))).toBe("6.4 MB");
  });

  test("the choices come with what matters first, and without GPUs where none is used", () => {
    expect(chosen(READY.report).map(({ name, value }) => [name, value])).toEqual([
      ["Context", "8,192"],
      ["Threads for writing", "1"],
      ["Second form of the weights", "off"],
      ["Layers on graphics processors", "0"],
      ["news", "x"],
    ]);
    const [layers, split] = chosen({ split_mode: ["layer", ""], gpu_layers: [-1, ""] });
    expect([layers?.value, split?.value]).toEqual(["all", "layer"]);
  });
});

describe("the card", () => {
  test("shows how the model is and what it has to do", () => {
    render(ModelCard, { status: READY, name: "home-6m" });
    expect(screen.getByRole("heading").textContent).toBe("home-6m");
    for (const text of ["Ready", "97 tokens/s", "77 MB", "41 of 512"]) expect(screen.getByText(text)).toBeTruthy();
    expect(screen.queryByText("Restarts")).toBeNull();
    expect(screen.getByText("of 2 processors one is left to the hub").closest("details")?.open).toBe(false);
  });

  test("says why there is no model", () => {
    const nothing = { model: null, memory_mb: null, context: null, tokens_per_second: null, report: {} };
    render(ModelCard, { status: { ...READY, ...nothing, state: "failed", reason: "It needs 9 GB.", restarts: 2 } });
    for (const text of ["No model", "Failed", "It needs 9 GB.", "Restarts"]) expect(screen.getByText(text)).toBeTruthy();
  });
});

describe("the list", () => {
  test("changes the model only after a confirmation", async () => {
    const use = listing();
    await fireEvent.click(screen.getByRole("button", { name: "Use other" }));
    const dialog = screen.getByRole("dialog");
    expect(within(dialog).getByText(/home-6m finishes what it has begun/)).toBeTruthy();
    expect(within(dialog).getByText(/trained for commands/)).toBeTruthy();
    expect(use).not.toHaveBeenCalled();
    await fireEvent.click(within(dialog).getByRole("button", { name: "Use" }));
    expect(use).toHaveBeenCalledWith("other");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("shows a change that is under way, whoever began it, and allows no second one", () => {
    listing({ loading: { model: "other", seconds: 75 } }, [...ROWS, model("third")]);
    expect(screen.getByText("Loading · 1m 15s")).toBeTruthy();
    expect(screen.getByRole("progressbar", { name: "other is being loaded" })).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>("button", { name: "Use third" }).disabled).toBe(true);
  });

  test("says in the hub's words why a model could not be used", async () => {
    const use = listing();
    use.mockRejectedValue(new HubProblem("home_assistant_error", "It needs 9 GB. home-6m stays in use"));
    await fireEvent.click(screen.getByRole("button", { name: "Use other" }));
    await fireEvent.click(screen.getByRole("button", { name: "Use" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toBe("other could not be used: It needs 9 GB. home-6m stays in use");
  });

  test("still says it after the page was loaded again", () => {
    listing({ failed: { model: "other", reason: "It is cut off." } });
    expect(screen.getByRole("alert").textContent).toBe("other could not be used: It is cut off.");
  });

  test("offers nothing that cannot work, and a second try for the model that failed", () => {
    listing({ state: "failed", model: null }, [...ROWS, model("broken", { problem: "It is cut off." })]);
    expect(screen.queryByRole("button", { name: "Use broken" })).toBeNull();
    expect(screen.getByText("It is cut off.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Use home-6m" }).textContent).toBe("Try again");
  });

  test("says that another model is chosen than hearth.yaml names", () => {
    listing({}, [model("home-6m", { written: true }), model("other", { in_use: true })]);
    expect(screen.getByText(/By hearth.yaml it would be home-6m/)).toBeTruthy();
  });
});

test("a server shows what it serves, or why it is away", () => {
  const away = { model: null, state: "restarting" as const, reason: "Connection refused", in_flight: 0 };
  render(ServerList, {
    servers: [
      { server: "http://box:8000", model: "qwen", state: "ready", reason: null, in_flight: 3 },
      { server: "http://attic:8000", ...away },
    ],
  });
  const [well, gone] = screen.getAllByRole("listitem").map((row) => row.textContent?.replaceAll(/\s+/g, " ").trim());
  expect(well).toBe("qwen http://box:8000 · 3 at work Ready");
  expect(gone).toContain("http://attic:8000");
  expect(gone).toContain("Connection refused");
  expect(gone).toContain("Away");
});
