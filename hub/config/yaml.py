"""YAML as people write it for Home Assistant: with ``!input``, ``!secret`` and ``!include``, and with file and line for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from hub.config.marks import Input, MarkedDict, MarkedList, Secret, locate, unmarked, where
from hub.config.yaml_builder import Budget, Builder, Reference
from hub.errors import ConfigError

__all__ = [
    "MAX_BYTES",
    "Input",
    "MarkedDict",
    "MarkedList",
    "Secret",
    "dump",
    "load_file",
    "load_text",
    "locate",
    "unmarked",
    "where",
]

MAX_BYTES = 4 * 1024 * 1024
"""Of one file."""
_MAX_INCLUDES = 8
"""Files that include each other in a chain."""
_SECRETS = "secrets.yaml"
_ODD_BREAKS = "\r\x85\u2028\u2029\ufeff"
"""Characters that PyYAML writes, but does not read back, outside double quotes."""


def load_file(path: Path, *, root: Path | None = None) -> Any:
    """Return what a YAML file holds: plain values in mappings and lists that know their place (see ``where``).

    ``root`` is the configuration folder: messages name files relative to it, ``!secret`` reads its ``secrets.yaml``, and
    ``!include`` stays inside. Without it, that is the file's own folder. Raises ConfigError naming file and line.
    """
    return _Reading(root or path.parent).file(path)


def load_text(text: str, file: str = "text") -> Any:
    """Return what YAML text holds; ``file`` names it in messages. Without a folder there are no secrets or includes.

    Raises ConfigError naming file and line.
    """
    return Builder(text, file, {}, Budget()).build()


class _Reading:
    """One file and what it includes."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._budget = Budget()
        self._open: list[Path] = []
        self._secrets: Mapping[str, Any] | None = None

    def file(self, path: Path) -> Any:
        self._open.append(path)
        references: dict[str, Reference] = {"!secret": self._secret, "!include": self._include}
        try:
            return Builder(self._text(path), self._name(path), references, self._budget).build()
        finally:
            self._open.pop()

    def _text(self, path: Path) -> str:
        name = self._name(path)
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ConfigError(f"Expected a file that can be read: {error.strerror}", file=name) from error
        if len(content) > MAX_BYTES:
            raise ConfigError(f"Expected at most {MAX_BYTES} bytes, got more: split the file", file=name)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            got = content[error.start]
            raise ConfigError(
                f"Expected UTF-8, got the byte {got:#04x}: save it as UTF-8", file=name, line=line
            ) from None

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else str(path)

    def _include(self, name: str, file: str, line: int) -> Any:
        path = (self._open[-1].parent / name).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise ConfigError(f"Expected a file inside the configuration folder, got {name!r}", file=file, line=line)
        path = self._root / path.relative_to(self._root.resolve())
        if path.resolve() in [open_.resolve() for open_ in self._open] or len(self._open) > _MAX_INCLUDES:
            chain = " > ".join(self._name(open_) for open_ in [*self._open, path])
            raise ConfigError(f"Expected files that do not include each other, got {chain}", file=file, line=line)
        if not path.is_file():
            raise ConfigError(f"Expected the name of a file, got {name!r}: there is none", file=file, line=line)
        return self.file(path)

    def _secret(self, name: str, file: str, line: int) -> Any:
        if self._secrets is None:
            self._secrets = self._read_secrets()
        if name not in self._secrets:
            raise ConfigError(f"Expected the secret {name!r} in {_SECRETS}: add it there", file=file, line=line)
        value = self._secrets[name]
        return Secret(value, name) if isinstance(value, str) else value

    def _read_secrets(self) -> Mapping[str, Any]:
        path = self._root / _SECRETS
        if not path.is_file():
            return {}
        secrets = Builder(self._text(path), _SECRETS, {}, self._budget).build()
        if not isinstance(secrets, Mapping):
            raise ConfigError("Expected lines such as 'name: secret'", file=_SECRETS, line=1)
        return secrets


def dump(value: Any) -> str:
    """Return ``value`` as YAML that reads back the same, keys in their order and secrets by reference."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes our values too, and several lines of text as such."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    breaks = any(char in value for char in _ODD_BREAKS)
    style = '"' if breaks else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style=style)


_Dumper.add_representer(str, _text_node)
_Dumper.add_representer(Secret, lambda dumper, value: dumper.represent_scalar("!secret", value.name))
_Dumper.add_representer(Input, lambda dumper, value: dumper.represent_scalar("!input", value.name))
_Dumper.add_multi_representer(dict, yaml.SafeDumper.represent_dict)
_Dumper.add_multi_representer(list, yaml.SafeDumper.represent_list)
_Dumper.add_multi_representer(tuple, yaml.SafeDumper.represent_list)
