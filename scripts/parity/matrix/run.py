"""Runs with Python Snorkel what run.ts runs here.

    python run.py FOLDER

Reads cases.json and data.safetensors of the folder. Each case runs three times: with Snorkel as it is; with Snorkel in which
the faults that this package decided not to have are put right; and so once more from initial weights that are a rounding
away, which tells how much of a rounding a run makes. Writes results.json and tensors.safetensors, and logs and checkpoints
into the folders CASE/snorkel, CASE/corrected and CASE/nudged.
"""

import json
import logging
import math
import random
import re
import sys
import warnings
from contextlib import nullcontext
from pathlib import Path

import torch
from build import build
from corrected import WatchedTrainer, corrected
from safetensors.torch import load_file, save_file


def snake_case(options):
    if not isinstance(options, dict):
        return options
    return {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), key): snake_case(value) for key, value in options.items()}


def copy_weights(model):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    return {name.replace(".module.", "."): value for name, value in weights.items()}


def nudge(model):
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 1e-6 * torch.randn(parameter.shape, generator=generator))


def make_trainer(trainer_class, case, folder):
    options = snake_case(case["trainer"])
    options["log_writer_config"] = {"log_dir": str(folder / "logs"), "run_name": "run"}
    options.setdefault("checkpointer_config", {})["checkpoint_dir"] = str(folder / "checkpoints")
    return trainer_class(**options)


def look(case, model, loaders, outcome, tensors):
    for i, loader in enumerate(loaders):
        predictions = model.predict(loader, return_preds=True)
        for part, values in predictions.items():
            tensors[part] = {**tensors.get(part, {}), **{f"{i}/{label}": value for label, value in values.items()}}
    outcome["scores"] = model.score(loaders)
    outcome["table"] = model.score(loaders[:1], as_dataframe=True).to_dict("records")
    outcome["remappedScores"] = model.score(loaders, case["remapLabels"])
    if case["sliceNames"] is not None:
        outcome["sliceScores"] = model.score_slices(loaders)


def run(case, data, trainer_class, folder, is_nudged):
    outcome = {"failure": None, "fits": 0, "metrics": [], "batches": [], "isTraining": False}
    outcome.update({name: None for name in ("log", "scores", "table", "remappedScores", "sliceScores")})
    tensors = {}
    during, trainer, model = "build", None, None
    try:
        torch.manual_seed(case["seed"])
        random.seed(case["seed"])
        model, loaders = build(case, data)
        tensors["initial"] = copy_weights(model)
        if is_nudged:
            nudge(model)
        during = "fit"
        trainer = make_trainer(trainer_class, case, folder)
        for _ in range(case["fits"]):
            trainer.fit(model, loaders)
            outcome["fits"] += 1
            outcome["metrics"].append(dict(trainer.metrics))
        outcome["isTraining"] = all(module.training for module in model.modules())
        during = "score"
        look(case, model, loaders, outcome, tensors)
    except Exception as error:
        outcome["failure"] = {"during": during, "type": type(error).__name__, "message": str(error)}
    if model is not None:
        tensors["final"] = copy_weights(model)
    if trainer is not None:
        outcome["batches"] = getattr(trainer, "batches", [])
    outcome["drawn"] = [torch.rand(1).item(), random.random()]
    log = folder / "logs" / "run" / "log.json"
    if log.exists():
        outcome["log"] = json.loads(log.read_text())
    return outcome, tensors


def jsonable(value):
    """With NaN and infinities as text, and NumPy's scalars as numbers."""
    if isinstance(value, dict):
        return {name: jsonable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def main(folder):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable()
    cases = json.loads((folder / "cases.json").read_text())
    data = load_file(folder / "data.safetensors")
    results, all_tensors = {}, {}
    for case in cases:
        name = case["name"]
        results[name] = {}
        for side in ("snorkel", "corrected", "nudged"):
            own = json.loads(json.dumps(case))
            with nullcontext(WatchedTrainer) if side == "snorkel" else corrected() as trainer_class:
                outcome, tensors = run(own, data, trainer_class, folder / name / side, side == "nudged")
            results[name][side] = jsonable(outcome)
            for part, values in tensors.items():
                for key, value in values.items():
                    all_tensors[f"{name}/{side}/{part}/{key}"] = value.contiguous().clone()
    (folder / "results.json").write_text(json.dumps(results))
    save_file(all_tensors, folder / "tensors.safetensors")


main(Path(sys.argv[1]))
