"""Trains with Python Snorkel what train.ts trains here.

    python train.py FOLDER

Reads cases.json and data.safetensors of the folder, writes results.json and weights.safetensors. Snorkel runs as it is:
losses and learning rates are read beside `calculate_loss`, which the trainer calls once for each batch.
"""

import json
import random
import re
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task, Trainer
from torch import nn


def seed_everything(seed):
    torch.manual_seed(seed)
    random.seed(seed)


def snake_case(options):
    if not isinstance(options, dict):
        return options
    return {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), key): snake_case(value) for key, value in options.items()}


def make_trunk(sizes, dropout):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    if dropout > 0:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers)


def make_task(trunk, width, name, field, classes):
    head = f"{name}_head"
    return Task(
        name=name,
        module_pool=nn.ModuleDict({"base_mlp": trunk, head: nn.Linear(width, classes)}),
        op_sequence=[
            Operation(name=f"{field}_mlp", module_name="base_mlp", inputs=[("_input_", field)]),
            Operation(module_name=head, inputs=[f"{field}_mlp"]),
        ],
    )


def make_loaders(stage, workload, data):
    loaders = []
    for dataset in workload["datasets"]:
        if dataset["name"] not in stage["datasets"]:
            continue
        key, split = dataset["key"], dataset["split"]
        x_dict = {field: data[f"{key}/{field}"] for field in dataset["fields"]}
        y_dict = {label: data[f"{key}/{label}"] for label in dataset["labels"]}
        shuffle = stage["shuffle"] and split == "train"
        loaders.append(
            DictDataLoader(
                DictDataset(dataset["name"], split, x_dict, y_dict),
                batch_size=dataset["batchSize"],
                shuffle=shuffle,
            )
        )
    return loaders


def record_batches(model, trainer, batches):
    calculate_loss = MultitaskClassifier.calculate_loss

    def recording(x_dict, y_dict):
        losses, counts = calculate_loss(model, x_dict, y_dict)
        rate = trainer.optimizer.param_groups[0]["lr"]
        batches.append({"rate": rate, "losses": {label: loss.item() for label, loss in losses.items()}})
        return losses, counts

    model.calculate_loss = recording


def copy_weights(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def train(case, workload, data):
    seed_everything(case["seed"])
    trunk = make_trunk(workload["trunk"], workload["dropout"])
    model = MultitaskClassifier([], device=-1, dataparallel=False)
    batches = []
    weights = {}
    stages = [case[name] for name in ("fit", "secondFit") if name in case]
    for stage in stages:
        for task in stage["tasks"]:
            model.add_task(make_task(trunk, workload["trunk"][-1], **task))
        if case["start"] == "given":
            weights["initial"] = copy_weights(model)
            seed_everything(case["seed"])
        trainer = Trainer(progress_bar=False, **snake_case(stage["trainer"]))
        record_batches(model, trainer, batches)
        loaders = make_loaders(stage, workload, data)
        validates = stage["validate"]
        trainer.fit(model, [loader for loader in loaders if validates or loader.dataset.split == "train"])
        scores = model.score(loaders)
    weights["final"] = copy_weights(model)
    return {"batches": batches, "scores": scores}, weights


def main(folder):
    torch.set_num_threads(1)
    run = json.loads((folder / "cases.json").read_text())
    data = load_file(folder / "data.safetensors")
    results, all_weights = {}, {}
    for case in run["cases"]:
        name = case["name"]
        results[name], weights = train(case, run["workloads"][case["workload"]], data)
        for moment, values in weights.items():
            all_weights.update({f"{name}/{moment}/{parameter}": value for parameter, value in values.items()})
    (folder / "results.json").write_text(json.dumps(results))
    save_file(all_weights, folder / "weights.safetensors")


main(Path(sys.argv[1]))
