"""Reading a configuration folder's automations and blueprints without a hub, to say what is wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from hub.blueprints.gallery import Blueprints
from hub.blueprints.library import Library
from hub.blueprints.stage import Stage
from hub.errors import ConfigError, HubError

_DOMAINS = ("automation", "script")


def check_folder(folder: Path, offers: Callable[[str], bool] = lambda _: True) -> list[ConfigError]:
    """Return everything that is wrong with the automations and blueprints of a configuration folder, or does not work.

    ``offers`` says whether an integration has a trigger of that name; by default any name may be one.
    """
    blueprints = Blueprints(folder)
    templates = Stage({}, {}, dt.datetime.fromtimestamp(0, dt.UTC)).templates
    library = Library(folder, blueprints, templates, offers)
    library.read()
    broken = [made for _, made in library if isinstance(made, ConfigError)]
    notes = [ConfigError(f"{made.id}: {note}") for made in library.automations.values() for note in made.notes]
    return [*_broken_blueprints(blueprints), *broken, *notes]


def _broken_blueprints(blueprints: Blueprints) -> Iterator[ConfigError]:
    for domain in _DOMAINS:
        for path in blueprints.paths(domain):
            try:
                blueprints.get(path, domain)
            except ConfigError as error:
                yield error
            except HubError as error:
                yield ConfigError(str(error), file=path)
