"""Writes test/goldens/lbfgs.json: what PyTorch's LBFGS does on a few problems. Needs torch 2.13.0.

    python scripts/goldens/lbfgs.py [--seed N] [--output FILE]

The problems are written a second time in scripts/parity/torch/lbfgs.ts. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
import math
import random
from pathlib import Path

import torch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "lbfgs.json"
STEPS = 4
SAVED = 1  # the state is saved after this step
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def rosenbrock(parameters, _):
    left, right = parameters[0][:-1], parameters[0][1:]
    return ((right - left.pow(2)).pow(2) * 100 + (left - 1).pow(2)).sum()


def squares(parameters, data):
    weight, bias = parameters
    return (data[0].mm(weight) + bias - data[1]).pow(2).mean()


def logistic(parameters, data):
    weight, bias = parameters
    logits = data[0].mm(weight) + bias
    labels = data[1].gt(0).to(logits.dtype)
    return (torch.nn.functional.softplus(logits) - labels * logits).mean()


PROBLEMS = {
    "rosenbrock": (rosenbrock, [[4]]),
    "squares": (squares, [[5, 1], [1]]),
    "logistic": (logistic, [[5, 1], [1]]),
}


def encode(value):
    if isinstance(value, torch.Tensor):
        data = base64.b64encode(value.detach().contiguous().numpy().tobytes()).decode()
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": data}
    if isinstance(value, dict):
        # A buffer that every step fills anew.
        return {name: encode(entry) for name, entry in value.items() if name != "al"}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return [encode(element) for element in value] if isinstance(value, list) else value


def draw_options(draw):
    wolfe = draw.random() < 0.6
    options = {"line_search_fn": "strong_wolfe" if wolfe else None, "history_size": draw.choice([2, 5, 100])}
    options["lr"] = draw.uniform(0.3, 1) if wolfe else draw.uniform(0.05, 0.3)
    options["max_iter"] = draw.randint(3, 12)
    if draw.random() < 0.5:
        options["max_eval"] = draw.randint(3, 10)
    if draw.random() < 0.3:
        options["tolerance_grad"], options["tolerance_change"] = 1e-3, 1e-5
    return options


def minimized(problem, dtype, options, generator):
    loss_of, shapes = PROBLEMS[problem]
    make = lambda shape: torch.randn(shape, generator=generator, dtype=DTYPES[dtype])
    parameters = [torch.nn.Parameter(make(shape)) for shape in shapes]
    data = [] if problem == "rosenbrock" else [make([12, 5]), make([12, 1])]
    golden = {
        "problem": problem,
        "options": options,
        "data": encode(data),
        "initial": encode(parameters),
    }
    optimizer = torch.optim.LBFGS(parameters, **options)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(parameters, data)
        loss.backward()
        return loss

    steps = []
    for step in range(STEPS):
        loss = optimizer.step(closure)
        steps.append({"loss": encode(loss), "parameters": encode(parameters)})
        if step == SAVED:
            golden["saved"] = encode(optimizer.state_dict())
    return {**golden, "steps": steps, "final": encode(optimizer.state_dict())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(options.seed)
    draw = random.Random(options.seed)
    given = [{}, {"line_search_fn": "strong_wolfe"}]
    runs = [
        minimized(problem, dtype, chosen, generator)
        for problem in PROBLEMS
        for dtype in DTYPES
        for chosen in [*given, *(draw_options(draw) for _ in range(3))]
    ]
    goldens = {"saved": SAVED, "runs": runs}
    options.output.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
