"""The model worker: ``python -m hub.inference.worker FD`` serves the hub through an inherited socket.

It runs apart because native code may end a process, and because its priority and its threads' waiting are a process's. It
ends when the hub's end of the socket closes, whatever it is doing: the thread that reads frames sees to that from the very
first moment, before the native libraries are loaded. The thread that calls ``run`` decodes.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from hub.errors import HubError, InferenceError, ModelUnavailable
from hub.inference.protocol import Failed, FromHub, FromWorker, Load, Message, Step, Unusable, encode, receive
from hub.inference.settings import EngineSettings

if TYPE_CHECKING:
    from hub.inference.engine.serving import Service

_FIRST_VICTIM = "500"


class Worker:
    """Answers what comes through the socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._loads: SimpleQueue[Load] = SimpleQueue()
        self._service: Service | None = None

    def run(self) -> None:
        """Load the model that the hub names, then answer until the process ends."""
        _start("frames", self._read)
        load = self._loads.get()
        _confine(load.settings)
        try:
            service = import_module("hub.inference.engine.serving").Service(load, self._send, _start)
        except (HubError, MemoryError) as error:
            self._send(Unusable(reason=str(error) or f"Expected enough memory for {load.path}, there is too little"))
            return
        self._service = service
        service.serve()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while (message := receive(self._connection)) is not None:
                self._hear(message)
        _leave(None, 0)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Load) and self._service is None:
            self._loads.put(message)
        elif self._service is not None:
            self._service.hear(message)
        elif isinstance(message, FromHub) and not isinstance(message, Load):
            error = ModelUnavailable("The model is still being loaded")
            self._send(Step(events=(Failed(id=message.id, reason=str(error), key=error.key),)))
        else:
            raise InferenceError(f"Expected a model to load, got {message}")

    def _send(self, message: FromWorker) -> None:
        frame = encode(message)
        with (
            self._sending,
            contextlib.suppress(BrokenPipeError, ConnectionResetError),
        ):  # the reading thread sees it too
            self._connection.sendall(frame)


def _confine(settings: EngineSettings) -> None:
    """Put the limits of the settings on this process; the hub goes first.

    ``RLIMIT_AS`` would not do: threads and libraries reserve address space that nobody uses, and weights are mapped.
    """
    os.nice(settings.niceness)
    if settings.memory is not None:
        with contextlib.suppress(ValueError, OSError):  # a lower limit stands already
            resource.setrlimit(resource.RLIMIT_DATA, (settings.memory, settings.memory))
    with contextlib.suppress(OSError):  # there is none outside Linux
        Path("/proc/self/oom_score_adj").write_text(_FIRST_VICTIM)


def _start(name: str, act: Callable[[], None]) -> None:
    threading.Thread(target=_guarded, args=(act,), name=name, daemon=True).start()


def _guarded(act: Callable[[], None]) -> None:
    """Do something; if it fails, the process ends."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 - boundary: the worker's threads; the hub starts another
        _leave(f"{type(error).__name__}: {error}", 2)


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
    with socket.socket(fileno=int(sys.argv[1])) as connection:
        _guarded(Worker(connection).run)
    _leave(None, 0)


if __name__ == "__main__":
    main()
