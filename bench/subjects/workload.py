"""What the Python subjects share: the arguments, the workload, its layers."""

import argparse
import math

import torch
from torch import nn


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--compiled", action="store_true")
    arguments = parser.parse_args()
    workload = torch.load(arguments.file)
    torch.set_num_threads(workload["threads"])
    return workload, arguments


def steps_of(workload):
    batches = [math.ceil(dataset["examples"] / workload["batchSize"]) for dataset in workload["datasets"]]
    return workload["epochs"] * sum(batches)


class LSTMMean(nn.Module):
    """The mean over the steps of an LSTM."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.lstm = nn.LSTM(inputs, hidden, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0].mean(1)


LAYERS = {
    "linear": nn.Linear,
    "relu": nn.ReLU,
    "conv2d": lambda inputs, outputs, kernel, padding: nn.Conv2d(inputs, outputs, kernel, padding=padding),
    "max_pool2d": nn.MaxPool2d,
    "flatten": nn.Flatten,
    "embedding": nn.Embedding,
    "embedding_bag": lambda tokens, width: nn.EmbeddingBag(tokens, width, mode="mean", padding_idx=0),
    "lstm_mean": LSTMMean,
}


def make_trunk(workload):
    return nn.Sequential(*(LAYERS[kind](*sizes) for kind, *sizes in workload["trunk"]))


def make_heads(workload):
    return {task: nn.Linear(workload["width"], classes) for task, classes in workload["tasks"].items()}
