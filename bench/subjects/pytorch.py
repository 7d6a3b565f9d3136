"""A loop of PyTorch without anything that costs: no loader, the fused optimizer, tensors in memory.

    python pytorch.py FILE [--device cpu] [--compiled]      --compiled: the losses through torch.compile
"""

import random

import torch
from serve import serve
from torch import nn
from torch.nn import functional as F
from workload import make_heads, make_trunk, read_arguments, steps_of


class Examples:
    """The examples of a dataset on the device: batches are made by indexing."""

    def __init__(self, workload, dataset, device):
        examples = workload["data"][dataset["name"]]
        self.tasks = dataset["tasks"]
        self.labels = torch.stack([examples["labels"][task] for task in self.tasks], 1).to(device)
        self.lengths = None
        if "x" in examples:
            self.x = examples["x"].to(device)
        else:
            self.lengths = examples["offsets"].diff()
            rows = examples["values"].split(self.lengths.tolist())
            self.x = nn.utils.rnn.pad_sequence(rows, batch_first=True).to(device)

    def batches(self, size):
        """The positions of the examples of each batch of an epoch; on the CPU where lengths are looked up."""
        permutation = torch.randperm(len(self.labels))
        return (permutation if self.lengths is not None else permutation.to(self.x.device)).split(size)

    def batch(self, indices):
        x = self.x
        if self.lengths is not None:
            width = -(-int(self.lengths[indices].max()) // 16) * 16
            x = x[:, :width]
        indices = indices.to(x.device)
        return x[indices], self.labels[indices]


def main():
    workload, arguments = read_arguments()
    device = arguments.device
    torch.manual_seed(0)
    trunk = make_trunk(workload)
    model = nn.ModuleDict({"trunk": trunk, "heads": nn.ModuleDict(make_heads(workload))}).to(device)
    initial = {name: value.clone() for name, value in model.state_dict().items()}
    datasets = [Examples(workload, dataset, device) for dataset in workload["datasets"]]
    parameters = list(model.parameters())

    def loss_of(tasks, x, labels):
        hidden = model["trunk"](x)
        losses = [
            F.cross_entropy(model["heads"][task](hidden), label, ignore_index=-1)
            for task, label in zip(tasks, labels.unbind(1))
        ]
        return sum(losses)

    trained_loss = loss_of
    if arguments.compiled:
        trained_loss = torch.compile(loss_of, mode="reduce-overhead", dynamic=False)

    def fit():
        torch.manual_seed(0)
        random.seed(0)
        optimizer = torch.optim.Adam(parameters, lr=workload["lr"], fused=True)
        for _ in range(workload["epochs"]):
            batches = [
                (examples, indices)
                for examples in datasets
                for indices in examples.batches(workload["batchSize"])
            ]
            random.shuffle(batches)
            for examples, indices in batches:
                optimizer.zero_grad(set_to_none=True)
                trained_loss(examples.tasks, *examples.batch(indices)).backward()
                nn.utils.clip_grad_norm_(parameters, workload["gradClip"])
                optimizer.step()

    def loss_of_model():
        with torch.no_grad():
            heads = [(examples, torch.arange(min(512, len(examples.labels)))) for examples in datasets]
            return float(sum(loss_of(examples.tasks, *examples.batch(indices)) for examples, indices in heads))

    serve(fit, loss_of_model, lambda: model.load_state_dict(initial), steps_of(workload), device)


main()
