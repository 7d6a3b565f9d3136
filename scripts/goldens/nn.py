"""Writes test/goldens/nn.json: PyTorch's modules from a seed, their printed form, passes and gradients. Needs torch 2.13.0.

    python scripts/goldens/nn.py [--seed N] [--output FILE]

The seed also draws options and inputs (module_cases.py). Every case seeds the generator, makes the module, then draws its
inputs, so that the draws are part of what is compared. A tensor is its dtype, its sizes and the base64 of its
little-endian bytes. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
import re
import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import rnn

from module_cases import PICKED, draw_cases

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "nn.json"
WORDS = {"fanOut": "fan_out", "leakyRelu": "leaky_relu", "convTranspose1d": "conv_transpose1d"}


def snake(name):
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def python_value(value, name=None):
    if name == "dtype":
        return getattr(torch, value)
    return tuple(value) if isinstance(value, list) else value


def call(function, arguments):
    keywords = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
    positional = arguments[:-1] if keywords else arguments
    named = {snake(name): python_value(value, name) for name, value in keywords.items()}
    return function(*map(python_value, positional), **named)


def draw(spec):
    """The inputs that a spec stands for, and the leaves whose gradients count."""
    if spec is None:
        return [None], []
    if isinstance(spec, list):
        tensors = [draw(one)[0][0] for one in spec]
        return [tuple(tensors)], tensors
    if "value" in spec:
        return [spec["value"]], []
    if "tensor" in spec:
        return [torch.tensor(spec["tensor"])], []
    if "randint" in spec:
        high, shape = spec["randint"]
        return [torch.randint(high, shape)], []
    if "pooled" in spec:
        dimensions, shape, kernel, options = spec["pooled"]
        pool = getattr(nn, f"MaxPool{dimensions}d")(kernel, return_indices=True, **options)
        output, indices = pool(torch.randn(shape))
        return [output.requires_grad_(), indices], [output]
    dtype = getattr(torch, spec.get("dtype") or "float32")
    if "packed" in spec:
        lengths, features = spec["packed"]["lengths"], spec["packed"]["features"]
        padded = torch.randn([max(lengths), len(lengths), features], dtype=dtype).requires_grad_()
        sort = spec["packed"]["enforceSorted"]
        return [rnn.pack_padded_sequence(padded, torch.tensor(lengths), enforce_sorted=sort)], [padded]
    kind = "rand" if "rand" in spec else "randn"
    tensor = getattr(torch, kind)(spec[kind], dtype=dtype).requires_grad_()
    return [tensor], [tensor]


def flatten(output):
    """All tensors of what a module gives."""
    if isinstance(output, (tuple, list)):
        return [tensor for element in output for tensor in flatten(element)]
    return [] if output is None else [output]


def encode(tensor):
    if tensor is None:
        return None
    tensor = tensor.detach().contiguous()
    data = base64.b64encode(tensor.numpy().tobytes()).decode()
    return f"{str(tensor.dtype)[6:]} {','.join(map(str, tensor.shape))} {data}"


def encode_all(named):
    return {name: encode(tensor) for name, tensor in named}


def run(case, seed):
    name, arguments, *specs = case
    torch.manual_seed(seed)
    module = call(getattr(nn, name), arguments)
    initial = encode_all(module.state_dict().items())
    drawn = [draw(spec) for spec in specs]
    inputs = [value for values, _ in drawn for value in values]
    outputs = flatten(module(*inputs))
    losses = [output.square().sum() for output in outputs if output.requires_grad]
    if losses:
        sum(losses[1:], losses[0]).backward(retain_graph=True)
    result = {
        "case": case,
        "repr": repr(module),
        "initial": initial,
        "outputs": [encode(output) for output in outputs],
        "inputGradients": [encode(leaf.grad) for _, leaves in drawn for leaf in leaves],
        "gradients": encode_all((name, parameter.grad) for name, parameter in module.named_parameters()),
        "buffers": encode_all(module.named_buffers()),
    }
    evaluated = [encode(output) for output in flatten(module.eval()(*inputs))]
    return {**result, "evaluated": "same" if evaluated == result["outputs"] else evaluated}


def run_drawn(seed):
    """What is drawn, but for combinations that PyTorch itself refuses."""
    for case in draw_cases(seed, rounds=2):
        try:
            yield run(case, seed)
        except (RuntimeError, ValueError) as error:
            print(f"left out: {case}: {error}")


def tree(seed):
    torch.manual_seed(seed)
    shared = nn.Linear(4, 4)
    model = nn.ModuleDict({
        "trunk": nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.25)),
        "list": nn.ModuleList([nn.ReLU(), nn.ReLU(), shared, shared]),
        "again": shared,
        "empty": nn.Sequential(),
        "weights": nn.ParameterList([nn.Parameter(torch.zeros(2, 3)), nn.Parameter(torch.ones(()))]),
        "named": nn.ParameterDict({"one": nn.Parameter(torch.zeros(1)), "two": nn.Parameter(torch.zeros(2).double())}),
    })
    return {
        "repr": repr(model),
        "stateDict": encode_all(model.state_dict().items()),
        "parameters": [name for name, _ in model.named_parameters()],
        "modules": [name for name, _ in model.named_modules()],
    }


def initialised(seed):
    calls = [
        ["uniform_", [{"a": -1.5, "b": 0.5}], [3, 4, 2]], ["normal_", [{"mean": 1, "std": 0.5}], [3, 4, 2]],
        ["zeros_", [], [3, 4]], ["ones_", [], [3, 4]], ["constant_", [2.5], [3, 4]], ["eye_", [], [3, 4]],
        ["dirac_", [], [3, 4, 3]], ["dirac_", [{"groups": 2}], [4, 3, 3, 2]], ["sparse_", [0.4], [5, 3]],
        ["sparse_", [0.7, {"std": 0.5}], [4, 4]], ["orthogonal_", [], [3, 5]], ["orthogonal_", [{"gain": 2}], [5, 2, 2]],
        ["xavierUniform_", [{"gain": 2}], [3, 4, 2]], ["xavierNormal_", [], [3, 4, 2]],
        ["kaimingUniform_", [{"a": 0.1}], [3, 4, 2]], ["kaimingUniform_", [{"nonlinearity": "tanh"}], [3, 4, 2]],
        ["kaimingNormal_", [{"mode": "fanOut", "nonlinearity": "relu"}], [3, 4, 2]],
        ["kaimingNormal_", [{"nonlinearity": "selu"}], [3, 4]], ["truncNormal_", [], [30]],
        ["truncNormal_", [{"mean": 0.2, "std": 0.4, "a": 0.1, "b": 0.3}], [30]],
        ["truncNormal_", [{"mean": 3, "std": 1, "a": -1, "b": 1.5}], [30]],
    ]
    results = []
    for name, arguments, shape in calls:
        torch.manual_seed(seed)
        words = [{k: WORDS.get(v, v) for k, v in one.items()} if isinstance(one, dict) else one for one in arguments]
        tensor = torch.empty(shape)
        call(lambda *positional, **named: getattr(nn.init, snake(name))(tensor, *positional, **named), words)
        results.append({"name": name, "arguments": arguments, "tensor": encode(tensor)})
    return results


def gains():
    names = ["linear", "convTranspose1d", "sigmoid", "tanh", "relu", "leakyRelu", "selu"]
    return {name: nn.init.calculate_gain(WORDS.get(name, name)) for name in names}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    seed = options.seed
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    goldens = {"seed": seed, "tree": tree(seed), "init": initialised(seed), "gains": gains()}
    results = [*(run(case, seed) for case in PICKED), *run_drawn(seed)]
    rows = ",\n".join(json.dumps(result) for result in results)
    # JSON has no infinities; JavaScript reads this as one.
    rows = rows.replace("Infinity", "1e999")
    head = json.dumps(goldens)
    options.output.write_text(f"{head[:-1]},\n\"cases\": [\n{rows}\n]}}\n")


main()
