"""Which integrations know a service, by the matchers in their manifests."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from hub.adapters.interfaces import FoundService
from hub.adapters.manifest import Manifest, ServiceMatcher


def matching(manifests: Iterable[Manifest], service: FoundService) -> list[str]:
    """Return the names of the integrations that know ``service``."""
    return [
        manifest.domain for manifest in manifests if any(matches(matcher, service) for matcher in manifest.zeroconf)
    ]


def matches(matcher: ServiceMatcher, service: FoundService) -> bool:
    """Say whether type, name and all named TXT properties fit; globs, whatever the case."""
    if service.type.lower() != matcher.type.lower() or not _fits(service.name, matcher.name):
        return False
    texts = {key.lower(): value for key, value in service.properties.items()}
    return all(
        key.lower() in texts and _fits(texts[key.lower()], pattern) for key, pattern in matcher.properties.items()
    )


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text.lower(), pattern.lower())
