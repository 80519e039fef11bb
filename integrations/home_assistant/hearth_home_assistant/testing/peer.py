"""A real Home Assistant as a process: for tests that talk to one, and for benchmarks beside one."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hearth_home_assistant.testing.access import give_access

_ENVIRONMENTS = Path(__file__).parents[4] / ".build" / "peers"
_LAUNCH = Path(__file__).with_name("launch.py")
_PATIENCE = 60.0
_POLL = 0.1

INSTALL = "python3 script peers home-assistant"
"""The command that installs it, beside a checkout of Hearth."""

CORE = """\
homeassistant:
  name: A real home
  latitude: 52.3
  longitude: 4.9
  elevation: 0
  unit_system: metric
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {port}
{tls}api:
auth:
websocket_api:
config:
"""
DEMO = "demo:\n"
"""Home Assistant's demo integration: simulated entities of nearly every domain."""


def installed(name: str = "home-assistant") -> Path | None:
    """Return the Python of an installed Home Assistant's environment, or None."""
    python = _ENVIRONMENTS / name / "bin" / "python"
    return python if (python.parent / "hass").exists() else None


@dataclass(slots=True, kw_only=True)
class HomeAssistant:
    """A Home Assistant over a configuration folder, reached at ``url`` with ``token``. It can be stopped and started again.

    ``certificate`` is the file of its own, if it speaks TLS.
    """

    python: Path
    folder: Path
    port: int
    token: str
    certificate: Path | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``, or ``https``."""
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None, "Expected a Home Assistant that runs"
        return self._process.pid

    @property
    def log(self) -> str:
        """What it logged since it was started."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    @property
    def _output(self) -> Path:
        return self.folder / "output.log"

    def start(self) -> None:
        """Start it and wait until everything in it is set up.

        Raises RuntimeError with its log if it ends or takes longer than a minute.
        """
        command = [self.python, _LAUNCH, self.folder]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=self.folder
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Expected Home Assistant to run within {_PATIENCE:g} s, got:\n{self.log[-4000:]}")
            time.sleep(_POLL)  # it does not tell anybody when it is ready

    def stop(self) -> None:
        """End it, by force if it does not go, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_PATIENCE / 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None, "Expected a Home Assistant that runs"
        self._process.kill()
        self.stop()

    def ask(self, path: str, document: Any = None) -> Any:
        """Return what its REST API answers at ``/api/<path>``: to a POST where there is a ``document``, else to a GET."""
        body = None if document is None else json.dumps(document).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/{path}", body, headers)  # noqa: S310 - http on loopback
        trust = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        with urllib.request.urlopen(request, timeout=_PATIENCE, context=trust) as response:  # noqa: S310
            return json.load(response)

    def _is_ready(self) -> bool:
        try:
            return bool(self.ask("config")["state"] == "RUNNING")
        except (OSError, urllib.error.URLError, ValueError, KeyError):
            return False


def prepare(
    python: Path, folder: Path, configuration: str = DEMO, *, tls: tuple[Path, Path] | None = None
) -> HomeAssistant:
    """Return a Home Assistant, not yet started, over ``folder``; ``configuration`` goes into its ``configuration.yaml``.

    With ``tls``, the files of a certificate and its key, it speaks TLS.
    """
    port = _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    lines = f"  ssl_certificate: {tls[0]}\n  ssl_key: {tls[1]}\n" if tls else ""
    (folder / "configuration.yaml").write_text(CORE.format(port=port, tls=lines) + configuration)
    certificate = tls[0] if tls else None
    return HomeAssistant(python=python, folder=folder, port=port, token=give_access(folder), certificate=certificate)


@contextmanager
def home_assistant(
    folder: Path, configuration: str = DEMO, *, python: Path | None = None, tls: tuple[Path, Path] | None = None
) -> Iterator[HomeAssistant]:
    """Run a Home Assistant for the time of the block; ``peer.url``, ``peer.token`` and ``peer.pid`` lead to it.

    Raises RuntimeError if none is installed.
    """
    python = python or installed()
    if python is None:
        raise RuntimeError(f"Expected a Home Assistant in {_ENVIRONMENTS}, found none: {INSTALL}")
    peer = prepare(python, folder, configuration, tls=tls)
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
