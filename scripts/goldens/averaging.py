"""Writes test/goldens/averaging.json: what torch.optim.swa_utils averages, step by step. Needs torch 2.13.0.

    python scripts/goldens/averaging.py [--seed N] [--output FILE]

A model's state is another one at each step; "averages" are the states of AveragedModels that take them in. "updateBn" is
what update_bn makes of batch norms. Tensors are the base64 of their little-endian bytes. The kernels are those
of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
import random
from pathlib import Path

import torch
from torch import nn
from torch.optim import swa_utils

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "averaging.json"
STEPS = 12


def encode(tensor):
    data = base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "data": data}


def encode_state(module):
    return {name: encode(tensor) for name, tensor in module.state_dict().items()}


def new_model(dtype):
    return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Linear(5, 2)).to(dtype)


def next_state(model, step, generator):
    """The model after a step: other weights and statistics."""
    with torch.no_grad():
        for tensor in [*model.parameters(), model[1].running_mean, model[1].running_var]:
            tensor.add_(torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype) * 0.3)
        model[1].num_batches_tracked.fill_(1 + 7 * step)


def rules(draw):
    """By name, what AveragedModel is given; use_buffers too where PyTorch can average integers so."""
    decay = draw.uniform(0.5, 0.999)
    return {
        "default": ({}, True),
        "swaAvgFn": ({"avg_fn": swa_utils.get_swa_avg_fn()}, True),
        "swaMultiAvgFn": ({"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()}, False),
        "emaAvgFn": ({"avg_fn": swa_utils.get_ema_avg_fn(decay)}, True),
        "emaMultiAvgFn": ({"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(decay)}, True),
    }, decay


def averaged(dtype, draw, generator):
    model = new_model(dtype)
    chosen, decay = rules(draw)
    models = [
        (name, use_buffers, swa_utils.AveragedModel(model, use_buffers=use_buffers, **arguments))
        for name, (arguments, has_buffers) in chosen.items()
        for use_buffers in ([False, True] if has_buffers else [False])
    ]
    states = []
    after = [[] for _ in models]
    for step in range(STEPS):
        next_state(model, step, generator)
        states.append(encode_state(model))
        for (_, _, average), recorded in zip(models, after):
            average.update_parameters(model)
            recorded.append(encode_state(average))
    cases = [
        {"rule": name, "useBuffers": use_buffers, "after": recorded}
        for (name, use_buffers, _), recorded in zip(models, after)
    ]
    return {"decay": decay, "dtype": str(dtype).removeprefix("torch."), "states": states, "cases": cases}


def updated_bn(draw, generator):
    momentum = draw.choice([0.1, draw.random()])
    model = nn.Sequential(nn.BatchNorm2d(2, momentum=momentum), nn.Flatten(), nn.BatchNorm1d(8, momentum=None))
    batches = [torch.randn(rows, 2, 2, 2, generator=generator) for rows in draw.choices(range(2, 9), k=7)]
    model(torch.randn(4, 2, 2, 2, generator=generator))
    swa_utils.update_bn([[batch, None] for batch in batches], model)
    after = encode_state(model)
    # And on with the momentum that it had.
    model(batches[0])
    return {
        "momentum": momentum,
        "batches": [encode(batch) for batch in batches],
        "after": after,
        "later": encode_state(model),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    draw = random.Random(arguments.seed)
    generator = torch.Generator().manual_seed(arguments.seed)
    goldens = {
        "averages": [averaged(dtype, draw, generator) for dtype in (torch.float32, torch.float64)],
        "updateBn": [updated_bn(draw, generator) for _ in range(3)],
    }
    arguments.output.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
