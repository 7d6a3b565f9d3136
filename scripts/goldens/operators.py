"""Writes test/goldens/operators.json: results of PyTorch's operators for fixed inputs. Needs torch 2.13.0.

    python scripts/goldens/operators.py

A case is a name, arguments by position and by name (in camelCase), and the result. A tensor is {"dtype", "shape", "data"}; a
name beginning with "." is a method.
"""

import json
import math
import re
from pathlib import Path

import torch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "operators.json"

X = torch.tensor([[0.5, -1.25, 2.0], [3.5, 0.0, -0.75]])
Y = torch.tensor([[1.5, 0.25, -2.0], [0.5, 4.0, 1.0]])
W = torch.tensor([[1.0, 2.0], [-0.5, 0.25], [0.125, -3.0]])
V = torch.tensor([0.1, 0.7, -0.3])
S = torch.tensor([[4.0, 1.0], [1.0, 3.0]])
I = torch.tensor([[3, -4, 5], [0, 7, 2]])
J = torch.tensor([0, 2, 1])
B = torch.tensor([[True, False, True], [False, False, True]])
IMAGE = torch.arange(32, dtype=torch.float32).reshape(1, 2, 4, 4).mul(0.1).sin()
KERNEL = torch.arange(36, dtype=torch.float32).reshape(2, 2, 3, 3).mul(0.05).cos()

CASES = [
    ("add", [X, Y], {}),
    ("add", [X, Y], {"alpha": 2.5}),
    ("sub", [I, 2], {}),
    ("mul", [B, I], {}),
    ("div", [I, 2], {}),
    ("div", [X, Y], {"rounding_mode": "floor"}),
    ("remainder", [I, 3], {}),
    ("pow", [X, 2], {}),
    ("pow", [2, J], {}),
    ("floor_divide", [I, 2], {}),
    ("clamp", [X], {"min": -0.5, "max": 1.5}),
    ("where", [B, X, Y], {}),
    ("where", [B, 1, 0], {}),
    ("maximum", [X, Y], {}),
    ("lerp", [X, Y, 0.25], {}),
    ("addmm", [torch.zeros(2, 2), X, W], {"beta": 0.5, "alpha": 2.0}),
    ("matmul", [X, W], {}),
    ("einsum", ["ij,jk->ik", [X, W]], {}),
    ("outer", [V, V], {}),
    ("tensordot", [X, W, [1], [0]], {}),
    ("sum", [X], {}),
    ("sum", [I, 1], {"keepdim": True}),
    ("sum", [X, [0, 1]], {"dtype": torch.float64}),
    ("mean", [X, 0], {}),
    ("std", [X, 1], {"correction": 0}),
    ("var", [X], {}),
    ("max", [X, 1], {}),
    ("argmax", [X], {"dim": 0}),
    ("amin", [X], {"dim": [0]}),
    ("topk", [X, 2], {"dim": 1}),
    ("sort", [X], {"dim": 1, "descending": True}),
    ("cumsum", [X, 1], {}),
    ("logsumexp", [X, 1], {}),
    ("softmax", [X, 1], {}),
    ("log_softmax", [X, 0], {"dtype": torch.float64}),
    ("norm", [X, 1, 1], {"keepdim": True}),
    ("all", [B, 1], {}),
    ("count_nonzero", [X], {}),
    ("nonzero", [B], {}),
    ("cat", [[X, Y], 1], {}),
    ("stack", [[X, Y]], {"dim": 2}),
    ("split", [X, [1, 2], 1], {}),
    ("chunk", [X, 2], {"dim": 1}),
    ("gather", [X, 1, J.expand(2, 3)], {}),
    ("index_select", [X, 1, J], {}),
    ("index_copy", [X, 1, J, Y], {}),
    ("scatter", [X, 1, J.expand(2, 3), 9.0], {}),
    ("masked_fill", [X, B, -1], {}),
    ("roll", [X, 1], {"dims": [1]}),
    ("flip", [X, [1]], {}),
    ("tril", [X], {"diagonal": -1}),
    ("arange", [2, 9, 3], {"dtype": torch.int64}),
    ("linspace", [0, 1, 5], {}),
    ("full", [[2, 2], 7], {"dtype": torch.int32}),
    ("eye", [3], {}),
    ("one_hot", [J, 4], {}),
    ("bincount", [J], {"minlength": 5}),
    ("isnan", [X / 0], {}),
    ("conv2d", [IMAGE, KERNEL], {"padding": 1, "stride": [2, 1]}),
    ("max_pool2d", [IMAGE, 2], {}),
    ("layer_norm", [X, [3]], {"eps": 1e-3}),
    ("embedding", [X.t().contiguous(), J], {}),
    ("cosine_similarity", [X, Y], {"dim": 1}),
    ("linalg.norm", [X], {"dim": 1}),
    ("linalg.solve", [S, W[:2]], {}),
    ("linalg.eigvalsh", [S], {}),
    ("linalg.det", [S], {}),
    ("special.expit", [X], {}),
    ("special.logsumexp", [X, 0], {}),
    ("fft.fftshift", [X], {}),
    (".view", [X, 3, 2], {}),
    (".permute", [IMAGE, 0, 2, 3, 1], {}),
    (".expand", [V, [2, 3]], {}),
    (".new_full", [I, [2], 3], {}),
    (".where", [X, B, 0.5], {}),
    (".polygamma", [Y.abs(), 1], {}),
    (".add_", [X, 1], {}),
    (".masked_fill_", [I, B, -9], {}),
    (".unfold", [X, 1, 2, 1], {}),
    (".repeat", [V, 2, 2], {}),
]


def camel(name):
    return re.sub(r"(?<=.)_([^_])", lambda match: match[1].upper(), name)


def encode(value):
    if isinstance(value, torch.Tensor):
        data = value.double().reshape(-1).tolist()
        return {"dtype": str(value.dtype)[6:], "shape": list(value.shape), "data": [v if math.isfinite(v) else str(v).replace("inf", "Infinity") for v in data]}
    if isinstance(value, torch.dtype):
        return str(value)[6:]
    if isinstance(value, (list, tuple)):
        return [encode(element) for element in value]
    return value


def call(name, positional, named):
    positional = [value.clone() if isinstance(value, torch.Tensor) else value for value in positional]
    if name.startswith("."):
        return getattr(positional[0], name[1:])(*positional[1:], **named)
    if name == "einsum":
        return torch.einsum(positional[0], *positional[1])
    if name == "tensordot":
        return torch.tensordot(*positional[:2], dims=positional[2:])
    if name == "one_hot":
        return torch.nn.functional.one_hot(*positional)
    if name == "embedding":
        return torch.nn.functional.embedding(positional[1], positional[0])
    space = torch
    for part in name.split("."):
        space = getattr(space, part)
    return space(*positional, **named)


if __name__ == "__main__":
    cases = [
        {
            "name": ".".join(camel(part) for part in name.split(".")),
            "positional": encode(positional),
            "named": {camel(key): encode(value) for key, value in named.items()},
            "result": encode(call(name, positional, named)),
        }
        for name, positional, named in CASES
    ]
    OUTPUT.write_text(json.dumps(cases, allow_nan=False, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")
