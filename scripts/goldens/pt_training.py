"""Writes test/goldens/pt_training.json: files of torch.save with optimizers that stopped and went on. Needs torch 2.13.0.

    python scripts/goldens/pt_training.py [--seed N] [--output FILE]

The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import collections
import io
import json
from pathlib import Path

import torch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "pt_training.json"
SHAPES = [[2, 3], [4], [], [3, 2]]
STEPS = 4  # in each of three stretches
OPTIMIZERS = {
    "SGD": [{"lr": 1, "momentum": 0.9}, {"lr": 0.1}],
    "Adam": [{"lr": 0.01, "amsgrad": True, "weight_decay": 0.1}, {"lr": 1, "betas": (0.0, 0.999)}],
    "AdamW": [{"lr": 0.01, "betas": (0.8, 0.95)}],
    "Adamax": [{"lr": 0.01, "eps": 1e-6}],
}


def draw(random):
    return [torch.randn(shape, generator=random) for shape in SHAPES]


def step_all(parameters, optimizer, gradients):
    for step in gradients:
        for parameter, gradient in zip(parameters, step):
            parameter.grad = gradient.clone()
        optimizer.step()


def clone(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return type(value)((key, clone(item)) for key, item in value.items())
    return [clone(item) for item in value] if isinstance(value, list) else value


def trained(kind, options, random):
    """Three stretches of steps with gradients that were drawn, and the states between them."""
    parameters = [torch.nn.Parameter(tensor) for tensor in draw(random)]
    model = collections.OrderedDict((f"{i}.weight", parameter) for i, parameter in enumerate(parameters))
    optimizer = getattr(torch.optim, kind)(parameters, **options)
    gradients = [[draw(random) for _ in range(STEPS)] for _ in range(3)]
    states = []
    for stretch in gradients:
        step_all(parameters, optimizer, stretch)
        states.append({"model": clone(model), "optimizer": clone(optimizer.state_dict())})
    return {"gradients": gradients, "states": states}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(given.seed)
    runs = []
    for kind in OPTIMIZERS:
        for options in OPTIMIZERS[kind]:
            file = io.BytesIO()
            torch.save(trained(kind, options, random), file)
            data = base64.b64encode(file.getvalue()).decode()
            runs.append({"kind": kind, "options": options, "file": data})
    given.output.write_text(json.dumps({"runs": runs}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
