"""Reads what scripts/parity/torch/files.ts saved, goes on training, and tells how far all is from Python's own run.

    python files.py FOLDER
"""

import os

os.environ["ATEN_CPU_CAPABILITY"] = "default"

import json
import sys
from pathlib import Path

import torch


class Holder(torch.nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(shape))


def difference(value, other):
    """The largest difference of two tensors, numbers or structures of them; NaN where they are not alike."""
    if isinstance(other, torch.Tensor):
        alike = isinstance(value, torch.Tensor) and (value.dtype, value.shape) == (other.dtype, other.shape)
        return (value - other).abs().max().item() if alike else float("nan")
    if isinstance(other, dict):
        # Options that only one of the two has are no difference.
        missing = [key for key in other if key not in value and not isinstance(key, str)]
        return float("nan") if missing else worst(difference(value[key], other[key]) for key in other if key in value)
    if isinstance(other, (list, tuple)):
        alike = len(value) == len(other)
        return worst(difference(one, two) for one, two in zip(value, other)) if alike else float("nan")
    # An option that a state dict lacks is off: False, where the constructor leaves None.
    return 0 if value == other or (value, other) == (False, None) else float("nan")


def worst(differences):
    differences = list(differences)
    return float("nan") if any(d != d for d in differences) else max(differences, default=0)


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    rows = []
    for run in json.loads((folder / "runs.json").read_text()):
        python = torch.load(folder / f"{run['name']}.python.pt", weights_only=True)
        ours = torch.load(folder / f"{run['name']}.pt", weights_only=True)
        mapped = torch.load(folder / f"{run['name']}.pt", weights_only=True, mmap=True)
        rows.append({"name": "read", "difference": difference(ours, python["states"][1])})
        rows.append({"name": "mapped into memory", "difference": difference(mapped, ours)})
        module = torch.nn.Sequential(*(Holder(tensor.shape) for tensor in ours["model"].values()))
        module.load_state_dict(ours["model"])
        parameters = list(module.parameters())
        optimizer = getattr(torch.optim, run["kind"])(parameters, lr=0.5)
        optimizer.load_state_dict(ours["optimizer"])
        for gradients in python["gradients"][2]:
            for parameter, gradient in zip(parameters, gradients):
                parameter.grad = gradient.clone()
            optimizer.step()
        later = {"model": module.state_dict(), "optimizer": optimizer.state_dict()}
        rows.append({"name": "trained on", "difference": difference(later, python["states"][2])})
        for row in rows[-3:]:
            row["name"] = f"{run['name']} of ours, {row['name']} in Python"
    (folder / "rows.json").write_text(json.dumps([{**row, "difference": str(row["difference"])} for row in rows]))


if __name__ == "__main__":
    main()
