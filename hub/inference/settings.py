"""How a model is run: the parts of ``inference:`` in ``hearth.yaml`` that concern the engine."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Choice(StrEnum):
    """A setting that the calibration of this machine decides unless it is written down."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class CacheType(StrEnum):
    """How keys and values are kept: quantised ones take half or a quarter of the memory, need flash attention, and are slower on a CPU."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"


class SplitMode(StrEnum):
    """How a model is divided between several GPUs: whole on one, by layers, or by the rows of its matrices."""

    NONE = "none"
    LAYER = "layer"
    ROW = "row"


class LoadMode(StrEnum):
    """How weights come into memory: mapped from the file, mapped and pinned (``mlock``), or read into memory of their own."""

    MMAP = "mmap"
    MLOCK = "mlock"
    READ = "read"


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker is told about a model.

    ``context`` is the tokens that all requests in flight share; None is the model's own, at most 8,192. ``sequences`` is the
    most requests at work at a time. ``batch`` is the most tokens of one step. ``threads`` None is the calibration's choice.
    ``repack`` turns weights into the form that this processor multiplies faster, at the price of a second copy.
    ``gpu_layers`` is how many layers go to GPUs: -1 all, 0 none; ``gpu_device`` the first of them, ``tensor_split`` the shares of several.
    ``memory`` in bytes limits what the worker may allocate; None is no limit. ``niceness`` is added to the hub's.
    ``cache`` is the folder for states that outlive the worker and for the calibration; None keeps none.
    ``prefixes`` is the most shared beginnings of prompts that are kept in memory.
    """

    context: int | None = None
    sequences: int = 16
    batch: int = 512
    queue: int = 64
    threads: int | None = None
    flash_attention: Choice = Choice.AUTO
    repack: Choice = Choice.AUTO
    cache_type: CacheType = CacheType.F16
    load_mode: LoadMode = LoadMode.MMAP
    gpu_layers: int = -1
    gpu_device: int = 0
    split_mode: SplitMode = SplitMode.LAYER
    tensor_split: tuple[float, ...] = ()
    memory: int | None = None
    niceness: int = 5
    cache: str | None = None
    prefixes: int = 8
    calibrate: bool = True
