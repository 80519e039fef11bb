"""An answer being written, token by token, within its grammar."""

from __future__ import annotations

from collections import deque

from hub.core.inference import CompletionRequest, Delta, FinishReason, Token
from hub.inference.engine.constraint import Matcher
from hub.inference.engine.context import Logits
from hub.inference.engine.request import Order, Request
from hub.inference.engine.sampling import Chooser, Chosen
from hub.inference.engine.text import Text
from hub.inference.engine.vocabulary import Vocabulary
from hub.inference.protocol import Wrote


class Generation(Request):
    """The state of one answer. Tokens that the grammar forces are written without asking the model."""

    def __init__(
        self,
        order: Order,
        tokens: list[int],
        request: CompletionRequest,
        vocabulary: Vocabulary,
        matcher: Matcher | None,
        *,
        shared: int = 0,
    ) -> None:
        super().__init__(order, tokens, shared=shared)
        self._vocabulary = vocabulary
        self._matcher = matcher
        self._limit = request.max_tokens
        self._candidates = request.candidates is not None
        self._chooser = Chooser(request.sampling, vocabulary.size, request.candidates)
        self._text = Text(request.stop)
        self._given = ""
        self._unshown: deque[tuple[int, Token]] = deque()
        self._finish: FinishReason | None = None
        if matcher is not None:
            self._force(matcher)
        self._check_limit()

    @property
    def written(self) -> int:
        """How many tokens it has written."""
        return len(self.tokens) - self.prompt

    @property
    def finished(self) -> bool:
        """Whether it has come to its end."""
        return self._finish is not None

    @property
    def needs(self) -> int:
        return self.prompt + self._limit

    def read(self, row: Logits, now: float) -> bool:
        if self.first is None:
            self.first = now
        matcher = self._matcher
        chosen = self._chooser.choose(row, matcher)
        if chosen.token in self._vocabulary.endings:
            self._finish = FinishReason.STOP
            return True
        self._write(chosen)
        if matcher is not None:
            matcher.accept(chosen.token)
            self._force(matcher)
        self._check_limit()
        return self._finish is not None

    def event(self, now: float) -> Wrote | None:
        finish = self._finish
        text, self._given = self._given, ""
        if finish is None:
            tokens = self._shown() if self._candidates else ()
            return Wrote(id=self.number, delta=Delta(text=text, tokens=tokens)) if text or tokens else None
        text += self._text.end()
        usage = self.usage(now, self.written)
        return Wrote(id=self.number, delta=Delta(text=text, tokens=self._shown(), finish=finish, usage=usage))

    def _force(self, matcher: Matcher) -> None:
        """Write what the grammar leaves no choice about, up to the limit; the end needs no further logits."""
        forced = matcher.forced()[: self._limit - self.written]
        if forced:
            matcher.accept(*forced)
            self._chooser.wrote(*forced)
            for token in forced:
                self._write(Chosen(token=token, log_probability=0.0, candidates=((token, 1.0),)))
        if self._finish is None and matcher.complete:
            self._finish = FinishReason.STOP

    def _check_limit(self) -> None:
        if self._finish is None and self.written >= self._limit:
            self._finish = FinishReason.LENGTH

    def _write(self, chosen: Chosen) -> None:
        if self._finish is not None:
            return
        token = chosen.token
        self.tokens.append(token)
        raw = self._vocabulary.raw(token)
        begin = self._text.written
        self._given += self._text.add(raw)
        if self._candidates:
            self._unshown.append((begin, self._reported(chosen, raw)))
        if self._text.stopped:
            self._finish = FinishReason.STOP

    def _shown(self) -> tuple[Token, ...]:
        """Return the tokens whose text was given out; those of a stop never are."""
        text, unshown, shown = self._text, self._unshown, []
        while unshown and (unshown[0][0] < text.given or text.given == text.written):
            shown.append(unshown.popleft()[1])
        return tuple(shown)

    def _reported(self, chosen: Chosen, raw: bytes) -> Token:
        text = raw.decode(errors="replace")
        return Token(
            text=text,
            log_probability=chosen.log_probability or 0.0,
            candidates=tuple((self._candidate(token), share) for token, share in chosen.candidates),
            outside=chosen.outside,
            raw=raw if text.encode() != raw else None,
        )

    def _candidate(self, token: int) -> str:
        return self._vocabulary.raw(token).decode(errors="replace")
