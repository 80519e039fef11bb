"""What comes from the hub becomes a request of the engine: tokenised, checked, with its grammar. Off the decoding thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from hub.core.inference import Constraint, Piece, Prompt
from hub.errors import PromptTooLong, Unanswerable
from hub.inference.engine.constraint import Grammars
from hub.inference.engine.deciding import Decision
from hub.inference.engine.decision import Options
from hub.inference.engine.embedding import Placement
from hub.inference.engine.generation import Generation
from hub.inference.engine.request import Order, Request
from hub.inference.engine.vocabulary import Vocabulary
from hub.inference.protocol import Decide, Embed, Generate

Clock = Callable[[], float]
Asked = Generate | Decide | Embed
Pieces = tuple[Piece, ...]
_REMEMBERED = 32
_TAIL = 64
"""Characters of a prompt's end that can matter for the tokens of what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """In tokens: the ``context`` that a prompt and its answer share, a ``batch``, and the longest ``text`` to be placed."""

    context: int
    batch: int
    text: int


class Intake:
    """Makes requests for a model that can take what ``bounds`` says; one thread uses it."""

    def __init__(self, vocabulary: Vocabulary, bounds: Bounds, *, clock: Clock = time.monotonic) -> None:
        self._vocabulary = vocabulary
        self._bounds = bounds
        self._clock = clock
        self._grammars = Grammars(vocabulary)
        self._arrivals = count()
        self._shared: dict[Pieces, list[int]] = {}

    def request(self, message: Asked, received: float | None = None) -> Request | Placement:
        """Return the request that a message asks for; ``received`` is when it came.

        Raises PromptTooLong, or Unanswerable.
        """
        received = self._clock() if received is None else received
        match message:
            case Generate():
                return self._generation(message, received)
            case Decide():
                return self._decision(message, received)
            case Embed():
                return self._placement(message, received)

    def warm(self) -> None:
        """Do what the first grammar would have to wait for."""
        self._grammars.constraint(Constraint.choice("x"))

    def _generation(self, message: Generate, received: float) -> Generation:
        wanted = message.request
        if wanted.max_tokens < 1:
            raise Unanswerable(f"Expected at least 1 as max_tokens, got {wanted.max_tokens}")
        tokens, shared = self._tokens(wanted.prompt, wanted.shared, wanted.max_tokens)
        matcher = self._grammars.constraint(wanted.constraint) if wanted.constraint else None
        order = self._order(message, received)
        return Generation(order, tokens, wanted, self._vocabulary, matcher, shared=shared)

    def _decision(self, message: Decide, received: float) -> Decision:
        wanted = message.request
        options = [self._option(wanted.prompt, option) for option in wanted.options]
        longest = max(map(len, options), default=0)
        if longest > self._bounds.batch // 2:
            raise Unanswerable(f"Expected options of at most {self._bounds.batch // 2} tokens, got one of {longest}")
        tokens, shared = self._tokens(wanted.prompt, wanted.shared, longest)
        tree = Options(options, sorted(self._vocabulary.endings))
        return Decision(self._order(message, received), tokens, wanted, tree, shared=shared)

    def _placement(self, message: Embed, received: float) -> Placement:
        texts = [self._vocabulary.whole(text) for text in message.request.texts]
        longest = max(map(len, texts), default=0)
        if longest > self._bounds.text:
            raise PromptTooLong(f"Expected texts of at most {self._bounds.text} tokens to place, got one of {longest}")
        if not all(texts):
            raise Unanswerable("Expected texts to place of at least 1 token each, got an empty one")
        return Placement(self._order(message, received), texts)

    def _order(self, message: Asked, received: float) -> Order:
        wanted = message.request
        return Order(
            number=message.id,
            priority=wanted.priority,
            arrival=next(self._arrivals),
            received=received,
            timeout=wanted.timeout,
        )

    def _tokens(self, prompt: Prompt, shared: int, answer: int) -> tuple[list[int], int]:
        """Return the tokens of a prompt, and how many of them are its shared pieces'."""
        if isinstance(prompt, str) or not 0 < shared < len(prompt):
            tokens, length = self._vocabulary.tokenise(prompt), 0
        else:
            tokens, length = self._after_shared(prompt[:shared], prompt[shared:])
        if not tokens:
            raise Unanswerable("Expected a prompt of at least 1 token, got none")
        if len(tokens) + answer > self._bounds.context:
            raise PromptTooLong(
                f"Expected a prompt and an answer of at most {self._bounds.context} tokens, got {len(tokens)} and {answer}. "
                "Shorten the prompt, or raise inference: context: in hearth.yaml"
            )
        return tokens, length

    def _after_shared(self, shared: Pieces, rest: Pieces) -> tuple[list[int], int]:
        """Tokenise what is shared once, and then only the rest, unless that changes the tokens where they meet."""
        known = self._shared.pop(shared, None) or self._vocabulary.tokenise(shared)
        self._shared[shared] = known
        if len(self._shared) > _REMEMBERED:
            del self._shared[next(iter(self._shared))]
        following = self._following(shared[-1], rest)
        if following is not None:
            return known + following, len(known)
        tokens = self._vocabulary.tokenise((*shared, *rest))
        pairs = enumerate(zip(known, tokens, strict=False))
        return tokens, next((place for place, (one, other) in pairs if one != other), min(len(known), len(tokens)))

    def _following(self, last: Piece, rest: Pieces) -> list[int] | None:
        """Return the tokens of what follows a piece, or None if they reach into it."""
        end = Piece(text=last.text[-_TAIL:], special=last.special)
        before, whole = self._vocabulary.tokenise((end,)), self._vocabulary.tokenise((end, *rest))
        return whole[len(before) :] if whole[: len(before)] == before else None

    def _option(self, prompt: Prompt, option: str) -> list[int]:
        """Return the tokens that an option has after the prompt: there they may be others than alone."""
        last = Piece(text=prompt) if isinstance(prompt, str) else (prompt or (Piece(text=""),))[-1]
        following = self._following(last, (Piece(text=option),))
        return self._vocabulary.plain(option) if following is None else following
