"""Reads what scripts/parity/torch/files.ts saved, goes on training, and tells how far all is from Python's own.

    python files.py FOLDER
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "goldens"))
import plain_kernels  # before torch

import pt_files
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


def plain(value):
    """A value as it is after a way through JavaScript."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    return str(value).removeprefix("torch.") if isinstance(value, (torch.device, torch.dtype)) else value


def identical(value, other):
    """0 where two structures are the same to the bit, classes and strides of tensors too; else NaN."""
    if isinstance(other, torch.Tensor):
        facts = [(type(t), t.dtype, t.shape, t.stride(), t.storage_offset(), t.requires_grad) for t in (value, other)]
        same = facts[0] == facts[1] and pt_files.encode(value) == pt_files.encode(other)
    elif isinstance(other, (dict, list)):
        values, others = (list(v.items()) if isinstance(v, dict) else v for v in (value, other))
        pairs = [(v, o) for v, o in zip(values, others)]
        if isinstance(other, dict):
            pairs = [pair for (key, v), (other_key, o) in pairs for pair in ((key, other_key), (v, o))]
        same = len(values) == len(others) and all(identical(v, o) == 0 for v, o in pairs)
    else:
        same = value == other or (value != value and other != other)
    return 0 if same else float("nan")


def check_round_trips(folder):
    """What was read from Python's files and written again."""
    for name, value in [("values", pt_files.plain_values()), ("tensors", pt_files.tensors())]:
        ours = torch.load(folder / f"{name}.pt", weights_only=True)
        yield f"{name} of Python, read and saved here", identical(ours, plain(value))
    base, turned = ours["views"][:2]
    shared = base.untyped_storage().data_ptr() == turned.untyped_storage().data_ptr()
    yield "memory that tensors share, saved here", 0 if shared else float("nan")


def check_snorkel(folder):
    model = pt_files.snorkel_model()
    model.load(str(folder / "snorkel.pth"))
    python = torch.load(pt_files.OUTPUT / "snorkel.pth", weights_only=True)
    yield "model.load of Snorkel of what was saved here", difference(dict(model.state_dict()), dict(python))


def check_training(folder):
    for run in json.loads((folder / "runs.json").read_text()):
        name = run["name"]
        python = torch.load(folder / f"{name}.python.pt", weights_only=True)
        ours = torch.load(folder / f"{name}.pt", weights_only=True)
        mapped = torch.load(folder / f"{name}.pt", weights_only=True, mmap=True)
        yield f"{name} of ours, read in Python", difference(ours, python["states"][1])
        yield f"{name} of ours, mapped into memory in Python", difference(mapped, ours)
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
        yield f"{name} of ours, trained on in Python", difference(later, python["states"][2])


def main():
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    rows = [*check_training(folder), *check_snorkel(folder), *check_round_trips(folder)]
    (folder / "rows.json").write_text(json.dumps([{"name": name, "difference": str(d)} for name, d in rows]))


if __name__ == "__main__":
    main()
