"""Makes GGUF files from checkpoints of the Llama, Mistral, Qwen and Gemma families. Needs the extra ``models``."""

from hub.inference.library.convert.byte_pairs import PRE_TOKENISERS
from hub.inference.library.convert.writing import Precision, convert

__all__ = ["PRE_TOKENISERS", "Precision", "convert"]
