"""Writes test/goldens/nn.json: PyTorch's modules from a seed, their printed form, passes and gradients. Needs torch 2.13.0.

    python scripts/goldens/nn.py

Every case seeds the generator, makes the module, then draws its inputs, so that the draws are part of what is compared.
Tensors are base64 of their little-endian bytes.
"""

import base64
import json
import re
from pathlib import Path

import torch
from torch import nn

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "nn.json"
SEED = 20

ROWS, ROWS3, IMAGE = {"randn": [4, 6]}, {"randn": [2, 4, 5]}, {"randn": [2, 4, 5, 6]}
VOLUME = {"randn": [1, 2, 4, 4, 4]}
LABELS = {"randint": [3, [5]]}
LOGITS, LIKE_LOGITS = {"randn": [5, 3]}, {"rand": [5, 3]}
WEIGHT = {"tensor": [0.5, 1.0, 2.0]}

# The class, its arguments as in TypeScript, its inputs.
CASES = [
    ["Identity", [], ROWS],
    ["Linear", [6, 3], ROWS],
    ["Linear", [6, 3, {"bias": False}], ROWS],
    ["Bilinear", [6, 5, 3], ROWS, {"randn": [4, 5]}],
    ["Bilinear", [6, 5, 3, {"bias": False}], ROWS, {"randn": [4, 5]}],
    ["ReLU", [], ROWS],
    ["ReLU6", [], ROWS],
    ["LeakyReLU", [], ROWS],
    ["LeakyReLU", [{"negativeSlope": 0.2}], ROWS],
    ["RReLU", [], ROWS],
    ["PReLU", [], ROWS],
    ["PReLU", [{"numParameters": 6, "init": 0.1}], ROWS],
    ["ELU", [], ROWS],
    ["CELU", [{"alpha": 0.5}], ROWS],
    ["SELU", [], ROWS],
    ["GELU", [], ROWS],
    ["GELU", [{"approximate": "tanh"}], ROWS],
    ["SiLU", [], ROWS],
    ["Mish", [], ROWS],
    ["Hardtanh", [], ROWS],
    ["Hardsigmoid", [], ROWS],
    ["Hardswish", [], ROWS],
    ["Softplus", [], ROWS],
    ["Threshold", [0.1, 20], ROWS],
    ["Sigmoid", [], ROWS],
    ["LogSigmoid", [], ROWS],
    ["Tanh", [], ROWS],
    ["Tanhshrink", [], ROWS],
    ["Softsign", [], ROWS],
    ["Hardshrink", [], ROWS],
    ["Softshrink", [{"lambd": 0.25}], ROWS],
    ["Softmax", [{"dim": 1}], ROWS],
    ["LogSoftmax", [{"dim": -1}], ROWS],
    ["Softmin", [{"dim": 0}], ROWS],
    ["Softmax2d", [], IMAGE],
    ["GLU", [], ROWS],
    ["Dropout", [], ROWS],
    ["Dropout", [0.25], ROWS],
    ["Dropout1d", [], ROWS3],
    ["Dropout1d", [], ROWS],
    ["Dropout2d", [], IMAGE],
    ["Dropout2d", [], ROWS3],
    ["Dropout3d", [], VOLUME],
    ["AlphaDropout", [0.3], ROWS],
    ["FeatureAlphaDropout", [], ROWS],
    ["BatchNorm1d", [6], ROWS],
    ["BatchNorm1d", [4, {"momentum": None, "bias": False}], ROWS3],
    ["BatchNorm1d", [6, {"affine": False, "eps": 0.001}], ROWS],
    ["BatchNorm1d", [6, {"trackRunningStats": False}], ROWS],
    ["BatchNorm2d", [4], IMAGE],
    ["BatchNorm3d", [2], VOLUME],
    ["LayerNorm", [6], ROWS],
    ["LayerNorm", [[5, 6], {"bias": False}], IMAGE],
    ["LayerNorm", [6, {"elementwiseAffine": False}], ROWS],
    ["GroupNorm", [2, 4], IMAGE],
    ["GroupNorm", [2, 4, {"bias": False}], ROWS3],
    ["Embedding", [7, 3], {"randint": [7, [4, 2]]}],
    ["Embedding", [7, 3, {"paddingIdx": -1}], {"randint": [7, [4, 2]]}],
    ["Embedding", [7, 3, {"maxNorm": 1.5, "normType": 1.5, "scaleGradByFreq": True}], {"randint": [7, [4, 2]]}],
    ["EmbeddingBag", [7, 3], {"randint": [7, [4, 2]]}],
    ["EmbeddingBag", [7, 3, {"mode": "sum", "paddingIdx": 2}], {"randint": [7, [4, 2]]}],
    ["Conv1d", [4, 2, 3, {"stride": 2, "padding": 1, "paddingMode": "reflect"}], ROWS3],
    ["Conv2d", [4, 3, 3, {"padding": 1}], IMAGE],
    ["Conv2d", [4, 2, [2, 3], {"padding": "same", "groups": 2, "bias": False, "dilation": 2}], IMAGE],
    ["Conv3d", [2, 1, 3], VOLUME],
    ["MaxPool1d", [2], ROWS3],
    ["MaxPool2d", [[2, 3], {"stride": 1, "padding": [0, 1], "ceilMode": True}], IMAGE],
    ["MaxPool3d", [2], VOLUME],
    ["AvgPool1d", [2, {"padding": 1}], ROWS3],
    ["AvgPool2d", [2, {"stride": 1, "countIncludePad": False, "padding": 1}], IMAGE],
    ["AvgPool3d", [2, {"divisorOverride": 3}], VOLUME],
    ["AdaptiveAvgPool1d", [3], ROWS3],
    ["AdaptiveAvgPool2d", [2], IMAGE],
    ["AdaptiveAvgPool2d", [[2, None]], IMAGE],
    ["AdaptiveAvgPool3d", [2], VOLUME],
    ["Flatten", [], IMAGE],
    ["Flatten", [{"startDim": 0, "endDim": 1}], IMAGE],
    ["Unflatten", [1, [2, 3]], ROWS],
    ["CrossEntropyLoss", [], LOGITS, LABELS],
    ["CrossEntropyLoss", [{"weight": WEIGHT, "ignoreIndex": 1, "reduction": "sum"}], LOGITS, LABELS],
    ["CrossEntropyLoss", [{"labelSmoothing": 0.1}], LOGITS, LABELS],
    ["CrossEntropyLoss", [{"reduction": "none"}], LOGITS, LIKE_LOGITS],
    ["NLLLoss", [{"weight": WEIGHT}], LOGITS, LABELS],
    ["BCELoss", [{"weight": WEIGHT}], LIKE_LOGITS, LIKE_LOGITS],
    ["BCEWithLogitsLoss", [{"posWeight": WEIGHT}], LOGITS, LIKE_LOGITS],
    ["MSELoss", [], LOGITS, LIKE_LOGITS],
    ["L1Loss", [{"reduction": "sum"}], LOGITS, LIKE_LOGITS],
    ["SmoothL1Loss", [{"beta": 0.5}], LOGITS, LIKE_LOGITS],
    ["SmoothL1Loss", [{"beta": 0}], LOGITS, LIKE_LOGITS],
    ["HuberLoss", [{"delta": 0.5}], LOGITS, LIKE_LOGITS],
    ["KLDivLoss", [{"reduction": "batchmean"}], LOGITS, LIKE_LOGITS],
    ["KLDivLoss", [{"logTarget": True, "reduction": "none"}], LOGITS, LIKE_LOGITS],
]


def snake(name):
    return re.sub("[A-Z]", lambda match: "_" + match[0].lower(), name)


def python_value(value):
    if isinstance(value, dict):
        return torch.tensor(value["tensor"])
    return tuple(value) if isinstance(value, list) else value


def make(name, arguments):
    keywords = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
    positional = arguments[:-1] if keywords else arguments
    return getattr(nn, name)(*map(python_value, positional), **{snake(k): python_value(v) for k, v in keywords.items()})


def draw(spec):
    if "randint" in spec:
        high, shape = spec["randint"]
        return torch.randint(high, shape)
    (kind, shape), = spec.items()
    return getattr(torch, kind)(shape).requires_grad_()


def encode(tensor):
    if tensor is None:
        return None
    tensor = tensor.detach().contiguous()
    return base64.b64encode(tensor.numpy().tobytes()).decode()


def encode_all(named):
    return {name: encode(tensor) for name, tensor in named}


def run(case):
    name, arguments, *specs = case
    torch.manual_seed(SEED)
    module = make(name, arguments)
    initial = encode_all(module.state_dict().items())
    inputs = [draw(spec) for spec in specs]
    output = module(*inputs)
    if output.requires_grad:
        output.square().sum().backward()
    result = {
        "case": case,
        "repr": repr(module),
        "initial": initial,
        "shape": list(output.shape),
        "output": encode(output),
        "inputGradients": [encode(tensor.grad) for tensor in inputs],
        "gradients": encode_all((name, parameter.grad) for name, parameter in module.named_parameters()),
        "buffers": encode_all(module.named_buffers()),
    }
    result["evaluated"] = encode(module.eval()(*inputs))
    return result


def tree():
    torch.manual_seed(SEED)
    shared = nn.Linear(4, 4)
    model = nn.ModuleDict({
        "trunk": nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.25)),
        "list": nn.ModuleList([nn.ReLU(), nn.ReLU(), shared, shared]),
        "again": shared,
        "empty": nn.Sequential(),
    })
    return {
        "repr": repr(model),
        "stateDict": encode_all(model.state_dict().items()),
        "parameters": [name for name, _ in model.named_parameters()],
        "modules": [name for name, _ in model.named_modules()],
    }


def initialised():
    calls = [
        ["uniform_", {"a": -1.5, "b": 0.5}], ["normal_", {"mean": 1, "std": 0.5}], ["zeros_", {}], ["ones_", {}],
        ["xavierUniform_", {"gain": 2}], ["xavierNormal_", {}], ["kaimingUniform_", {"a": 0.1}],
        ["kaimingNormal_", {"mode": "fanOut", "nonlinearity": "relu"}],
    ]
    results = []
    for name, options in calls:
        torch.manual_seed(SEED)
        words = {"fanOut": "fan_out"}
        tensor = getattr(nn.init, snake(name))(torch.empty(3, 4, 2), **{k: words.get(v, v) for k, v in options.items()})
        results.append({"name": name, "options": options, "tensor": encode(tensor)})
    return results


def main():
    torch.set_num_threads(1)
    goldens = {"seed": SEED, "cases": [run(case) for case in CASES], "tree": tree(), "init": initialised()}
    rows = ",\n".join(json.dumps(case) for case in goldens["cases"])
    head = json.dumps({key: value for key, value in goldens.items() if key != "cases"})
    OUTPUT.write_text(f"{head[:-1]},\n\"cases\": [\n{rows}\n]}}\n")


main()
