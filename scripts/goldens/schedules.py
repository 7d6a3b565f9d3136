"""Writes test/goldens/schedules.json: learning rates step by step. Needs torch 2.13.0 and snorkel 0.10.0.

    python scripts/goldens/schedules.py [--seed N] [--output FILE]

"snorkel" is the rate that Snorkel's Trainer gives each batch, by Snorkel's own methods. Where Snorkel's first batch of a
warm-up escapes the warm-up, and where it divides by zero, the file says so; what is right there is in the test.

"schedules" are PyTorch's schedulers with options drawn from the seed: what is in param_groups[0]["lr"] at each step.
"plateaus" are ReduceLROnPlateau's over metrics that fall and stall. Options are spelled as they are in TypeScript.
"""

import argparse
import itertools
import json
import random
import warnings
from pathlib import Path

import torch
from snorkel.classification import Trainer
from torch.optim import lr_scheduler
from torch.optim.swa_utils import SWALR

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "schedules.json"
BATCHES = 10
EPOCHS = 4
LR = 0.0123
STEPS = 300
DRAWS = 3


def snorkel_rates(kind, warmup, min_lr, gamma, step_size):
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


def snorkel_case(kind, warmup, min_lr, gamma, step_size):
    golden = {"kind": kind, "warmupSteps": warmup, "minLr": min_lr, "gamma": gamma, "stepSize": step_size}
    try:
        golden["rates"] = snorkel_rates(kind, warmup, min_lr, gamma, step_size)
    except ZeroDivisionError:
        golden["dividesByZero"] = True
    return golden


def snorkel_cases():
    decays = {
        "constant": [(0.9, 5)],
        "linear": [(0.9, 5)],
        "exponential": [(0.9, 5), (0.97, 5)],
        "step": [(0.9, 5), (0.37, 1), (0.9, 100)],
    }
    return [
        snorkel_case(kind, warmup, min_lr, gamma, step_size)
        for kind, settings in decays.items()
        for gamma, step_size in settings
        for warmup, min_lr in itertools.product([0, 1, 7, BATCHES * EPOCHS], [0.0, 0.004])
    ]


def drawn_options(kind, draw):
    """The options of a kind. Some draws end before the last step, some after it."""
    length = draw.choice([17, 100, 250, STEPS, 1000])
    gamma = round(draw.uniform(0.9, 1.01), 6)
    eta_min = draw.choice([0.0, draw.uniform(0, 0.01)])
    strategy = draw.choice(["cos", "linear"])
    if kind == "constant":
        return {"factor": draw.uniform(0.1, 1), "totalIters": draw.choice([1, length])}
    if kind == "exponential":
        return {"gamma": gamma}
    if kind == "step":
        return {"gamma": gamma, "stepSize": draw.randint(1, 50)}
    if kind == "multiStep":
        return {"gamma": draw.random(), "milestones": sorted(draw.choices(range(STEPS), k=6))}
    if kind == "polynomial":
        return {"totalIters": length, "power": draw.choice([1.0, 2.0, draw.uniform(0.3, 3)])}
    if kind == "cosine":
        return {"tMax": draw.choice([1, draw.randint(2, 60), length]), "etaMin": eta_min}
    if kind == "cosineWarmRestarts":
        return {"t0": draw.randint(1, 60), "tMult": draw.randint(1, 3), "etaMin": eta_min}
    if kind == "oneCycle":
        return {
            "totalSteps": draw.randint(STEPS, 2 * STEPS),
            "maxLr": draw.uniform(0.01, 1),
            "pctStart": draw.uniform(0.05, 0.45),
            "annealStrategy": strategy,
            "divFactor": draw.uniform(2, 50),
            "finalDivFactor": draw.uniform(10, 1e5),
            "threePhase": draw.random() < 0.5,
        }
    if kind == "cyclic":
        return {
            "baseLr": draw.uniform(0.001, 0.01),
            "maxLr": draw.uniform(0.01, 1),
            "stepSizeUp": draw.randint(1, 50),
            "stepSizeDown": draw.choice([None, draw.randint(1, 50)]),
            "mode": draw.choice(["triangular", "triangular2", "expRange"]),
            "gamma": gamma,
        }
    if kind == "swa":
        return {
            "swaLr": draw.uniform(0.001, 0.1),
            "startStep": draw.choice([0, draw.randint(1, STEPS)]),
            "annealSteps": draw.choice([0, 1, length]),
            "annealStrategy": strategy,
        }
    return {"decay": draw.uniform(0, 0.01)}  # lambda and multiplicative: the factor 1 / (1 + decay * step)


def scheduler_of(kind, optimizer, options):
    if kind == "constant":
        return lr_scheduler.ConstantLR(optimizer, options["factor"], options["totalIters"])
    if kind == "exponential":
        return lr_scheduler.ExponentialLR(optimizer, options["gamma"])
    if kind == "step":
        return lr_scheduler.StepLR(optimizer, options["stepSize"], options["gamma"])
    if kind == "multiStep":
        return lr_scheduler.MultiStepLR(optimizer, options["milestones"], options["gamma"])
    if kind == "polynomial":
        return lr_scheduler.PolynomialLR(optimizer, options["totalIters"], options["power"])
    if kind == "cosine":
        return lr_scheduler.CosineAnnealingLR(optimizer, options["tMax"], options["etaMin"])
    if kind == "cosineWarmRestarts":
        restarts = lr_scheduler.CosineAnnealingWarmRestarts
        return restarts(optimizer, options["t0"], options["tMult"], options["etaMin"])
    if kind == "oneCycle":
        return lr_scheduler.OneCycleLR(
            optimizer,
            options["maxLr"],
            total_steps=options["totalSteps"],
            pct_start=options["pctStart"],
            anneal_strategy=options["annealStrategy"],
            cycle_momentum=False,
            div_factor=options["divFactor"],
            final_div_factor=options["finalDivFactor"],
            three_phase=options["threePhase"],
        )
    if kind == "cyclic":
        return lr_scheduler.CyclicLR(
            optimizer,
            options["baseLr"],
            options["maxLr"],
            step_size_up=options["stepSizeUp"],
            step_size_down=options["stepSizeDown"],
            mode=options["mode"].replace("expRange", "exp_range"),
            gamma=options["gamma"],
            cycle_momentum=False,
        )
    if kind == "swa":
        return SWALR(optimizer, options["swaLr"], options["annealSteps"], options["annealStrategy"])

    def factor(step):
        return 1 / (1 + options["decay"] * step)

    chosen = lr_scheduler.LambdaLR if kind == "lambda" else lr_scheduler.MultiplicativeLR
    return chosen(optimizer, factor)


def new_optimizer(lr):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)


def schedule_case(kind, draw):
    lr = draw.uniform(0.001, 1)
    options = drawn_options(kind, draw)
    # SWALR itself has no start: it is made, and stepped, from there on.
    start = options.get("startStep", 0)
    optimizer = new_optimizer(lr)
    rates = [lr] * start
    scheduler = scheduler_of(kind, optimizer, options)
    for _ in range(start, STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"schedule": {"kind": kind, "lr": lr, **options}, "rates": rates}


KINDS = [
    "constant",
    "exponential",
    "step",
    "multiStep",
    "polynomial",
    "cosine",
    "cosineWarmRestarts",
    "oneCycle",
    "cyclic",
    "swa",
    "lambda",
    "multiplicative",
]


def plateau_case(draw):
    options = {
        "mode": draw.choice(["min", "max"]),
        "factor": draw.uniform(0.1, 0.9),
        "patience": draw.randint(0, 4),
        "threshold": draw.choice([1e-4, draw.uniform(0, 0.1)]),
        "thresholdMode": draw.choice(["rel", "abs"]),
        "cooldown": draw.randint(0, 4),
        "minLr": draw.choice([0.0, 1e-4]),
        "eps": draw.choice([1e-8, 1e-3]),
    }
    lr = draw.uniform(0.01, 1)
    sign = 1 if options["mode"] == "min" else -1
    optimizer = new_optimizer(lr)
    scheduler = lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode=options["mode"],
        factor=options["factor"],
        patience=options["patience"],
        threshold=options["threshold"],
        threshold_mode=options["thresholdMode"],
        cooldown=options["cooldown"],
        min_lr=options["minLr"],
        eps=options["eps"],
    )
    metrics, rates = [], []
    level = 3.0
    for _ in range(STEPS):
        level *= draw.choice([1.0, 1.0, 1.0, 0.97])
        metrics.append(sign * level * draw.uniform(1, 1.05))
        scheduler.step(metrics[-1])
        rates.append(optimizer.param_groups[0]["lr"])
    names = ["best", "cooldown_counter", "num_bad_epochs", "last_epoch"]
    state = {name: scheduler.state_dict()[name] for name in names}
    return {"options": options, "lr": lr, "metrics": metrics, "rates": rates, "state": state}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    draw = random.Random(arguments.seed)
    goldens = {
        "snorkel": {"lr": LR, "totalSteps": BATCHES * EPOCHS, "cases": snorkel_cases()},
        "schedules": [schedule_case(kind, draw) for kind in KINDS for _ in range(DRAWS)],
        "plateaus": [plateau_case(draw) for _ in range(6)],
    }
    arguments.output.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
