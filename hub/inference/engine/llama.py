"""A model in memory: its weights, its vocabulary, and what its file says of it."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import llama_cpp as llama

from hub.errors import ModelUnavailable
from hub.inference.engine import native
from hub.inference.engine.planning import RunPlan
from hub.inference.engine.vocabulary import Vocabulary
from hub.inference.settings import LoadMode, SplitMode

_LOAD = {
    LoadMode.MMAP: llama.LLAMA_LOAD_MODE_MMAP,
    LoadMode.MLOCK: llama.LLAMA_LOAD_MODE_MMAP_MLOCK,
    LoadMode.READ: llama.LLAMA_LOAD_MODE_NONE,
}
_SPLIT = {
    SplitMode.NONE: llama.LLAMA_SPLIT_MODE_NONE,
    SplitMode.LAYER: llama.LLAMA_SPLIT_MODE_LAYER,
    SplitMode.ROW: llama.LLAMA_SPLIT_MODE_ROW,
}
_MAGIC = b"GGUF"


class LoadedModel:
    """A GGUF file in memory, loaded as the plan says.

    ``whole`` says that its state cannot be cut, only kept or dropped (recurrent models). ``window`` is how many tokens back a
    layer may look at most, 0 for all. Raises ModelUnavailable if the file is no model or does not fit.
    """

    def __init__(self, path: Path, plan: RunPlan) -> None:
        native.start()
        self.name = path.stem
        self.plan = plan
        self.pointer = _load(path, plan)
        self.vocabulary = Vocabulary(llama.llama_model_get_vocab(self.pointer))
        self.trained_context: int = llama.llama_model_n_ctx_train(self.pointer)
        self.width: int = llama.llama_model_n_embd_out(self.pointer)
        self.window: int = llama.llama_model_n_swa(self.pointer)
        self.whole = bool(llama.llama_model_is_recurrent(self.pointer) or llama.llama_model_is_hybrid(self.pointer))
        self.architecture = self.said("general.architecture") or ""
        if llama.llama_model_has_encoder(self.pointer):  # its decoder ends the process unless the encoder ran before
            self.close()
            raise ModelUnavailable(f"Expected a model that only decodes, {path} is a {self.architecture} model")

    @property
    def template(self) -> str | None:
        """The model's chat template, or None."""
        text = llama.llama_model_chat_template(self.pointer, None)
        return text.decode(errors="replace") if text else None

    def said(self, key: str) -> str | None:
        """Return what the file says under a key, as text."""
        buffer = ctypes.create_string_buffer(4096)
        length = llama.llama_model_meta_val_str(self.pointer, key.encode(), buffer, len(buffer))
        return buffer.value.decode(errors="replace") if length >= 0 else None

    def close(self) -> None:
        """Free the memory. No context may be open any more."""
        if self.pointer:
            llama.llama_model_free(self.pointer)
            self.pointer = None


def _load(path: Path, plan: RunPlan) -> Any:
    _check_file(path)
    settings = llama.llama_model_default_params()
    settings.use_extra_bufts = plan.repack
    settings.load_mode = _LOAD[plan.load_mode]
    settings.n_gpu_layers = plan.gpu_layers
    settings.main_gpu = plan.main_gpu
    settings.split_mode = _SPLIT[plan.split_mode]
    shares = (ctypes.c_float * llama.llama_max_devices())(*plan.tensor_split)  # lives until the model is loaded
    if plan.tensor_split:
        settings.tensor_split = ctypes.cast(shares, ctypes.POINTER(ctypes.c_float))
    native.complaints()
    model = llama.llama_model_load_from_file(str(path).encode(), settings)
    if not model:  # a null pointer is not None
        raise ModelUnavailable(
            f"Expected a complete GGUF model, llama.cpp cannot load {path}: {native.complaints()}. "
            "Copy or download the file again, or name another in inference: model: in hearth.yaml"
        )
    return model


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return
    except OSError as error:
        reason = f"Expected a model file at {path}, found none: {error.strerror}"
    else:
        reason = f"Expected a GGUF file, {path} is none"
    raise ModelUnavailable(f"{reason}. Correct inference: model: in hearth.yaml")
