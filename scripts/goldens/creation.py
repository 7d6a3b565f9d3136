"""Writes test/goldens/creation.json: what torch.tensor makes of numbers in each floating dtype, and as booleans.

Numbers that JSON lacks are strings, as are the results, which JavaScript reads with Number().
"""

import json
import math
from pathlib import Path

import torch

NUMBERS = [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 1e-7, 6e-8, 5e-324, 65504.0, 65519.0, 65520.0, 3.3895e38, 1e39, 1e308]
NUMBERS += [2.0**24 + 1, 2.0**53, 2.0**53 + 2, 1 + 2.0**-8 + 2.0**-40, math.nan, math.inf, -math.inf]
DTYPES = ["float64", "float32", "float16", "bfloat16", "bool"]


def made(number, dtype):
    return str(float(torch.tensor([number], dtype=getattr(torch, dtype)).double().item()))


def text(number):
    return repr(number).replace("inf", "Infinity").replace("nan", "NaN")


golden = {
    "numbers": [text(number) for number in NUMBERS],
    "results": {dtype: [text(float(made(number, dtype))) for number in NUMBERS] for dtype in DTYPES},
}
path = Path(__file__).parents[2] / "test" / "goldens" / "creation.json"
path.write_text(json.dumps(golden) + "\n")
