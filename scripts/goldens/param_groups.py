"""Writes test/goldens/param_groups.json: a loop in PyTorch that trains two tasks in groups of parameters. Needs torch 2.13.0.

    python scripts/goldens/param_groups.py [--seed N] [--output FILE]

The trunk has a rate of its own, the second head is frozen, the rest has the common rate. LambdaLR gives every group the same
warm-up and decline. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import json
from pathlib import Path

import torch
from torch import nn

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "param_groups.json"
KINDS = ("SGD", "Adam", "AdamW", "Adamax", "RMSprop", "Adagrad", "NAdam", "RAdam")
POINTS, BATCH, EPOCHS, WARMUP = 40, 8, 4, 3
LR, L2, CLIP = 0.05, 0.01, 0.5
TRUNK = {"lr": 0.003, "l2": 0.1}


def trained(kind, points, labels, generator):
    torch.manual_seed(int(torch.randint(2**31, (), generator=generator)))
    trunk = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 4))
    heads = [nn.Linear(4, 2), nn.Linear(4, 2)]
    modules = nn.ModuleDict({"trunk": trunk, "first_head": heads[0], "second_head": heads[1]})
    heads[1].requires_grad_(False)
    initial = {name: tensor.tolist() for name, tensor in modules.state_dict().items()}
    own = {"params": trunk.parameters(), "lr": TRUNK["lr"], "weight_decay": TRUNK["l2"]}
    groups = [{"params": heads[0].parameters()}, own]
    momentum = {"momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(torch.optim, kind)(groups, lr=LR, weight_decay=L2, **momentum)
    steps = POINTS // BATCH * EPOCHS

    def factor(step):
        return step / WARMUP if step < WARMUP else max(0.0, (steps - step) / (steps - WARMUP))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    for step in range(steps):
        start = step * BATCH % POINTS
        x, y = points[start : start + BATCH], labels[start : start + BATCH]
        optimizer.zero_grad()
        hidden = trunk(x)
        losses = [nn.functional.cross_entropy(head(hidden), y[:, i]) for i, head in enumerate(heads)]
        torch.stack(losses).sum().backward()
        nn.utils.clip_grad_norm_(modules.parameters(), CLIP)
        optimizer.step()
        schedule.step()
    return {
        "kind": kind,
        "initial": initial,
        "weights": {name: tensor.tolist() for name, tensor in modules.state_dict().items()},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(options.seed)
    points = torch.randn(POINTS, 2, generator=generator)
    labels = torch.stack([points.sum(1) > 0, points[:, 0] > points[:, 1]], 1).long()
    goldens = {
        "batchSize": BATCH,
        "trainer": {"nEpochs": EPOCHS, "lr": LR, "l2": L2, "gradClip": CLIP, "warmupSteps": WARMUP, "trunk": TRUNK},
        "points": points.tolist(),
        "labels": labels.tolist(),
        "runs": [trained(kind, points, labels, generator) for kind in KINDS],
    }
    options.output.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
