"""A worker process that speaks the real frames and does what prompts tell it: die, hang, flood. Run as a program."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

from hub.core.inference import Delta, Embeddings, FinishReason, RankedOption, Ranking, Usage
from hub.inference.protocol import (
    Cancel,
    Count,
    Counted,
    Decide,
    Embed,
    Embedded,
    Event,
    Failed,
    FromWorker,
    Generate,
    Load,
    Message,
    Ranked,
    Ready,
    Step,
    Unusable,
    Wrote,
    encode,
    receive,
)

COMMAND = (sys.executable, "-P", __file__)


class StandIn:
    """Answers at once, unless the first word of the prompt says something else."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deaf: set[int] = set()

    def run(self) -> None:
        """Serve until the hub closes the socket."""
        while (message := receive(self._connection)) is not None:
            self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Load():
                self._load(Path(message.path).stem)
            case Generate():
                self._generate(message.id, *str(message.request.prompt).split())
            case Decide():
                self._die(str(message.request.prompt))
                options = tuple(
                    RankedOption(text=text, probability=0.5, unmasked=0.1) for text in message.request.options
                )
                self._step(Ranked(id=message.id, ranking=Ranking(options=options, outside=0.8)))
            case Embed():
                vectors = tuple((1.0, 0.0) for _ in message.request.texts)
                self._step(Embedded(id=message.id, embeddings=Embeddings(vectors=vectors)))
            case Count():
                self._step(Counted(id=message.id, tokens=len(str(message.prompt).split())))
            case Cancel() if message.id not in self._deaf:
                self._step(Failed(id=message.id, reason="The request was cancelled"))

    def _load(self, model: str) -> None:
        match model.partition("-")[0]:
            case "refused":
                self._send(Unusable(reason="It is no model"))
                sys.exit(0)
            case "deadly":
                os.abort()
            case "stuck":
                time.sleep(600)
        self._send(Ready(model=model, context=1000, memory_mb=12.5, embeddings=2, report={"threads": [1, "measured"]}))

    def _generate(self, id_: int, word: str, *rest: str) -> None:
        match word:
            case "wait":
                self._step(Wrote(id=id_, delta=Delta(text="begun ")))
            case "prefill":
                self._step()
            case "deaf":
                self._deaf.add(id_)
                self._step(Wrote(id=id_, delta=Delta(text="begun ")))
            case "flood":
                for _ in range(int(rest[0])):
                    self._step(Wrote(id=id_, delta=Delta(text="x")))
                self._finish(id_, "")
            case "fail":
                self._step(Failed(id=id_, reason="no", key=rest[0]))
            case "garbage":
                self._connection.sendall(b"\x00\x00\x00\x05hello")
            case "stranger":
                self._finish(id_ + 1000, "?")
            case _:
                self._die(word)
                self._finish(id_, " ".join((word, *rest)))

    def _die(self, word: str) -> None:
        if word in ("SIGKILL", "SIGABRT", "SIGSEGV"):
            os.kill(os.getpid(), signal.Signals[word])
            signal.pause()

    def _finish(self, id_: int, text: str) -> None:
        usage = Usage(prompt_tokens=3, output_tokens=5, first=0.1, duration=0.3)
        self._step(Wrote(id=id_, delta=Delta(text=text, finish=FinishReason.STOP, usage=usage)))

    def _step(self, *events: Event) -> None:
        self._send(Step(events=events, running=1, memory_mb=12.5))

    def _send(self, message: FromWorker) -> None:
        self._connection.sendall(encode(message))


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError), socket.socket(fileno=int(sys.argv[1])) as connection:
        StandIn(connection).run()
