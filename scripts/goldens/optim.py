"""Writes test/goldens/optim.json: what PyTorch's optimizers and gradient clipping do. Needs torch 2.13.0.

    python scripts/goldens/optim.py

Tensors are the base64 of their little-endian bytes. ATen runs its plain kernels, without the vector instructions of one
processor or another, so that the same bits come out everywhere on x86-64; the test asks for the same.
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"

import base64
import json
from pathlib import Path

import torch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "optim.json"
STEPS = 32
LR = 0.01
LATE = 5  # the last parameter gets its first gradient at this step
SKIPPED = 12  # and none at this one
PARAMETERS = [([3, 5], "float32"), ([7], "float32"), ([], "float32"), ([2, 3], "float64"), ([1, 9], "float32")]
DTYPES = {"float32": torch.float32, "float64": torch.float64}

OPTIMIZERS = {
    "SGD": [
        {},
        {"weight_decay": 0.1},
        {"momentum": 0.9},
        {"momentum": 0.9, "weight_decay": 0.1, "dampening": 0.3},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
        {"momentum": 0.9, "maximize": True},
    ],
    "Adam": [
        {},
        {"weight_decay": 0.1},
        {"amsgrad": True},
        {"amsgrad": True, "weight_decay": 0.1, "betas": [0.8, 0.95], "eps": 1e-6},
        {"maximize": True, "weight_decay": 0.1},
    ],
    "AdamW": [{}, {"weight_decay": 0.1, "amsgrad": True}, {"weight_decay": 0.0}, {"maximize": True}],
    "Adamax": [{}, {"weight_decay": 0.1}, {"betas": [0.8, 0.95], "eps": 1e-6}, {"maximize": True, "weight_decay": 0.1}],
}

CLIPS = [(1.0, 2.0), (100.0, 2.0), (0.5, 1.0), (0.5, float("inf")), (3.0, 2.0)]


def encode(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()


def draw(random, scale):
    return [torch.randn(shape, generator=random, dtype=DTYPES[dtype]) * scale for shape, dtype in PARAMETERS]


def gradients_of(step, gradients):
    """The gradients of one step; None for the last parameter where it has none."""
    return gradients[:-1] + [None if step < LATE or step == SKIPPED else gradients[-1]]


def optimized(kind, options, initial, gradients):
    parameters = [torch.nn.Parameter(tensor.clone()) for tensor in initial]
    optimizer = getattr(torch.optim, kind)(parameters, lr=LR, **options)
    after = {}
    for step in range(STEPS):
        for parameter, gradient in zip(parameters, gradients_of(step, gradients[step])):
            parameter.grad = None if gradient is None else gradient.clone()
        optimizer.step()
        if step in (0, LATE, STEPS - 1):
            after[step] = [encode(parameter) for parameter in parameters]
    state = optimizer.state_dict()["state"]
    return {
        "kind": kind,
        "options": options,
        "after": after,
        "state": {i: {name: encode(tensor) for name, tensor in entries.items()} for i, entries in state.items()},
    }


def clipped(gradients, max_norm, norm_type):
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)
    return {
        "maxNorm": max_norm,
        "normType": "Infinity" if norm_type == float("inf") else norm_type,
        "gradients": [encode(gradient) for gradient in gradients],
        "norm": norm.item(),
        "clipped": [encode(parameter.grad) for parameter in parameters],
    }


def main():
    random = torch.Generator().manual_seed(0)
    initial = draw(random, 1.0)
    gradients = [draw(random, 0.1 + step % 7) for step in range(STEPS)]
    float32 = [i for i, (_, dtype) in enumerate(PARAMETERS) if dtype == "float32"]
    goldens = {
        "lr": LR,
        "late": LATE,
        "skipped": SKIPPED,
        "parameters": [
            {"shape": shape, "dtype": dtype, "initial": encode(tensor)}
            for (shape, dtype), tensor in zip(PARAMETERS, initial)
        ],
        "gradients": [[encode(gradient) for gradient in step] for step in gradients],
        "optimized": [
            optimized(kind, options, initial, gradients) for kind in OPTIMIZERS for options in OPTIMIZERS[kind]
        ],
        "clipped": [
            {"parameters": chosen, **clipped([gradients[step][i] for i in chosen], max_norm, norm_type)}
            for step, chosen in [(0, float32), (6, float32), (3, list(range(len(PARAMETERS))))]
            for max_norm, norm_type in CLIPS
        ],
    }
    OUTPUT.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
