"""Writes test/goldens/pt: files of torch.save and NumPy, and what is in them. Needs torch 2.13.0, snorkel and numpy.

    python scripts/goldens/pt_files.py [--seed N] [--output FOLDER]

The seed is for the weights of the model. In files of the legacy format the keys are addresses, new ones at each run.
"""

import argparse
import base64
import collections
import io
import json
from pathlib import Path

import numpy
import torch
from snorkel.classification import MultitaskClassifier, Operation, Task

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "pt"
FLOATS = ["float32", "float64", "float16", "bfloat16"]
DTYPES = [*FLOATS, "int64", "int32", "int16", "int8", "uint8", "bool"]
NPY = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def encode(tensor):
    data = tensor.detach().contiguous()
    data = data.view(torch.int16) if data.dtype == torch.bfloat16 else data
    return base64.b64encode(data.numpy().tobytes()).decode()


def values(dtype, shape):
    count = torch.Size(shape).numel()
    return torch.tensor([i % 2 if dtype == "bool" else i - 2.5 * (dtype in FLOATS) for i in range(count)]).to(
        getattr(torch, dtype)
    ).view(shape)


def plain_values():
    shared = [1, 2]
    return {
        "none": None,
        "booleans": [True, False],
        "integers": [0, 255, 256, 65535, 65536, -1, -(2**31), 2**31, 2**53 - 1, -(2**53) + 1],
        "bigints": [2**53, -(2**53), 2**64, -(2**70)],
        "floats": [0.5, -0.0, 1.0, 1e300, float("inf"), float("-inf"), float("nan")],
        "text": ["", "é∑😀", "a" * 300, "__proto__"],
        "tuple": (1, (2, ()), []),
        "set": {7},
        "nested": {"a": {"b": [{"c": None}]}, "__proto__": 1},
        "integer_keys": {0: "zero", 10: "ten", -1: "minus"},
        "ordered": collections.OrderedDict([("z", 1), ("a", 2)]),
        "counter": collections.Counter({30: 1}),
        "size": torch.Size([2, 3]),
        "device": [torch.device("cpu"), torch.device("cuda", 1)],
        "dtype": [torch.bfloat16, torch.int64],
        "same": [shared, shared],
    }


def tensors():
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).double()
    for place, one in enumerate(module.parameters()):
        torch.nn.init.constant_(one, place)
    base = torch.arange(12, dtype=torch.float32).view(3, 4)
    tagged = torch.ones(2)
    tagged.tag = "dropped"
    frozen = torch.nn.Parameter(torch.ones(2), False)
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.tag = "dropped"
    return {
        **{dtype: [values(dtype, shape) for shape in ([], [3], [0, 4], [2, 1, 3])] for dtype in DTYPES},
        "views": [base, base.t(), base[1:, ::2], base[2, 3], torch.ones(1).expand(2, 2)],
        "grad": [torch.ones(2, requires_grad=True), torch.nn.Parameter(torch.ones(2)), frozen],
        "tagged": [tagged, parameter],
        "module": module.state_dict(),
    }


class Unknown:
    pass


def refused():
    indices = torch.tensor([[0, 1], [1, 0]])
    return {
        "class": Unknown(),
        "module": torch.nn.Linear(1, 1),
        "sparse": torch.sparse_coo_tensor(indices, torch.ones(2)),
        "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        "complex": torch.ones(2, dtype=torch.complex64),
        "complex_number": 1j,
        "uint16": torch.ones(2).to(torch.uint16),
        "float8": torch.ones(2).to(torch.float8_e4m3fn),
        "meta": torch.ones(2, device="meta"),
        "numpy": numpy.float32(1),
        "negated": torch._neg_view(torch.ones(2)),
        "tuple_key": {(1, 2): 3},
        "two_kinds_of_keys": {1: "a", "1": "b"},
        "bytes": b"x",
    }


def snorkel_model():
    """As test/model/models.ts makes it: two tasks on one trunk."""
    trunk = torch.nn.Linear(2, 4)
    tasks = [
        Task(
            name,
            torch.nn.ModuleDict({"trunk": trunk, f"{name}_head": torch.nn.Linear(4, 2)}),
            [Operation("trunk", [("_input_", "data")]), Operation(f"{name}_head", ["trunk"])],
        )
        for name in ("first", "second")
    ]
    return MultitaskClassifier(tasks, device=-1, dataparallel=False)


def write_arrays(folder):
    """Arrays of NumPy in every layout, and those that are refused."""
    arrays = {}
    for name in NPY:
        array = numpy.arange(6).reshape(2, 3) % 2 if name == "bool" else numpy.arange(6).reshape(2, 3)
        arrays[name] = array.astype(name)
        arrays[f"{name}_big"] = arrays[name].astype(numpy.dtype(name).newbyteorder(">"))
    arrays |= {
        "fortran": numpy.asfortranarray(numpy.arange(24, dtype="<i4").reshape(2, 3, 4)),
        "scalar": numpy.float64(2.5),
        "empty": numpy.zeros((0, 3), "<f4"),
        "long": numpy.arange(300, dtype="<f4"),
    }
    numpy.savez(folder / "arrays.npz", **arrays)
    numpy.savez_compressed(folder / "compressed.npz", zeros=numpy.zeros((300, 300)), ones=numpy.ones(3, ">i2"))
    for version in [(2, 0), (3, 0)]:
        with open(folder / f"version_{version[0]}.npy", "wb") as file:
            numpy.lib.format.write_array(file, arrays["float32"], version=version)
    odd = {
        "uint16": numpy.ones(2, "u2"),
        "uint32": numpy.ones(2, "u4"),
        "uint64": numpy.ones(2, "u8"),
        "complex": numpy.ones(2, "c8"),
        "object": numpy.array([{}, None], dtype=object),
        "structured": numpy.zeros(2, [("a", "<i4"), ("b", "<f4")]),
        "text": numpy.array(["a"]),
        "date": numpy.array(["2020-01-01"], "datetime64[D]"),
        "longdouble": numpy.zeros(1, "longdouble"),
        "raw": numpy.zeros(2, "V2"),
    }
    for name, array in odd.items():
        numpy.save(folder / f"refused_{name}.npy", array)
    return {name: {"shape": list(array.shape), "values": array.flatten().tolist()} for name, array in arrays.items()}


def saved(shape):
    """What numpy.save makes of an array of ones."""
    file = io.BytesIO()
    numpy.save(file, numpy.ones(shape, "<f4"))
    return {"shape": shape, "file": base64.b64encode(file.getvalue()).decode()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    folder = options.output
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)

    for name, value in [("values", plain_values()), ("tensors", tensors())]:
        torch.save(value, folder / f"{name}.pt")
        torch.save(value, folder / f"{name}_4.pt", pickle_protocol=4)
        torch.save(value, folder / f"{name}_legacy.pt", _use_new_zipfile_serialization=False)
    for name, value in refused().items():
        torch.save(value, folder / f"refused_{name}.pt")
    torch.jit.script(torch.nn.Linear(1, 1)).save(folder / "refused_script.pt")
    torch.manual_seed(options.seed)
    model = snorkel_model()
    model.save(str(folder / "snorkel.pth"))
    wrapped = {name.replace("trunk.", "trunk.module."): tensor for name, tensor in model.state_dict().items()}
    torch.save(wrapped, folder / "dataparallel.pth")
    expected = {
        "dtypes": {dtype: [encode(tensor) for tensor in tensors()[dtype]] for dtype in DTYPES},
        "snorkel": {name: encode(tensor) for name, tensor in model.state_dict().items()},
        "arrays": write_arrays(folder),
        "saved": [saved(shape) for shape in ([2, 3], [], [7], [0, 3], [1, 2, 3], [1] * 21)],
    }
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
