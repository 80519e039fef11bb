"""The forms in which numbers lie in GGUF files, by the numbers that files use: ggml.h and llama.h define them."""

from __future__ import annotations

from typing import NamedTuple


class Quantisation(NamedTuple):
    """A tensor's type: ``block`` weights take ``size`` bytes."""

    name: str
    block: int
    size: int


TENSOR_TYPES = {
    0: Quantisation("F32", 1, 4),
    1: Quantisation("F16", 1, 2),
    2: Quantisation("Q4_0", 32, 18),
    3: Quantisation("Q4_1", 32, 20),
    6: Quantisation("Q5_0", 32, 22),
    7: Quantisation("Q5_1", 32, 24),
    8: Quantisation("Q8_0", 32, 34),
    9: Quantisation("Q8_1", 32, 36),
    10: Quantisation("Q2_K", 256, 84),
    11: Quantisation("Q3_K", 256, 110),
    12: Quantisation("Q4_K", 256, 144),
    13: Quantisation("Q5_K", 256, 176),
    14: Quantisation("Q6_K", 256, 210),
    15: Quantisation("Q8_K", 256, 292),
    16: Quantisation("IQ2_XXS", 256, 66),
    17: Quantisation("IQ2_XS", 256, 74),
    18: Quantisation("IQ3_XXS", 256, 98),
    19: Quantisation("IQ1_S", 256, 50),
    20: Quantisation("IQ4_NL", 32, 18),
    21: Quantisation("IQ3_S", 256, 110),
    22: Quantisation("IQ2_S", 256, 82),
    23: Quantisation("IQ4_XS", 256, 136),
    24: Quantisation("I8", 1, 1),
    25: Quantisation("I16", 1, 2),
    26: Quantisation("I32", 1, 4),
    27: Quantisation("I64", 1, 8),
    28: Quantisation("F64", 1, 8),
    29: Quantisation("IQ1_M", 256, 56),
    30: Quantisation("BF16", 1, 2),
    34: Quantisation("TQ1_0", 256, 54),
    35: Quantisation("TQ2_0", 256, 66),
    39: Quantisation("MXFP4", 32, 17),
    40: Quantisation("NVFP4", 64, 36),
    41: Quantisation("Q1_0", 128, 18),
    42: Quantisation("Q2_0", 64, 18),
}
"""Missing numbers are types that llama.cpp has removed."""

FILE_TYPES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4_MOE",
    39: "NVFP4",
    40: "Q1_0",
    41: "Q2_0",
}
"""What a whole file is called, by its ``general.file_type``: most of its matrices have this type."""
