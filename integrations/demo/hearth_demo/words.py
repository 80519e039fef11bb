"""Names in the languages that the demo home speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A name in English and in Chinese (``zh-Hans``)."""

    en: str
    zh: str

    def spoken(self, language: str) -> str:
        """Return it in a language given as BCP-47 tag; English for one that the home does not speak."""
        return self.zh if is_chinese(language) else self.en

    def foreign(self, language: str) -> str:
        """Return it in the other language: an alias, so that both can be spoken to the home."""
        return self.en if is_chinese(language) else self.zh


def is_chinese(language: str) -> bool:
    """Say whether a BCP-47 tag means Chinese."""
    return language.lower().partition("-")[0] == "zh"
