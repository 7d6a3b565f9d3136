"""Writes test/goldens/schedules.json: the learning rate that Snorkel's Trainer gives each batch. Needs snorkel 0.10.0.

    python scripts/goldens/schedules.py

The rates are those of Snorkel's own methods. Where Snorkel's first batch of a warm-up escapes the warm-up, and where it
divides by zero, the file says so; what is right there is in the test.
"""

import itertools
import json
import warnings
from pathlib import Path

import torch
from snorkel.classification import Trainer

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "schedules.json"
BATCHES = 10
EPOCHS = 4
LR = 0.0123


def rates(kind, warmup, min_lr, gamma, step_size):
    config = {
        "warmup_steps": warmup,
        "min_lr": min_lr,
        "exponential_config": {"gamma": gamma},
        "step_config": {"gamma": gamma, "step_size": step_size},
    }
    trainer = Trainer(lr=LR, n_epochs=EPOCHS, lr_scheduler=kind, lr_scheduler_config=config)
    trainer.n_batches_per_epoch = BATCHES
    trainer._set_optimizer(torch.nn.Linear(1, 1))
    trainer._set_lr_scheduler()
    used = []
    for batch in range(BATCHES * EPOCHS):
        used.append(trainer.optimizer.param_groups[0]["lr"])
        trainer.optimizer.step()
        trainer._update_lr_scheduler(batch)
    return used


def case(kind, warmup, min_lr, gamma, step_size):
    golden = {"kind": kind, "warmupSteps": warmup, "minLr": min_lr, "gamma": gamma, "stepSize": step_size}
    try:
        golden["rates"] = rates(kind, warmup, min_lr, gamma, step_size)
    except ZeroDivisionError:
        golden["dividesByZero"] = True
    return golden


def main():
    warnings.filterwarnings("ignore")
    decays = {
        "constant": [(0.9, 5)],
        "linear": [(0.9, 5)],
        "exponential": [(0.9, 5), (0.97, 5)],
        "step": [(0.9, 5), (0.37, 1), (0.9, 100)],
    }
    cases = [
        case(kind, warmup, min_lr, gamma, step_size)
        for kind, settings in decays.items()
        for gamma, step_size in settings
        for warmup, min_lr in itertools.product([0, 1, 7, BATCHES * EPOCHS], [0.0, 0.004])
    ]
    goldens = {"lr": LR, "totalSteps": BATCHES * EPOCHS, "cases": cases}
    OUTPUT.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
