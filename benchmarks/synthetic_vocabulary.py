"""A vocabulary for a model of random weights: bytes, the words of a home, and made-up words up to the size wanted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import gguf

Pair = tuple[str, str]
"""Two pieces that make a third."""
MOST_LETTERS = 12
CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aeiou"
_TEXT = (
    "the a an and or of to in on off is are at for with from you your home house assistant answer user "
    "system state turn set open close lock unlock start stop play pause dim brighten light lights lamp "
    "switch fan heating climate thermostat temperature humidity door window garage gate cover blind "
    "shutter curtain sensor motion battery alarm camera vacuum media player speaker television kitchen "
    "bedroom bathroom living room office hall garden cellar attic garage upper lower left right ceiling "
    "floor wall table desk main second brightness colour percent minutes degrees warm white cold red "
    "green blue name arguments entity domain area tool call action target value position mode speed level "
    "true false null number text device list every all none now today morning evening night Monday Sunday "
    "what which when how who please can could would do does not no yes if then that this it there here"
)
WORDS = tuple(_TEXT.split())
# fmt: off
MARKS = (
    '":', '":"', '","', '{"', '"}', '["', '"]', '": "', '", "', '"},{"', "\n\n", "://", "...", "_1", "_2", ", ", ". ",
)
# fmt: on
SPECIALS = ("<|im_start|>", "<|im_end|>")


class Family(StrEnum):
    """How text becomes tokens; the names are those of the format."""

    SENTENCEPIECE = "llama"
    BYTE_PAIRS = "gpt2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Tokens in the order of their numbers; those that mean something else than text come first."""

    family: Family
    tokens: list[str]
    kinds: list[gguf.TokenType]
    specials: int
    pairs: list[Pair]

    def add_to(self, writer: gguf.GGUFWriter) -> int:
        """Add it to a model; return how many tokens are special."""
        writer.add_tokenizer_model(self.family)
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.kinds)
        begin = self.tokens.index(_BEGIN_END[self.family][0])
        writer.add_bos_token_id(begin)
        writer.add_eos_token_id(begin + 1)
        writer.add_add_bos_token(True)
        if self.family is Family.BYTE_PAIRS:
            writer.add_tokenizer_pre("llama-bpe")
            writer.add_token_merges([" ".join(pair) for pair in self.pairs])
        else:
            writer.add_token_scores(
                [-float(max(number - self.specials - 256, 0)) for number in range(len(self.tokens))]
            )
        return self.specials


_BEGIN_END = {Family.SENTENCEPIECE: ("<s>", "</s>"), Family.BYTE_PAIRS: ("<|begin_of_text|>", "<|end_of_text|>")}


def vocabulary(family: Family, size: int, seed: int) -> Vocabulary:
    """Return so many tokens."""
    unknown = ("<unk>",) if family is Family.SENTENCEPIECE else ()
    specials = [*unknown, *_BEGIN_END[family], *SPECIALS]
    kinds = [gguf.TokenType.UNKNOWN] * len(unknown)
    kinds += [gguf.TokenType.CONTROL] * (len(specials) - len(unknown))
    base, base_kinds = _sentencepiece() if family is Family.SENTENCEPIECE else _byte_pairs()
    space = " " if family is Family.SENTENCEPIECE else "Ġ"
    missing = size - len(specials) - len(base)
    pairs = _told(_pairs(missing, seed), "▁" if family is Family.SENTENCEPIECE else space)
    tokens = [*specials, *base, *(left + right for left, right in pairs)]
    kinds += [*base_kinds, *[gguf.TokenType.NORMAL] * len(pairs)]
    return Vocabulary(family=family, tokens=tokens, kinds=kinds, specials=len(specials), pairs=pairs)


def _sentencepiece() -> tuple[list[str], list[gguf.TokenType]]:
    numbers = [f"<0x{number:02X}>" for number in range(256)]
    letters = ["▁", *(chr(code) for code in range(33, 127)), "\n"]
    return numbers + letters, [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL] * len(letters)


def _byte_pairs() -> tuple[list[str], list[gguf.TokenType]]:
    return [_letter(number) for number in range(256)], [gguf.TokenType.NORMAL] * 256


def _letter(number: int) -> str:
    """Return how a byte is written in a byte-pair vocabulary: as itself where it can be seen, else moved to where it can."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return chr(number) if number in seen else chr(256 + number - sum(each < number for each in seen))


def _told(pairs: list[Pair], space: str) -> list[Pair]:
    table = str.maketrans({" ": space, "\n": "Ċ" if space == "Ġ" else "\n"})
    return [(left.translate(table), right.translate(table)) for left, right in pairs]


def _pairs(count: int, seed: int) -> list[Pair]:
    """Return so many pairs, each of pieces that are letters or came before, none making what another makes."""
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    words = [*WORDS, *syllables]
    chains = _chains([*MARKS, *words, *(f" {word}" for word in words)])
    found = {left + right: (left, right) for left, right in chains}
    ends, chance = syllables, random.Random(seed)
    begins = [*syllables, *(f" {syllable}" for syllable in syllables)]
    while len(found) < count:
        left, right = chance.choice(begins), chance.choice(ends)
        if left + right not in found:
            found[left + right] = (left, right)
            if len(left + right) <= MOST_LETTERS // 2:
                begins.append(left + right)
                ends.extend([left + right] * (left[0] != " "))
    return list(found.values())[:count]


def _chains(texts: list[str]) -> Iterator[Pair]:
    """Yield the pairs that make each text from its left."""
    for text in texts:
        for end in range(1, len(text)):
            yield text[:end], text[end]
