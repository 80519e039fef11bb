"""The model worker: ``python -m hub.inference.worker FD`` serves the hub through an inherited socket, one answer at a time.

It runs apart because native code may end a process, and because its priority and its threads' waiting are a process's. It
ends when the hub's end of the socket closes, whatever it is doing.
"""

from __future__ import annotations

import os
import queue
import resource
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from hub.errors import HubError, InferenceError
from hub.inference.constraint import Grammars
from hub.inference.generation import Generation
from hub.inference.model import CHUNK, Model
from hub.inference.protocol import Cancel, Complete, Done, Failed, Load, Message, Ready, Unusable, encode, receive

NICENESS = 5
"""The hub's event loop goes first."""


class Worker:
    """Answers what comes through the socket: one thread reads, the one that calls ``run`` decodes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._work: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancelled: set[int] = set()

    def run(self) -> None:
        """Load the model that the hub names, then answer until the process ends."""
        threading.Thread(target=self._read, name="frames", daemon=True).start()
        load = self._work.get()
        if not isinstance(load, Load):
            raise InferenceError(f"Expected the model to load first, got {load}")
        try:
            model = Model(Path(load.path), context=load.context, threads=load.threads)
        except HubError as error:
            self._send(Unusable(reason=str(error)))
            return
        grammars = Grammars(model)
        self._send(Ready(model=model.name, context=model.context, memory_mb=_memory_mb()))
        while True:
            self._answer(model, grammars, self._work.get())

    def _answer(self, model: Model, grammars: Grammars, request: Message) -> None:
        if not isinstance(request, Complete):
            raise InferenceError(f"Expected a request, got {request}")
        started = time.perf_counter()
        try:
            constraint = grammars.constraint(request.grammar) if request.grammar is not None else None
            generation = Generation(model, request.prompt, constraint, request.max_tokens)
            self._generate(model, generation, request.id)
        except InferenceError as error:
            self._send(Failed(id=request.id, reason=str(error)))
        else:
            self._send(_done(request.id, generation, time.perf_counter() - started))
        self._cancelled.difference_update({id_ for id_ in tuple(self._cancelled) if id_ <= request.id})

    def _generate(self, model: Model, generation: Generation, id_: int) -> None:
        known = _common(model.tokens, generation.pending[:-1])
        model.rewind(known)
        del generation.pending[:known]
        while not generation.finished:
            while generation.pending:
                if id_ in self._cancelled:
                    raise InferenceError("The request was cancelled")
                model.extend(generation.pending[:CHUNK])
                del generation.pending[:CHUNK]
            generation.advance(model.logits())

    def _read(self) -> None:
        try:
            while (message := receive(self._connection)) is not None:
                if isinstance(message, Cancel):
                    self._cancelled.add(message.id)
                else:
                    self._work.put(message)
        except (InferenceError, OSError) as error:
            _leave(f"{error}", 2)
        _leave(None, 0)

    def _send(self, message: Message) -> None:
        self._connection.sendall(encode(message))


def _common(first: list[int], second: list[int]) -> int:
    """Return how many tokens both begin with."""
    pairs = zip(first, second, strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def _done(id_: int, generation: Generation, duration: float) -> Done:
    return Done(
        id=id_,
        text=generation.text,
        tokens=generation.tokens,
        alternatives=generation.alternatives,
        outside=generation.outside,
        prompt_tokens=generation.prompt_tokens,
        duration=duration,
        memory_mb=_memory_mb(),
    )


def _memory_mb() -> float:
    """Return the most memory that this process has used."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def _leave(reason: str | None, code: int) -> NoReturn:
    """End the process at once: the decoding thread may be deep in native code."""
    if reason:
        sys.stderr.write(f"hearth model worker: {reason}\n")
        sys.stderr.flush()
    os._exit(code)


def main() -> NoReturn:
    """Serve the socket whose file descriptor is the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C and a service manager's stop are for the hub, whose end is ours
    os.nice(NICENESS)
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        try:
            Worker(connection).run()
        except Exception as error:  # noqa: BLE001 - boundary: the worker's main; the hub starts another
            _leave(f"{type(error).__name__}: {error}", 2)
    _leave(None, 0)


if __name__ == "__main__":
    main()
