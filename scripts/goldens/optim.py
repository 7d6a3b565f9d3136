"""Writes test/goldens/optim.json: what PyTorch's optimizers and gradient clipping do. Needs torch 2.13.0.

    python scripts/goldens/optim.py [--seed N] [--output FILE]

Tensors are the base64 of their little-endian bytes. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
from pathlib import Path

import torch
from optim_cases import runs

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "optim.json"
STEPS = 32
LATE = 5  # the last parameter gets its first gradient at this step
SKIPPED = 12  # and none at this one
ADDED = 3  # the last of several groups is added before this step
SAVED = 16  # the state is saved after this step
CHANGED = 20  # options of the first group are set before this step
CHANGE = {"lr": 0.003, "weight_decay": 0.05}
RECORDED = (0, LATE, SAVED, STEPS - 1)
PARAMETERS = [([3, 5], "float32"), ([7], "float32"), ([], "float32"), ([2, 3], "float64"), ([1, 9], "float32")]
DTYPES = {"float32": torch.float32, "float64": torch.float64}

CLIPS = [(1.0, 2.0), (100.0, 2.0), (0.5, 1.0), (0.5, float("inf")), (3.0, 2.0)]
CLIP_VALUES = [0.3, 2.0]


def encode(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()


def draw(generator, scale):
    return [torch.randn(shape, generator=generator, dtype=DTYPES[dtype]) * scale for shape, dtype in PARAMETERS]


def gradients_of(step, gradients, frozen):
    """The gradients of one step; none for a frozen parameter, nor for the last where it has none."""
    missing = {frozen, len(gradients) - 1 if step < LATE or step == SKIPPED else None}
    return [None if place in missing else gradient for place, gradient in enumerate(gradients)]


def state_of(optimizer):
    """The state dict, its tensors by place and name as dtype, shape and bytes."""
    state_dict = optimizer.state_dict()
    state = {
        place: {
            name: {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "data": encode(tensor)}
            for name, tensor in entries.items()
        }
        for place, entries in state_dict["state"].items()
    }
    return {"state": state, "param_groups": state_dict["param_groups"]}


def optimized(run, initial, gradients):
    parameters = [torch.nn.Parameter(tensor.clone()) for tensor in initial]
    if run["frozen"] is not None:
        parameters[run["frozen"]].requires_grad_(False)
    groups = [{**group, "params": [parameters[i] for i in group["params"]]} for group in run["groups"]]
    later = groups.pop() if len(groups) > 1 else None
    optimizer = getattr(torch.optim, run["kind"])(groups, **run["options"])
    after, saved = {}, None
    for step in range(STEPS):
        if step == ADDED and later is not None:
            optimizer.add_param_group(later)
        if step == CHANGED:
            optimizer.param_groups[0].update(CHANGE)
        for parameter, gradient in zip(parameters, gradients_of(step, gradients[step], run["frozen"])):
            parameter.grad = None if gradient is None else gradient.clone()
        optimizer.step()
        if step in RECORDED:
            after[step] = [encode(parameter) for parameter in parameters]
        if step == SAVED:
            saved = state_of(optimizer)
    return {**run, "after": after, "saved": saved, "final": state_of(optimizer)}


def with_gradients(gradients):
    parameters = [torch.nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient.clone()
    return parameters


def clipped(gradients, max_norm, norm_type):
    parameters = with_gradients(gradients)
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)
    return {
        "maxNorm": max_norm,
        "normType": "Infinity" if norm_type == float("inf") else norm_type,
        "norm": norm.item(),
        "clipped": [encode(parameter.grad) for parameter in parameters],
    }


def clipped_values(gradients, clip_value):
    parameters = with_gradients(gradients)
    torch.nn.utils.clip_grad_value_(parameters, clip_value)
    return {"clipValue": clip_value, "clipped": [encode(parameter.grad) for parameter in parameters]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(options.seed)
    initial = draw(generator, 1.0)
    gradients = [draw(generator, 0.1 + step % 7) for step in range(STEPS)]
    float32 = [i for i, (_, dtype) in enumerate(PARAMETERS) if dtype == "float32"]
    everything = list(range(len(PARAMETERS)))
    goldens = {
        "late": LATE,
        "skipped": SKIPPED,
        "added": ADDED,
        "saved": SAVED,
        "changed": CHANGED,
        "change": CHANGE,
        "parameters": [
            {"shape": shape, "dtype": dtype, "initial": encode(tensor)}
            for (shape, dtype), tensor in zip(PARAMETERS, initial)
        ],
        "gradients": [[encode(gradient) for gradient in step] for step in gradients],
        "optimized": [optimized(run, initial, gradients) for run in runs(options.seed)],
        "clipped": [
            {"step": step, "parameters": chosen, **clipped([gradients[step][i] for i in chosen], max_norm, norm_type)}
            for step, chosen in [(0, float32), (6, float32), (3, everything)]
            for max_norm, norm_type in CLIPS
        ],
        "clippedValues": [
            {"step": step, "parameters": everything, **clipped_values(gradients[step], clip_value)}
            for step in (0, 3)
            for clip_value in CLIP_VALUES
        ],
    }
    options.output.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
