"""How a model is run on this machine: every setting that the user left open is decided here, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hub.errors import HubError, ModelUnavailable
from hub.inference import gguf
from hub.inference.engine import allowance, calibration, hardware, memory
from hub.inference.engine.allowance import Memory
from hub.inference.engine.hardware import Machine
from hub.inference.engine.memory import Load, Need
from hub.inference.gguf import Header
from hub.inference.settings import CacheType, Choice, EngineSettings, LoadMode, SplitMode

Reasons = dict[str, tuple[Any, str]]

_LARGEST_CONTEXT = 8192
_SMALLEST_CONTEXT = 2048
_ROWS = 128
_LEAST_OUTPUTS = 64
_BETTER_REPACKED = frozenset({"Q4_0", "IQ4_NL", "MXFP4", "Q8_0"})
_GPU_RESERVE = 0.05
_WRITTEN = "as the settings have it"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What llama.cpp is told. ``report`` has (value, why) of each setting, by its name here.

    ``n_outputs`` is the most rows of one batch that have logits: llama.cpp ends the process if a batch asks for more, and if
    there are more sequences than that.
    ``threads`` are for one row, ``batch_threads`` for several. ``halved`` says that eight answers are written quicker in two
    steps of four. ``gpu_layers`` is -1 for all of them, 0 for none.
    """

    n_ctx: int
    n_batch: int
    n_ubatch: int
    n_outputs: int
    threads: int
    batch_threads: int
    flash_attention: bool
    repack: bool
    halved: bool
    cache_type: CacheType
    load_mode: LoadMode
    gpu_layers: int
    main_gpu: int
    split_mode: SplitMode
    tensor_split: tuple[float, ...]
    need: Need
    report: Mapping[str, tuple[Any, str]]


def plan(
    path: Path, settings: EngineSettings, *, machine: Machine | None = None, free: Memory | None = None
) -> RunPlan:
    """Decide how to run a model: what the user wrote, what was measured here, and rules for the rest, in this order.

    With a cache folder, the first plan for a model measures for some seconds. Raises ModelUnavailable, with the remedy, for a
    file that is none, settings that this build or machine cannot fulfil, and a model that does not fit in memory.
    """
    header = gguf.read_whole(path)
    at = machine or hardware.machine()
    room = free or allowance.free_memory()
    reasons = _fitted(header, settings, at, room)
    if settings.calibrate and settings.cache is not None and reasons["gpu_layers"][0] == 0:
        found = calibration.calibrated(header, _questions(header, settings, at, room, reasons), Path(settings.cache))
        reasons |= found
    return _plan(header, settings, at, reasons)


def _plan(header: Header, settings: EngineSettings, at: Machine, reasons: Reasons) -> RunPlan:
    values = {name: value for name, (value, _) in reasons.items()}
    need = memory.needed(header, _load(values, settings, at))
    return RunPlan(**values, need=need, report=reasons)


def _load(values: Mapping[str, Any], settings: EngineSettings, at: Machine) -> Load:
    return Load(
        cells=values["n_ctx"],
        rows=values["n_ubatch"],
        outputs=values["n_outputs"],
        sequences=settings.sequences + settings.prefixes,
        cache_type=values["cache_type"],
        flash_attention=values["flash_attention"],
        load_mode=values["load_mode"],
        repackable=hardware.repackable(at.features) if values["repack"] else frozenset(),
        gpu_layers=values["gpu_layers"],
    )


def _fitted(header: Header, settings: EngineSettings, at: Machine, room: Memory) -> Reasons:
    """Return the rules' choice with the largest context that fits; a context that the user wrote down fits or is refused."""
    problem: HubError | None = None
    for context, why in _contexts(header, settings):
        reasons = _rules(header, settings, at, context, why)
        try:
            return _checked(header, settings, at, room, reasons)
        except ModelUnavailable as error:
            problem = error
    assert problem is not None
    raise problem


def _checked(header: Header, settings: EngineSettings, at: Machine, room: Memory, reasons: Reasons) -> Reasons:
    """Refuse what does not fit; a second copy of the weights that nobody asked for is given up first."""
    values = {name: value for name, (value, _) in reasons.items()}
    try:
        memory.check(memory.needed(header, _load(values, settings, at)), room, header, limit=settings.memory)
    except ModelUnavailable:
        if settings.repack is Choice.ON or not values["repack"]:
            raise
        why = "a second copy of the weights does not fit in memory"
        return _checked(header, settings, at, room, {**reasons, "repack": (False, why)})
    return reasons


def _contexts(header: Header, settings: EngineSettings) -> Iterator[tuple[int, str]]:
    trained = header.context
    if settings.context is not None:
        beyond = f"; this model was trained for {trained}" if settings.context > trained else ""
        yield min(settings.context, trained), _WRITTEN + beyond
        return
    size = min(_LARGEST_CONTEXT, trained)
    yield (
        size,
        "the model's own" if size == trained else f"the model's is {trained}; more than {size} is asked for by name",
    )
    while size // 2 >= _SMALLEST_CONTEXT:
        size //= 2
        yield size, "what fits in the free memory"


def _rules(header: Header, settings: EngineSettings, at: Machine, context: int, why: str) -> Reasons:
    batch = min(settings.batch, context)
    outputs = max(_LEAST_OUTPUTS, 4 * settings.sequences + settings.prefixes)
    reasons: Reasons = {
        "n_ctx": (context, why),
        "n_batch": (batch, _WRITTEN if batch == settings.batch else "the whole context"),
        "n_outputs": (outputs, "four for each request at work: logits of a large vocabulary take memory"),
        "threads": _threads(settings, at),
        "batch_threads": _threads(settings, at),
        "repack": _repack(header, settings, at),
        "cache_type": _cache_type(header, settings, at),
        "load_mode": _load_mode(header, settings, at),
        "main_gpu": (settings.gpu_device, _WRITTEN),
        "split_mode": _split_mode(settings, at),
        "tensor_split": (settings.tensor_split, _WRITTEN),
    }
    reasons["gpu_layers"] = (0, "")
    reasons["flash_attention"] = _flash_attention(header, settings, at)
    reasons["n_ubatch"] = _rows(batch, at)
    reasons["gpu_layers"] = _gpu_layers(header, settings, at, reasons)
    return reasons | {"halved": _halved(header, on_gpu=reasons["gpu_layers"][0] != 0)}


def _threads(settings: EngineSettings, at: Machine) -> tuple[int, str]:
    if settings.threads is not None:
        return settings.threads, _WRITTEN
    count = max(1, min(at.cores - 1, at.physical_cores))
    return count, f"of {at.cores} processors one is left to the hub, and threads that share a core do not help"


def _rows(batch: int, at: Machine) -> tuple[int, str]:
    if at.gpus:
        return batch, "a graphics processor takes a whole batch at once"
    return min(batch, _ROWS), "more rows at once are no quicker on a processor, and take memory"


def _halved(header: Header, *, on_gpu: bool) -> tuple[bool, str]:
    if on_gpu or not header.dominant_type.endswith("_K"):
        return False, "eight answers are written in one step"
    return True, f"from 8 rows on, {header.dominant_type} weights are computed in panels, which pay from 11 rows on"


def _repack(header: Header, settings: EngineSettings, at: Machine) -> tuple[bool, str]:
    check = hardware.repack(at, header)
    if settings.repack is Choice.ON:
        hardware.require(check)
    if settings.repack is not Choice.AUTO:
        return settings.repack is Choice.ON, _WRITTEN
    if not check.possible:
        return False, check.reason
    if header.dominant_type in _BETTER_REPACKED & hardware.repackable(at.features):
        return True, f"{header.dominant_type} weights are multiplied faster in another form"
    return False, f"{header.dominant_type} weights take a second copy in memory, and prompts are read slower"


def _flash_attention(header: Header, settings: EngineSettings, at: Machine) -> tuple[bool, str]:
    check = hardware.flash_attention(at, header)
    quantised = settings.cache_type is not CacheType.F16
    if settings.flash_attention is Choice.ON:
        hardware.require(check)
    if settings.flash_attention is Choice.OFF and quantised:
        raise ModelUnavailable(
            f"Expected flash attention with cache_type: {settings.cache_type}, got flash_attention: off. "
            "Set flash_attention: auto, or cache_type: f16"
        )
    if settings.flash_attention is not Choice.AUTO:
        return settings.flash_attention is Choice.ON, _WRITTEN
    if quantised:
        return True, f"a {settings.cache_type} cache needs it"
    return bool(at.gpus) and settings.gpu_layers != 0 and check.possible, check.reason


def _cache_type(header: Header, settings: EngineSettings, at: Machine) -> tuple[CacheType, str]:
    check = hardware.cache_type(at, settings.cache_type, header)
    hardware.require(check)
    return settings.cache_type, check.reason


def _load_mode(header: Header, settings: EngineSettings, at: Machine) -> tuple[LoadMode, str]:
    if settings.load_mode is LoadMode.MLOCK:
        hardware.require(hardware.mlock(at, header))
    if settings.load_mode is LoadMode.MMAP and not at.mmap:
        return LoadMode.READ, hardware.mmap(at).reason
    return settings.load_mode, _WRITTEN


def _split_mode(settings: EngineSettings, at: Machine) -> tuple[SplitMode, str]:
    if len(settings.tensor_split) > max(1, len(at.gpus)):
        raise ModelUnavailable(
            f"Expected at most {len(at.gpus)} shares in tensor_split, one for each graphics processor, "
            f"got {len(settings.tensor_split)}"
        )
    if len(at.gpus) < 2:
        return SplitMode.NONE, f"there are {len(at.gpus)} graphics processors, so nothing is divided"
    hardware.require(hardware.split(at, settings.split_mode))
    return settings.split_mode, _WRITTEN


def _gpu_layers(header: Header, settings: EngineSettings, at: Machine, reasons: Reasons) -> tuple[int, str]:
    check = hardware.gpu_offload(at, settings.gpu_device)
    if settings.gpu_layers == 0:
        return 0, _WRITTEN
    if settings.gpu_layers > 0:
        hardware.require(check)
    elif not check.possible:
        return 0, str(check)
    values = {name: value for name, (value, _) in reasons.items()}
    gpus = at.gpus if values["split_mode"] is not SplitMode.NONE else (at.gpus[settings.gpu_device],)
    free, most = int(sum(gpu.free for gpu in gpus) * (1 - _GPU_RESERVE)), memory.layers(header) + 1
    fitting = _fitting_layers(header, _load(values, settings, at), free)
    fits = f"{fitting} of {most} layers fit in {memory.gigabytes(free)} of free graphics memory"
    if settings.gpu_layers > fitting < most:
        raise ModelUnavailable(
            f"Expected room for {settings.gpu_layers} layers: {fits}. Set gpu: {{layers: {fitting}}}"
        )
    if settings.gpu_layers > 0:
        return settings.gpu_layers, _WRITTEN
    return (-1, "all layers fit") if fitting == most else (fitting, fits)


def _fitting_layers(header: Header, load: Load, room: int) -> int:
    """Return how many layers, the output being one of them, fit in the graphics processors' memory."""
    counts = range(memory.layers(header) + 1, 0, -1)
    fitting = (count for count in counts if memory.needed(header, replace(load, gpu_layers=count)).gpu <= room)
    return next(fitting, 0)


def _questions(
    header: Header, settings: EngineSettings, at: Machine, room: Memory, reasons: Reasons
) -> calibration.Questions:
    """Return what the user left open and this machine can be asked."""
    values = {name: value for name, (value, _) in reasons.items()}
    copied = memory.needed(header, _load({**values, "repack": True}, settings, at))
    fits = copied.total <= room.free and (settings.memory is None or copied.allocated <= settings.memory)
    repack = hardware.repack(at, header).possible and fits
    flash_attention = hardware.flash_attention(at, header).possible
    return calibration.Questions(
        machine=at,
        threads=values["threads"],
        rows=values["n_ubatch"],
        batch=values["n_batch"],
        context=values["n_ctx"],
        flash_attention=values["flash_attention"],
        repack=values["repack"],
        cache_type=values["cache_type"],
        load_mode=values["load_mode"],
        ask_threads=settings.threads is None,
        ask_flash_attention=settings.flash_attention is Choice.AUTO
        and settings.cache_type is CacheType.F16
        and flash_attention,
        ask_repack=settings.repack is Choice.AUTO and repack,
    )
