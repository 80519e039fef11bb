"""The parts of a climate device, as a table: the fact that each is about, its topics and templates, and its kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub import ClimateFeature


class Kind(StrEnum):
    """What kind of value a part has."""

    TEMPERATURE = "temperature"
    NUMBER = "number"
    MODE = "mode"
    PRESET = "preset"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part.

    ``stem`` begins the keys of its topics and templates. What is measured cannot be ``commanded``. ``choices`` is the key
    with the modes allowed. ``feature`` comes with the command's topic, or with either topic (``by_state``). ``default`` is
    its value where no topic tells it.
    """

    fact: str
    kind: Kind
    stem: str
    commanded: bool = True
    choices: str = ""
    feature: int = 0
    by_state: bool = True
    default: str | None = None

    @property
    def state_topic(self) -> str:
        """The key of the topic that tells its value."""
        return f"{self.stem}_state_topic" if self.commanded else f"{self.stem}_topic"

    @property
    def state_template(self) -> str:
        """The key of the template for that."""
        if self.kind is Kind.PRESET:
            return f"{self.stem}_value_template"
        return f"{self.stem}_state_template" if self.commanded else f"{self.stem}_template"

    @property
    def command_topic(self) -> str:
        """The key of the topic that takes commands."""
        return f"{self.stem}_command_topic"

    @property
    def command_template(self) -> str:
        """The key of the template for those."""
        return f"{self.stem}_command_template"


_F = ClimateFeature

PARTS: tuple[Part, ...] = (
    Part(fact="hvac_action", kind=Kind.ACTION, stem="action", commanded=False),
    Part(fact="current_humidity", kind=Kind.NUMBER, stem="current_humidity", commanded=False),
    Part(fact="current_temperature", kind=Kind.TEMPERATURE, stem="current_temperature", commanded=False),
    Part(fact="humidity", kind=Kind.NUMBER, stem="target_humidity", feature=_F.TARGET_HUMIDITY, by_state=False),
    Part(fact="hvac_mode", kind=Kind.MODE, stem="mode", choices="modes", default="off"),
    Part(fact="fan_mode", kind=Kind.MODE, stem="fan_mode", choices="fan_modes", feature=_F.FAN_MODE, default="low"),
    Part(
        fact="swing_mode",
        kind=Kind.MODE,
        stem="swing_mode",
        choices="swing_modes",
        feature=_F.SWING_MODE,
        default="off",
    ),
    Part(
        fact="swing_horizontal_mode",
        kind=Kind.MODE,
        stem="swing_horizontal_mode",
        choices="swing_horizontal_modes",
        feature=_F.SWING_HORIZONTAL_MODE,
        default="off",
    ),
    Part(fact="preset_mode", kind=Kind.PRESET, stem="preset_mode", feature=_F.PRESET_MODE, by_state=False),
    Part(fact="temperature", kind=Kind.TEMPERATURE, stem="temperature", feature=_F.TARGET_TEMPERATURE),
    Part(
        fact="target_temp_low",
        kind=Kind.TEMPERATURE,
        stem="temperature_low",
        feature=_F.TARGET_TEMPERATURE_RANGE,
    ),
    Part(
        fact="target_temp_high",
        kind=Kind.TEMPERATURE,
        stem="temperature_high",
        feature=_F.TARGET_TEMPERATURE_RANGE,
    ),
)
BY_FACT = {part.fact: part for part in PARTS}
