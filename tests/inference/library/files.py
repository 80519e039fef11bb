"""Small GGUF files to keep, send and damage."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np


def write_gguf(path: Path, *, seed: int = 1, numbers: int = 1024) -> Path:
    """Write a GGUF file with one random matrix: it has all that a header needs, but is no model that runs."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(512)
    writer.add_tensor("token_embd.weight", np.random.default_rng(seed).random((numbers // 32, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
