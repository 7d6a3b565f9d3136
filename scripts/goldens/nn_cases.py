"""What the golden scripts of torch.nn's modules and functions share: how a case is written, run and recorded.

A case is an object as it stands in the JSON file, with the words of the TypeScript side:

    {"kind": "module", "name": "HuberLoss", "arguments": [{"delta": 0.5}], "inputs": [{"randn": [4]}, {"rand": [4]}]}

It seeds the generator, makes the module, then draws the inputs and, last, those of the options of the call ("call"), so that
the draws are part of what is compared. A function's arguments are its inputs. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
import re

import torch
from torch import nn

torch.set_num_threads(1)


def snake(name):
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def draw(spec):
    """A tensor (or a value) as the JSON file describes it; see scripts/parity/torch/cases.ts."""
    (kind, given), = spec.items()
    if kind == "value":
        return given
    if kind == "tensor":
        return torch.tensor(given)
    if kind == "randn" or kind == "rand":
        return getattr(torch, kind)(given).requires_grad_()
    if kind == "learned":  # the leaf itself, which max_norm rescales
        return nn.Parameter(torch.randn(given))
    if kind == "copied":  # what can be overwritten, with a gradient
        return torch.randn(given).requires_grad_() * 1
    if kind == "logProbs":
        return torch.randn(given).log_softmax(-1).requires_grad_()
    if kind == "randint":
        low, high, shape = given
        return torch.randint(low, high, shape)
    if kind == "zeroOrOne":
        return torch.randint(0, 2, given).float()
    if kind == "sign":
        return torch.randint(0, 2, given).float() * 2 - 1
    if kind == "weights":
        return torch.rand(given)
    if kind == "floatMask":
        return torch.randn(given)
    if kind == "boolMask":  # the first key can always be seen
        mask = torch.rand(given) < 0.4
        mask.select(-1, 0).fill_(False)
        return mask
    if kind == "causal":
        return nn.Transformer.generate_square_subsequent_mask(given)
    raise ValueError(kind)


class Cases:
    """Runs cases. `own` holds what PyTorch does not have, by the names of the TypeScript side."""

    def __init__(self, seed, own):
        self.seed = seed
        self.own = own

    def value(self, given):
        """An argument: a list is a tuple, an object a tensor, a function or a module that is drawn or made."""
        if isinstance(given, list):
            return tuple(map(self.value, given))
        if not isinstance(given, dict):
            return given
        (kind, content), = given.items()
        if kind == "function":
            return self.find(nn.functional, content)
        if kind == "module":
            return self.make(*content)
        return draw(given)

    def find(self, space, name):
        return self.own[name] if name in self.own else getattr(space, name if space is nn else snake(name))

    def keywords(self, options):
        return {snake(name): self.value(value) for name, value in options.items()}

    def make(self, name, arguments):
        options = arguments[-1] if arguments and set(map(type, arguments[-1:])) == {dict} else {}
        positional = arguments[:-1] if options else arguments
        if len(options) == 1 and list(options)[0] in ("module", "function"):
            positional, options = arguments, {}
        return self.find(nn, name)(*map(self.value, positional), **self.keywords(options))

    def run(self, case):
        torch.manual_seed(self.seed)
        run = self.run_module if case["kind"] == "module" else self.run_function
        return {**case, **run(case)}

    def run_module(self, case):
        module = self.make(case["name"], case.get("arguments", []))
        head = {"repr": repr(module), "initial": encode_all(module.state_dict().items())}
        inputs, call, result = self.call(module, case)
        gradients = encode_all((name, parameter.grad) for name, parameter in module.named_parameters())
        evaluated = [encode(tensor) for tensor in outputs_of(module.eval()(*inputs, **call))]
        return {**head, **result, "gradients": gradients, "evaluated": evaluated}

    def run_function(self, case):
        return self.call(self.find(nn.functional, case["name"]), case)[2]

    def call(self, function, case):
        inputs = [draw(spec) for spec in case["inputs"]]
        call = self.keywords(case.get("call", {}))
        outputs = outputs_of(function(*inputs, **call))
        learning = [output for output in outputs if output is not None and output.requires_grad]
        if learning:
            torch.stack([output.square().sum() for output in learning]).sum().backward()
        gradients = [encode(tensor.grad) if isinstance(tensor, torch.Tensor) and tensor.is_leaf else None for tensor in inputs]
        return inputs, call, {"outputs": list(map(encode, outputs)), "inputGradients": gradients}


def outputs_of(output):
    return list(output) if isinstance(output, tuple) else [output]


def encode(tensor):
    if tensor is None:
        return None
    tensor = tensor.detach().contiguous()
    data = base64.b64encode(tensor.numpy().tobytes()).decode()
    return f"{str(tensor.dtype).removeprefix('torch.')} {','.join(map(str, tensor.shape))} {data}"


def encode_all(named):
    return {name: encode(tensor) for name, tensor in named}


def main(output, cases_of, own={}):
    """Runs what cases_of(seed) gives and writes the file, one case a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--output", default=output)
    options = parser.parse_args()
    cases = Cases(options.seed, own)
    rows = ",\n".join(json.dumps(cases.run(case), separators=(",", ":")) for case in cases_of(options.seed))
    with open(options.output, "w") as file:
        file.write(f'{{"seed":{options.seed},"cases":[\n{rows}\n]}}\n')
