// Which buttons an entity has: by its features, and greyed by its state.
import {
  mdiArrowCollapseVertical,
  mdiArrowExpandVertical,
  mdiHomeImportOutline,
  mdiMapMarkerQuestionOutline,
  mdiPause,
  mdiPlay,
  mdiStop,
  mdiTargetVariant,
  mdiRestart,
  mdiCheck,
} from "@mdi/js";

import { t } from "../../i18n/messages.svelte";
import { domainOf, type EntityState } from "../../live/state";
import { numberOf, supports } from "../attributes";
import { MOWER, VACUUM, VALVE } from "./features";

export interface EntityButton {
  readonly service: string;
  readonly icon: string;
  readonly label: string;
  readonly useless: boolean;
}

interface Offered extends EntityButton {
  readonly offered: boolean;
}

export function buttonsOf(state: EntityState): readonly EntityButton[] {
  return (BUTTONS[domainOf(state.entityId)]?.(state) ?? []).filter(({ offered }) => offered);
}

const BUTTONS: Readonly<Record<string, (state: EntityState) => readonly Offered[]>> = {
  vacuum: vacuumButtons,
  lawn_mower: mowerButtons,
  valve: valveButtons,
  timer: timerButtons,
};

function vacuumButtons({ state, attributes }: EntityState): readonly Offered[] {
  const has = (bit: number): boolean => supports(attributes, bit);
  const cleaning = state === "cleaning";
  return [
    { service: "start", icon: mdiPlay, label: t("vacuum.start"), offered: has(VACUUM.start), useless: cleaning },
    { service: "pause", icon: mdiPause, label: t("vacuum.pause"), offered: has(VACUUM.pause), useless: !cleaning },
    {
      service: "stop",
      icon: mdiStop,
      label: t("vacuum.stop"),
      offered: has(VACUUM.stop),
      useless: state === "docked" || state === "idle",
    },
    {
      service: "return_to_base",
      icon: mdiHomeImportOutline,
      label: t("vacuum.dock"),
      offered: has(VACUUM.dock),
      useless: state === "docked" || state === "returning",
    },
    {
      service: "clean_spot",
      icon: mdiTargetVariant,
      label: t("vacuum.spot"),
      offered: has(VACUUM.spot),
      useless: false,
    },
    {
      service: "locate",
      icon: mdiMapMarkerQuestionOutline,
      label: t("vacuum.locate"),
      offered: has(VACUUM.locate),
      useless: false,
    },
  ];
}

function mowerButtons({ state, attributes }: EntityState): readonly Offered[] {
  const has = (bit: number): boolean => supports(attributes, bit);
  const mowing = state === "mowing";
  return [
    { service: "start_mowing", icon: mdiPlay, label: t("mower.start"), offered: has(MOWER.start), useless: mowing },
    { service: "pause", icon: mdiPause, label: t("vacuum.pause"), offered: has(MOWER.pause), useless: !mowing },
    {
      service: "dock",
      icon: mdiHomeImportOutline,
      label: t("vacuum.dock"),
      offered: has(MOWER.dock),
      useless: state === "docked" || state === "returning",
    },
  ];
}

function valveButtons({ state, attributes }: EntityState): readonly Offered[] {
  const has = (bit: number): boolean => supports(attributes, bit);
  const position = numberOf(attributes, "current_position");
  const open = position === undefined ? state === "open" : position >= 100;
  return [
    {
      service: "open_valve",
      icon: mdiArrowExpandVertical,
      label: t("cover.open"),
      offered: has(VALVE.open),
      useless: open,
    },
    { service: "stop_valve", icon: mdiStop, label: t("cover.stop"), offered: has(VALVE.stop), useless: false },
    {
      service: "close_valve",
      icon: mdiArrowCollapseVertical,
      label: t("cover.close"),
      offered: has(VALVE.close),
      useless: state === "closed",
    },
  ];
}

function timerButtons({ state }: EntityState): readonly Offered[] {
  const offered = true;
  return [
    { service: "start", icon: mdiPlay, label: t("timer.start"), offered, useless: state === "active" },
    { service: "pause", icon: mdiPause, label: t("timer.pause"), offered, useless: state !== "active" },
    { service: "cancel", icon: mdiRestart, label: t("timer.cancel"), offered, useless: state === "idle" },
    { service: "finish", icon: mdiCheck, label: t("timer.finish"), offered, useless: state === "idle" },
  ];
}
