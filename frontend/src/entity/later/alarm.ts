// What an alarm panel can be set to, and whether it wants its code for that.
import type { MessageKey } from "../../i18n/messages.svelte";
import type { Attributes } from "../../live/state";
import { supports, textOf } from "../attributes";
import { ALARM } from "./features";

export interface AlarmMode {
  readonly state: string;
  readonly service: string;
  readonly label: MessageKey;
}

const MODES: readonly (AlarmMode & { bit: number })[] = [
  { bit: ALARM.home, state: "armed_home", service: "alarm_arm_home", label: "alarm.home" },
  { bit: ALARM.away, state: "armed_away", service: "alarm_arm_away", label: "alarm.away" },
  { bit: ALARM.night, state: "armed_night", service: "alarm_arm_night", label: "alarm.night" },
  { bit: ALARM.vacation, state: "armed_vacation", service: "alarm_arm_vacation", label: "alarm.vacation" },
  { bit: ALARM.bypass, state: "armed_custom_bypass", service: "alarm_arm_custom_bypass", label: "alarm.bypass" },
];

const DISARM: AlarmMode = { state: "disarmed", service: "alarm_disarm", label: "alarm.disarm" };

/** From rest one arms; from anything else one disarms. */
export function alarmChoices(state: string, attributes: Attributes): readonly AlarmMode[] {
  return state === "disarmed" ? MODES.filter(({ bit }) => supports(attributes, bit)) : [DISARM];
}

/** "number" or "text" if the code is wanted for this, null if not. */
export function codeWanted(choice: AlarmMode, attributes: Attributes): "number" | "text" | null {
  const format = textOf(attributes, "code_format");
  if (format !== "number" && format !== "text") return null;
  return choice.state === "disarmed" || attributes["code_arm_required"] !== false ? format : null;
}
