"""The memory that a model takes with given settings, against what is free. Nothing here loads llama.cpp."""

from __future__ import annotations

from dataclasses import dataclass

from hub.errors import ModelUnavailable
from hub.inference.engine.allowance import Memory
from hub.inference.gguf import Header
from hub.inference.quantisation import TENSOR_TYPES
from hub.inference.settings import CacheType, LoadMode

_CELL_STEP = 256
_PROCESS = 64_000_000
"""Python, the hub's modules, llama.cpp, numpy and the grammar library, measured."""
_PER_TOKEN = 900
"""Of the vocabulary, in llama.cpp's tables and in the trie of the grammars, measured at 128,256 tokens."""
_CACHE_TYPES = {form.name.lower(): form for form in TENSOR_TYPES.values()}
_FLOAT, _HALF = 4, 2
_BODY_ROWS = 8
_FEED_FORWARD_ROWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The settings that decide about memory. ``repackable`` are the types of weights that are copied into another form."""

    cells: int
    rows: int
    outputs: int
    sequences: int
    cache_type: CacheType = CacheType.F16
    flash_attention: bool = False
    load_mode: LoadMode = LoadMode.MMAP
    repackable: frozenset[str] = frozenset()
    gpu_layers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Bytes by purpose. ``mapped`` are weights in pages of the file, ``copied`` those in memory of their own, or pinned."""

    mapped: int
    copied: int
    cache: int
    compute: int
    process: int
    gpu: int = 0

    @property
    def allocated(self) -> int:
        """What the system cannot take back."""
        return self.copied + self.cache + self.compute + self.process

    @property
    def total(self) -> int:
        """What the process has in memory at its most."""
        return self.allocated + self.mapped

    def __str__(self) -> str:
        parts = {
            "weights": self.mapped + self.copied,
            "keys and values": self.cache,
            "computing": self.compute,
            "the process": self.process,
        }
        return ", ".join(f"{gigabytes(size)} for {what}" for what, size in parts.items())


def needed(header: Header, load: Load) -> Need:
    """Estimate the memory that a model takes; within 15 % of what was measured."""
    share = offloaded_share(header, load.gpu_layers)
    embedding = sum(tensor.size for tensor in header.tensors if tensor.name.startswith("token_embd"))
    on_gpu = int((header.weights - embedding) * share)
    host = header.weights - on_gpu
    cache, compute = cache_size(header, load), _compute(header, load)
    cache_on_gpu = int(cache * share)
    compute_on_gpu = compute if share else 0
    mapped = load.load_mode is LoadMode.MMAP
    return Need(
        mapped=host if mapped else 0,
        copied=(0 if mapped else host) + int(_repacked(header, load) * (1 - share)),
        cache=cache - cache_on_gpu,
        compute=compute,
        process=_PROCESS + header.vocabulary * _PER_TOKEN,
        gpu=on_gpu + cache_on_gpu + compute_on_gpu,
    )


def cache_size(header: Header, load: Load) -> int:
    """Return the bytes of keys and values, and of the states of recurrent layers.

    Layers with a sliding window count as if they saw everything: so the engine keeps them, to use beginnings again.
    """
    form = _CACHE_TYPES[load.cache_type]
    cells = -(-load.cells // _CELL_STEP) * _CELL_STEP
    numbers = _cached_per_token(header)
    return cells * numbers // form.block * form.size + load.sequences * _recurrent_state(header)


def layers(header: Header) -> int:
    """Return how many layers the model has."""
    return header.number("block_count") or 0


def offloaded_share(header: Header, gpu_layers: int) -> float:
    """Return which part of the layers goes to GPUs; the output counts as one more layer."""
    most = layers(header) + 1
    return 1.0 if gpu_layers < 0 else min(gpu_layers, most) / most


def check(need: Need, free: Memory, header: Header, *, limit: int | None = None) -> None:
    """Raise ModelUnavailable, with figures and remedies, if the need is more than what is free, or allowed by ``limit``."""
    if need.total > free.free:
        raise ModelUnavailable(
            f"Expected {gigabytes(need.total)} of memory for {header.path.name} ({need}), "
            f"got {gigabytes(free.free)}: {free.bound}. {remedies(need)}"
        )
    if limit is not None and need.allocated > limit:
        raise ModelUnavailable(
            f"Expected {gigabytes(need.allocated)} of memory besides the mapped file for {header.path.name} ({need}), "
            f"got {gigabytes(limit)}: inference: memory: in hearth.yaml. {remedies(need)}"
        )


def remedies(need: Need) -> str:
    """Name what would take less memory, the most useful first."""
    weights = need.mapped + need.copied
    ways = ["a smaller context", "cache_type: q8_0 (half the memory for keys and values)"]
    if need.compute > need.cache:
        ways.append("flash_attention: on (less memory for computing)")
    if need.copied:
        ways.append("load_mode: mmap with repack: off (no second copy of the weights)")
    smaller = "a smaller quantisation, such as Q4_K_M, or a smaller model"
    ways = [smaller, *ways] if weights > need.total // 2 else [*ways, smaller]
    return f"Choose {'; '.join(ways)}"


def gigabytes(size: int) -> str:
    """Write a size for people."""
    return f"{size / 1e9:.2f} GB"


def _cached_per_token(header: Header) -> int:
    """Return how many numbers all layers keep of a token."""
    count = layers(header)
    heads = header.numbers("attention.head_count", count) or [1] * count
    kept = header.numbers("attention.head_count_kv", count) or heads
    usual = (header.number("embedding_length") or 0) // max(1, *heads, 1)
    pair = sum(header.number(f"attention.{part}_length") or usual for part in ("key", "value"))
    return sum(kept) * pair


def _recurrent_state(header: Header) -> int:
    """Return the bytes of the state that layers such as Mamba's keep of a sequence; 0 for other models."""
    inner, state = header.number("ssm.inner_size") or 0, header.number("ssm.state_size") or 0
    kernel, groups = header.number("ssm.conv_kernel") or 0, header.number("ssm.group_count") or 0
    convolved = max(0, kernel - 1) * (inner + 2 * groups * state)
    return layers(header) * (convolved + inner * state) * _FLOAT


def _compute(header: Header, load: Load) -> int:
    """Estimate the buffers between the weights: attention's scores are most of it without flash attention."""
    rows, cells = load.rows, load.cells
    width = header.number("embedding_length") or 0
    heads = header.number("attention.head_count") or 1
    scores = 0 if load.flash_attention else heads * cells * rows * _FLOAT
    logits = header.vocabulary * load.outputs * _FLOAT
    forward = _FEED_FORWARD_ROWS * (header.number("feed_forward_length") or 4 * width) * rows * _FLOAT
    mask = cells * rows * (_HALF if load.flash_attention else _FLOAT)
    values = 0 if load.flash_attention else cells * _cached_per_token(header) // max(1, layers(header))
    answers = header.vocabulary * load.sequences * _FLOAT
    return max(scores, logits, forward) + scores // 2 + mask + values + _BODY_ROWS * width * rows * _FLOAT + answers


def _repacked(header: Header, load: Load) -> int:
    """Return the bytes of the second copies of weights: matrices that are multiplied, not looked up in."""
    return sum(
        tensor.size
        for tensor in header.tensors
        if tensor.type in load.repackable and len(tensor.shape) > 1 and not tensor.name.startswith("token_embd")
    )
