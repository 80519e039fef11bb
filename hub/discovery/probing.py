"""Trying what a form says: the entry to be, or what to tell the user."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hub.adapters.interfaces import Integration, Probed
from hub.discovery.form import BASE, Errors, Wrong
from hub.errors import ActionTimeout, HubError, InvalidInput

_DEFECT = "defect"
_log = logging.getLogger(__name__)


async def probe(integration: Integration, values: Mapping[str, Any], timeout: float) -> Probed | Errors:
    """Return what the integration learned by trying ``values``, or a message for each field that is to blame."""
    name = integration.manifest.name
    assert integration.probe is not None
    try:
        async with asyncio.timeout(timeout):
            probed = await integration.probe(values)
        integration.config_schema(dict(probed.data))
    except TimeoutError:
        text = f"Expected an answer within {timeout:g} seconds, got none: check the address and that {name} is on"
        return {BASE: Wrong(text=text, key=ActionTimeout.key)}
    except InvalidInput as error:
        return {str(error.path[0]) if error.path else BASE: Wrong(text=str(error))}
    except HubError as error:
        return {BASE: Wrong(text=str(error), key=error.key)}
    except vol.Invalid as error:
        _log.exception("The integration %s made an entry that its own schema refuses", integration.manifest.domain)
        text = f"{name} made an entry that is not valid ({error}): this is a defect of the integration"
        return {BASE: Wrong(text=text, key=_DEFECT)}
    except Exception as error:  # noqa: BLE001 - boundary: an integration's probe must not end the dialog
        _log.exception("The integration %s failed while it was being set up", integration.manifest.domain)
        text = f"{name} failed ({type(error).__name__}): the hub's log says more"
        return {BASE: Wrong(text=text, key=_DEFECT)}
    return probed
