"""Writes test/goldens/functional.json: functions of torch.nn.functional without a module, and torch.unique. Needs torch 2.13.0.

    python scripts/goldens/functional.py [--seed N] [--output FILE]

How a case is written and run is in nn_cases.py.
"""

import random
from pathlib import Path

from nn_cases import main

import torch


OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "functional.json"
EACH = 4

ROWS = {"randn": [5, 4]}
NORMS = {"maxNorm": [None, 1.5], "normType": [1.0, 2.0], "scaleGradByFreq": [True, False], "paddingIdx": [None, 2, -1]}
GRID = {"mode": ["bilinear", "nearest"], "paddingMode": ["zeros", "border", "reflection"], "alignCorners": [True, False]}
UNIQUE = {"returnInverse": [True, False], "returnCounts": [True, False], "dim": [None]}
IMAGE, VOLUME = {"randn": [2, 3, 4, 5]}, {"randn": [2, 2, 3, 4, 3]}
TRIPLET = [{"randn": [5, 3]}, {"randn": [5, 3]}, {"randn": [5, 3]}]

# The function, what the options of its call are drawn from, its inputs.
FUNCTIONS = [
    ["normalize", {"p": [1.0, 2.0, 3.0], "dim": [0, 1, -1], "eps": [1e-12, 1.0]}, [ROWS]],
    ["gumbelSoftmax", {"tau": [0.5, 1.0, 2.0], "hard": [True, False], "dim": [0, -1]}, [ROWS]],
    ["oneHot", {"numClasses": [-1, 6]}, [{"randint": [0, 5, [3, 2]]}]],
    ["embedding", NORMS, [{"randint": [0, 7, [4, 2]]}, {"learned": [7, 3]}]],
    ["affineGrid", {"alignCorners": [True, False]}, [{"randn": [2, 2, 3]}, {"value": [2, 1, 3, 4]}]],
    ["affineGrid", {"alignCorners": [True, False]}, [{"randn": [2, 3, 4]}, {"value": [2, 1, 3, 4, 2]}]],
    ["gridSample", GRID | {"mode": ["bilinear", "nearest", "bicubic"]}, [IMAGE, {"randn": [2, 3, 3, 2]}]],
    ["gridSample", GRID, [VOLUME, {"randn": [2, 2, 3, 2, 3]}]],
    ["tripletMarginWithDistanceLoss", {"swap": [True, False], "margin": [0.5, 1.0]}, TRIPLET],
    ["unique", UNIQUE, [{"randint": [0, 3, [5, 3]]}]],
    ["unique", UNIQUE | {"dim": [None, 0, 1]}, [{"zeroOrOne": [5, 2]}]],
    ["relu_", {}, [{"copied": [5, 4]}]],
    ["selu_", {}, [{"copied": [5, 4]}]],
    ["leakyRelu_", {"negativeSlope": [0.01, 0.3]}, [{"copied": [5, 4]}]],
    ["elu_", {"alpha": [0.5, 1.0]}, [{"copied": [5, 4]}]],
    ["celu_", {"alpha": [0.5, 1.0]}, [{"copied": [5, 4]}]],
    ["rrelu_", {"training": [True, False]}, [{"copied": [5, 4]}]],
    ["hardtanh_", {"minVal": [-1.0, -0.5], "maxVal": [1.0, 0.5]}, [{"copied": [5, 4]}]],
    ["threshold_", {}, [{"copied": [5, 4]}, {"value": 0.1}, {"value": 2.5}]],
]


def cases(seed):
    choice = random.Random(seed).choice
    for name, options, inputs in FUNCTIONS:
        for _ in range(EACH if len(options) > 1 else 1):
            drawn = {key: choice(values) for key, values in options.items()}
            call = {key: value for key, value in drawn.items() if value is not None}
            yield {"kind": "function", "name": name, "inputs": inputs} | ({"call": call} if call else {})


if __name__ == "__main__":
    main(OUTPUT, cases, {"unique": torch.unique})
