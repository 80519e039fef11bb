import { fireEvent, render, screen } from "@testing-library/svelte";
import { beforeAll, expect, test } from "vitest";

import { fieldsOfStep, sectionsOfBlueprint } from "../src/forms/schema";
import SchemaForm from "../src/forms/SchemaForm.svelte";
import { initialValues } from "../src/forms/values";
import Combobox from "../src/ui/Combobox.svelte";
import { inEnglish } from "./catalogue";

beforeAll(inEnglish);

test("a form shows each field with its label, help, default and the hub's error", () => {
  const fields = fieldsOfStep([
    { name: "host", selector: { text: {} }, required: true, label: "Address", description: "Name or IP address" },
    { name: "pin", selector: { text: { type: "password" } }, required: true, label: "PIN" },
    { name: "port", selector: { number: {} }, label: "Port", default: 80 },
  ]);
  render(SchemaForm, { fields, values: initialValues(fields), errors: { pin: "The PIN is wrong." } });
  expect(screen.getByLabelText("Address").getAttribute("aria-describedby")).not.toBeNull();
  expect(screen.getByText("Name or IP address")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("PIN").type).toBe("password");
  expect(screen.getByLabelText("PIN").getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("alert").textContent).toBe("The PIN is wrong.");
  expect(screen.getByLabelText<HTMLInputElement>(/Port/).value).toBe("80");
});

test("a required field complains when it is left empty, not before", async () => {
  const fields = fieldsOfStep([{ name: "host", selector: { text: {} }, required: true, label: "Address" }]);
  render(SchemaForm, { fields, values: initialValues(fields) });
  expect(screen.queryByRole("alert")).toBeNull();
  await fireEvent.blur(screen.getByLabelText("Address"));
  expect(screen.getByRole("alert").textContent).toBe("Please fill this in.");
});

test("a secret is shown on request", async () => {
  const fields = fieldsOfStep([{ name: "pin", selector: { text: { type: "password" } }, label: "PIN", required: true }]);
  render(SchemaForm, { fields, values: initialValues(fields) });
  await fireEvent.click(screen.getByRole("button", { name: "Show what is typed" }));
  expect(screen.getByLabelText<HTMLInputElement>("PIN").type).toBe("text");
});

test("a blueprint's number has a slider and a field with its unit", () => {
  const [section] = sectionsOfBlueprint({
    wait: { name: "Wait", default: 120, selector: { number: { min: 0, max: 3600, unit_of_measurement: "s" } } },
  });
  render(SchemaForm, { fields: section!.fields, values: initialValues(section!.fields) });
  expect(screen.getByRole("slider", { name: "Wait" }).getAttribute("aria-valuetext")).toBe("120 s");
  expect(screen.getByRole<HTMLInputElement>("spinbutton", { name: "Wait" }).value).toBe("120");
});

test("a combobox is worked by keyboard alone", async () => {
  const chosen: string[][] = [];
  const options = [
    { value: "light.hall", label: "Hall light" },
    { value: "light.desk", label: "Desk lamp" },
    { value: "lock.door", label: "Door lock" },
  ];
  render(Combobox, { id: "c", options, values: [], onchange: (values: string[]) => chosen.push(values) });
  const input = screen.getByRole("combobox");
  await fireEvent.input(input, { target: { value: "l" } });
  expect(screen.getAllByRole("option").map((option) => option.textContent?.trim())).toEqual([
    "Hall light",
    "Desk lamp",
    "Door lock",
  ]);
  await fireEvent.keyDown(input, { key: "ArrowDown" });
  expect(input.getAttribute("aria-activedescendant")).toBe("c-1");
  await fireEvent.keyDown(input, { key: "Enter" });
  expect(chosen).toEqual([["light.desk"]]);
  expect(input.getAttribute("aria-expanded")).toBe("false");
});

test("what was typed into a combobox counts when it is left, if it is told so", async () => {
  const chosen: string[][] = [];
  const onchange = (values: string[]): number => chosen.push(values);
  render(Combobox, { id: "c", options: [], values: [], custom: true, eager: true, onchange });
  await fireEvent.input(screen.getByRole("combobox"), { target: { value: " /home/meter.yaml" } });
  await fireEvent.focusOut(screen.getByRole("combobox"));
  expect(chosen).toEqual([["/home/meter.yaml"]]);
});

test("a single choice is taken back by deleting it", async () => {
  const chosen: string[][] = [];
  const onchange = (values: string[]): number => chosen.push(values);
  render(Combobox, { id: "c", options: [{ value: "a", label: "A" }], values: ["a"], onchange });
  await fireEvent.click(screen.getByRole("combobox"));
  await fireEvent.keyDown(screen.getByRole("combobox"), { key: "Backspace" });
  expect(chosen).toEqual([[]]);
});

test("text from a device is shown as text", () => {
  const fields = fieldsOfStep([
    { name: "a", selector: { text: {} }, label: "<img src=x onerror=alert(1)>", description: "<b>bold</b>" },
  ]);
  const { container } = render(SchemaForm, { fields, values: {} });
  expect(container.querySelector("img, b")).toBeNull();
  expect(screen.getByText("<b>bold</b>")).toBeTruthy();
});
