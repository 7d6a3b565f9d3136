"""Python Snorkel: its Trainer as it is.

    python snorkel_trainer.py FILE [--device cpu]
"""

import random

import torch
from serve import serve
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task, Trainer
from torch import nn
from workload import make_heads, make_trunk, read_arguments, steps_of


def main():
    workload, arguments = read_arguments()
    torch.manual_seed(0)
    model = make_model(workload, arguments.device)
    initial = {name: value.clone() for name, value in model.state_dict().items()}
    datasets = [
        DictDataset(name, "train", {"x": rows_of(examples)}, examples["labels"])
        for name, examples in workload["data"].items()
    ]
    loaders = [DictDataLoader(dataset, batch_size=workload["batchSize"], shuffle=True) for dataset in datasets]
    heads = [next(iter(DictDataLoader(dataset, batch_size=512))) for dataset in datasets]

    def fit():
        torch.manual_seed(0)
        random.seed(0)
        options = {"n_epochs": workload["epochs"], "lr": workload["lr"], "grad_clip": workload["gradClip"]}
        Trainer(**options, progress_bar=False).fit(model, loaders)

    def loss_of_model():
        model.eval()
        with torch.no_grad():
            losses = [loss for batch in heads for loss in model.calculate_loss(*batch)[0].values()]
        return float(sum(losses))

    serve(fit, loss_of_model, lambda: model.load_state_dict(initial), steps_of(workload), arguments.device)


def make_model(workload, device):
    trunk = make_trunk(workload)
    tasks = [
        Task(
            name=task,
            module_pool=nn.ModuleDict({"trunk": trunk, f"{task}_head": head}),
            op_sequence=[
                Operation(module_name="trunk", inputs=[("_input_", "x")]),
                Operation(module_name=f"{task}_head", inputs=["trunk"]),
            ],
        )
        for task, head in make_heads(workload).items()
    ]
    return MultitaskClassifier(tasks, device=0 if device == "cuda" else -1, dataparallel=False)


def rows_of(examples):
    """A tensor, or a list of rows of different lengths, which Snorkel pads."""
    if "x" in examples:
        return examples["x"]
    return list(examples["values"].split(examples["offsets"].diff().tolist()))


main()
