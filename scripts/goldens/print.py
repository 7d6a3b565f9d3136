"""Writes test/goldens/print.json: how PyTorch prints tensors of all dtypes, shapes and modes.

A tensor is given by its dtype, its shape and values that are repeated until it is full; `transpose` swaps its first
two dimensions. Floats that JSON lacks are strings, and so are all int64 values.
"""

import json
import math
from pathlib import Path

import torch

torch.manual_seed(0)
INF, NAN = math.inf, math.nan
FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTEGERS = ["int64", "int32", "int16", "int8", "uint8"]


def normal(count, scale=1.0):
    return (torch.randn(count) * scale).tolist()


CASES = [
    # Without dimensions.
    *[dict(dtype=dtype, shape=[], values=[1.5]) for dtype in FLOATS],
    *[dict(dtype=dtype, shape=[], values=[7]) for dtype in INTEGERS],
    dict(dtype="bool", shape=[], values=[1]),
    *[dict(shape=[], values=[value]) for value in [0.0, -0.0, NAN, -INF, 3.0, 1e-5, 123456789.0]],
    # Empty.
    *[dict(dtype=dtype, shape=[0], values=[]) for dtype in ["float32", "float64", "int64", "bool"]],
    *[dict(shape=shape, values=[]) for shape in [[0, 3], [2, 0, 4]]],
    dict(dtype="int64", shape=[3, 0], values=[], requires_grad=False),
    # Integers and bools.
    *[dict(dtype=dtype, shape=[2, 3], values=[1, 20, 100, 0, 5, 127]) for dtype in INTEGERS],
    dict(dtype="int64", shape=[3], values=[-(2**63), 2**63 - 1, 2**53 + 1]),
    dict(dtype="int8", shape=[2, 2], values=[-128, 127, -1, 0]),
    dict(dtype="bool", shape=[2, 2], values=[1, 0, 0, 0]),
    dict(dtype="bool", shape=[30], values=[0]),
    # Whole floats, decimals, scientific notation.
    *[dict(dtype=dtype, shape=[3], values=[1.0, -20.0, 300.0]) for dtype in FLOATS],
    *[dict(dtype=dtype, shape=[2, 3], values=[1.5, -2.25, 0.1, 12.0, 0.0, -0.0]) for dtype in FLOATS],
    *[dict(dtype=dtype, shape=[4], values=[1e-3, 2.0, -60000.0, 0.0]) for dtype in FLOATS],
    dict(shape=[3], values=[1e-8, 1.0, 1e30]),
    dict(dtype="float64", shape=[3], values=[1e-300, 1.0, -1e300]),
    dict(shape=[3], values=[0.00011, 0.0005, 0.001]),
    dict(shape=[2], values=[1e8, 1e8]),
    dict(dtype="float64", shape=[2], values=[100000001.0, 2e8]),
    dict(shape=[2], values=[1.0, 1000.0]),
    dict(shape=[2], values=[1.0, 1001.0]),
    # Decimals exactly between two others go to the even one.
    dict(shape=[6], values=[0.03125, 0.09375, -0.15625, 1.28125, 2.34375, 9.96875]),
    dict(dtype="float64", shape=[4], values=[100005.0, 100015.0, -999995.0, 1.5e-5]),
    # Not finite.
    dict(shape=[4], values=[NAN, INF, -INF, 1.0]),
    dict(shape=[4], values=[NAN, INF, -INF, 1.5]),
    dict(shape=[4], values=[NAN, INF, -INF, 1e9]),
    dict(shape=[4], values=[NAN, INF, -INF, 0.0]),
    dict(shape=[3], values=[0.0, -0.0, 0.0]),
    # Lines and nesting.
    dict(shape=[25], values=normal(25)),
    dict(shape=[2, 13], values=normal(26, 10)),
    dict(dtype="int64", shape=[2, 2, 3], values=list(range(12))),
    dict(shape=[2, 1, 2, 2], values=normal(8)),
    dict(shape=[1, 1, 1, 1, 1], values=[1.0]),
    dict(shape=[3, 2], values=list(range(6)), transpose=True),
    # Past 1000 elements.
    dict(dtype="int64", shape=[1000], values=list(range(100))),
    dict(dtype="int64", shape=[1001], values=list(range(100))),
    dict(shape=[2000], values=normal(67)),
    dict(shape=[30, 40], values=normal(67)),
    dict(shape=[40, 30], values=normal(67), transpose=True),
    dict(shape=[6, 200], values=list(range(97))),
    dict(shape=[3, 7, 60], values=normal(97, 100)),
    dict(shape=[10, 10, 10, 2], values=normal(97)),
    dict(shape=[7, 4, 1, 40], values=[0.0] * 30 + [1e5] + [0.0] * 6),
    dict(dtype="bool", shape=[40, 50], values=[1, 0, 0]),
    dict(dtype="bfloat16", shape=[1001], values=normal(31)),
    # What follows the elements.
    dict(shape=[2], values=[1.0, 2.0], requires_grad=True),
    dict(dtype="float64", shape=[2], values=[1.0, 2.0], requires_grad=True),
    dict(dtype="float64", shape=[7], values=normal(7), requires_grad=True),
    dict(dtype="float16", shape=[7], values=normal(7)),
    dict(dtype="float64", shape=[8], values=normal(8), requires_grad=True),
    dict(shape=[0, 3], values=[], requires_grad=True),
    dict(shape=[40, 40], values=normal(67), requires_grad=True),
    *[dict(dtype=dtype, shape=[2, 3], values=[0], device="meta") for dtype in ["float32", "int64"]],
    dict(shape=[4], values=[0], device="meta", requires_grad=True),
]


def build(shape, values, dtype="float32", transpose=False, requires_grad=False, device="cpu"):
    dtype = getattr(torch, dtype)
    kept = torch.tensor(values, dtype=dtype)
    count = math.prod(shape)
    full = kept.repeat(-(-count // max(len(values), 1)))[:count].view(shape).to(device)
    return kept, (full.t() if transpose else full).requires_grad_(requires_grad)


def plain(value, dtype):
    if dtype == "int64" or not math.isfinite(value):
        return {INF: "Infinity", -INF: "-Infinity"}.get(value, "NaN" if value != value else str(value))
    return float(value) if "float" in dtype else int(value)


def golden(case):
    kept, tensor = build(**case)
    dtype = case.get("dtype", "float32")
    return dict(
        dtype=dtype,
        shape=case["shape"],
        values=[plain(value, dtype) for value in kept.tolist()],
        transpose=case.get("transpose", False),
        requiresGrad=case.get("requires_grad", False),
        device=case.get("device", "cpu"),
        text=str(tensor),
    )


path = Path(__file__).parents[2] / "test" / "goldens" / "print.json"
lines = ",\n".join(" " + json.dumps(golden(case), allow_nan=False) for case in CASES)
path.write_text(f"[\n{lines}\n]\n")
