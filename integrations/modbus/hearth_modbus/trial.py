"""Trying a register map before it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from hearth_modbus.config import DeviceSettings, LinkSettings
from hearth_modbus.link import Link, Rejected
from hearth_modbus.planner import Span, plan, split


async def read_everything(settings: LinkSettings, devices: Sequence[DeviceSettings]) -> list[str]:
    """Read all registers of all devices once; return what is refused, in words.

    Raises NoAnswer or ConnectionLost.
    """
    async with Link(settings) as link:
        refused: list[str] = []
        for device in devices:
            readable = [register for register in device.registers if register.press is None]
            for span in plan(readable, gap=device.gap, most=device.most):
                refused += await _refusals(link, device, span)
        return refused


async def _refusals(link: Link, device: DeviceSettings, span: Span) -> list[str]:
    try:
        await link.read(device.unit_id, span.kind, span.start, span.count)
    except Rejected as error:
        parts = split(span)
        if len(parts) == 1:
            return [f"{register.name}: {error}" for register in span.registers]
        return [refusal for part in parts for refusal in await _refusals(link, device, part)]
    return []
