"""Writes test/goldens/losses.json: PyTorch's losses, with options that are drawn from a seed. Needs torch 2.13.0.

    python scripts/goldens/losses.py [--seed N] [--output FILE]

How a case is written and run is in nn_cases.py. The focal losses, which PyTorch does not have, are plain formulas here.
"""

import random
from pathlib import Path

from nn_cases import main

import torch
from torch import nn
from torch.nn import functional as F

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "losses.json"
EACH = 4  # cases a loss

REDUCTIONS = ["mean", "sum", "none"]
MARGINS = [0.0, 0.25, 1.0, 1.5]
WEIGHT = [None, {"weights": [4]}]
ROWS, LIKE_ROWS = {"randn": [5, 4]}, {"rand": [5, 4]}
LABELS = {"randint": [0, 4, [5]]}
TRIPLET = [{"randn": [5, 3]}, {"randn": [5, 3]}, {"randn": [5, 3]}]

# The class, what its options are drawn from, the inputs among which one is drawn.
LOSSES = [
    ["L1Loss", {}, [[ROWS, LIKE_ROWS]]],
    ["MSELoss", {}, [[ROWS, LIKE_ROWS]]],
    ["SmoothL1Loss", {"beta": [0.0, 0.5, 2.0]}, [[ROWS, LIKE_ROWS]]],
    ["HuberLoss", {"delta": [0.5, 1.0, 2.0]}, [[ROWS, LIKE_ROWS]]],
    ["KLDivLoss", {"logTarget": [True, False]}, [[{"logProbs": [5, 4]}, LIKE_ROWS]]],
    ["BCELoss", {"weight": WEIGHT}, [[LIKE_ROWS, {"zeroOrOne": [5, 4]}], [LIKE_ROWS, LIKE_ROWS]]],
    ["BCEWithLogitsLoss", {"weight": WEIGHT, "posWeight": WEIGHT}, [[ROWS, {"zeroOrOne": [5, 4]}], [ROWS, LIKE_ROWS]]],
    ["NLLLoss", {"weight": WEIGHT, "ignoreIndex": [-100, 1]}, [
        [{"logProbs": [5, 4]}, LABELS],
        [{"randn": [2, 4, 3]}, {"randint": [0, 4, [2, 3]]}],
    ]],
    ["CrossEntropyLoss", {"weight": WEIGHT, "ignoreIndex": [-100, 1], "labelSmoothing": [0.0, 0.1]}, [
        [ROWS, LABELS],
        [{"randn": [2, 4, 3]}, {"randint": [0, 4, [2, 3]]}],
        [{"randn": [4]}, {"randint": [0, 4, []]}],
    ]],
    ["CrossEntropyLoss", {"weight": WEIGHT, "labelSmoothing": [0.0, 0.1]}, [[ROWS, LIKE_ROWS]]],
    ["MarginRankingLoss", {"margin": MARGINS}, [[{"randn": [5]}, {"randn": [5]}, {"sign": [5]}]]],
    ["HingeEmbeddingLoss", {"margin": MARGINS}, [[ROWS, {"sign": [5, 4]}]]],
    ["SoftMarginLoss", {}, [[ROWS, {"sign": [5, 4]}]]],
    ["MultiMarginLoss", {"p": [1, 2], "margin": MARGINS, "weight": WEIGHT}, [
        [ROWS, LABELS],
        [{"randn": [4]}, {"randint": [0, 4, []]}],
    ]],
    ["MultiLabelMarginLoss", {}, [[ROWS, {"randint": [-1, 4, [5, 4]]}], [{"randn": [4]}, {"randint": [-1, 4, [4]]}]]],
    ["MultiLabelSoftMarginLoss", {"weight": WEIGHT}, [[ROWS, {"zeroOrOne": [5, 4]}], [ROWS, LIKE_ROWS]]],
    ["CosineEmbeddingLoss", {"margin": [-0.5, 0.0, 0.5]}, [
        [ROWS, {"randn": [5, 4]}, {"sign": [5]}],
        [{"randn": [4]}, {"randn": [4]}, {"sign": []}],
    ]],
    ["TripletMarginLoss", {"margin": [0.5, 1.0, 2.0], "p": [1.0, 2.0, 3.0], "eps": [1e-6, 0.01], "swap": [True, False]}, [
        TRIPLET,
    ]],
    ["TripletMarginWithDistanceLoss", {
        "margin": [0.5, 1.0, 2.0], "swap": [True, False], "distanceFunction": [None, {"function": "manhattan"}, {"module": ["PairwiseDistance", [{"p": 1.0}]]}],
    }, [TRIPLET]],
    ["CTCLoss", {"blank": [0, 2], "zeroInfinity": [True, False]}, [
        [{"logProbs": [6, 2, 5]}, {"randint": [3, 5, [2, 3]]}, {"tensor": [6, 5]}, {"tensor": [3, 1]}],
        [{"logProbs": [6, 2, 5]}, {"randint": [3, 5, [4]]}, {"value": [6, 5]}, {"value": [2, 2]}],
        [{"logProbs": [6, 5]}, {"randint": [3, 5, [2]]}, {"tensor": 5}, {"tensor": 2}],
    ]],
    ["PoissonNLLLoss", {"logInput": [True, False], "full": [True, False], "eps": [1e-8, 0.01]}, [
        [LIKE_ROWS, {"randint": [0, 6, [5, 4]]}],
    ]],
    ["GaussianNLLLoss", {"full": [True, False], "eps": [1e-6, 0.3]}, [
        [ROWS, {"randn": [5, 4]}, {"rand": [5, 4]}],
        [ROWS, {"randn": [5, 4]}, {"rand": [5]}],
        [ROWS, {"randn": [5, 4]}, {"rand": [5, 1]}],
        [ROWS, {"randn": [5, 4]}, {"value": 0.7}],
    ]],
    ["SigmoidFocalLoss", {"alpha": [-1.0, 0.25, 0.6], "gamma": [0.0, 1.5, 2.0]}, [[ROWS, {"zeroOrOne": [5, 4]}]]],
    ["FocalLoss", {"gamma": [0.0, 0.5, 2.0], "weight": WEIGHT, "ignoreIndex": [-100, 1]}, [
        [ROWS, LABELS],
        [{"randn": [2, 4, 3]}, {"randint": [0, 4, [2, 3]]}],
    ]],
]


class SigmoidFocalLoss(nn.Module):
    """torchvision.ops.sigmoid_focal_loss, by its definition."""

    def __init__(self, alpha=0.25, gamma=2, reduction="none"):
        super().__init__()
        self.alpha, self.gamma, self.reduction = alpha, gamma, reduction

    def forward(self, inputs, targets):
        p = torch.sigmoid(inputs)
        p_t = p * targets + (1 - p) * (1 - targets)
        loss = F.binary_cross_entropy_with_logits(inputs, targets, reduction="none") * (1 - p_t) ** self.gamma
        if self.alpha >= 0:
            loss = (self.alpha * targets + (1 - self.alpha) * (1 - targets)) * loss
        return {"none": loss, "mean": loss.mean(), "sum": loss.sum()}[self.reduction]


class FocalLoss(nn.Module):
    """-weight (1 - p)^gamma log(p) of the labels' softmax probabilities p; the mean is over the labels that count."""

    def __init__(self, gamma=2, weight=None, ignore_index=-100, reduction="mean"):
        super().__init__()
        self.register_buffer("weight", weight)
        self.gamma, self.ignore_index, self.reduction = gamma, ignore_index, reduction

    def forward(self, input, target):
        counts = target != self.ignore_index
        label = torch.where(counts, target, 0).unsqueeze(1)
        log_p = torch.log_softmax(input, 1).gather(1, label).squeeze(1)
        weight = 1 if self.weight is None else self.weight[label.squeeze(1)]
        loss = torch.where(counts, -weight * (1 - log_p.exp()) ** self.gamma * log_p, 0)
        return {"none": loss, "sum": loss.sum(), "mean": loss.sum() / counts.sum()}[self.reduction]


def manhattan(a, b):
    return (a - b).abs().sum(-1)


# In-features, classes, then what else there is; the case of a label in each cluster, and of none in some.
WHOLE = [
    ["AdaptiveLogSoftmaxWithLoss", [16, 12, [3, 7]], [{"randn": [6, 16]}, {"randint": [0, 12, [6]]}]],
    ["AdaptiveLogSoftmaxWithLoss", [16, 12, [3, 7, 10], {"divValue": 2.0, "headBias": True}],
     [{"randn": [6, 16]}, {"randint": [4, 9, [6]]}]],
    ["AdaptiveLogSoftmaxWithLoss", [16, 12, [5]], [{"randn": [16]}, {"randint": [0, 12, []]}]],
    ["LinearCrossEntropyLoss", [6, 4], [{"randn": [5, 6]}, LABELS]],
    ["LinearCrossEntropyLoss", [6, 4, {"bias": True, "labelSmoothing": 0.1, "ignoreIndex": 2, "reduction": "sum"}],
     [{"randn": [5, 6]}, LABELS]],
    ["LinearCrossEntropyLoss", [6, 4, {"bias": True, "outFeatures": [3], "weight": {"weights": [4]}}],
     [{"randn": [5, 6]}, {"randint": [0, 4, [5, 3]]}]],
]


def cases(seed):
    choice = random.Random(seed).choice
    for name, options, inputs in LOSSES:
        reductions = REDUCTIONS + (["batchmean"] if name == "KLDivLoss" else [])
        for i in range(EACH):
            drawn = {key: choice(values) for key, values in options.items()}
            given = {key: value for key, value in drawn.items() if value is not None}
            given["reduction"] = choice(reductions)
            if i == 0:  # the defaults
                given = {}
            arguments = [given] if given else []
            yield {"kind": "module", "name": name, "arguments": arguments, "inputs": choice(inputs)}
    for name, arguments, inputs in WHOLE:
        yield {"kind": "module", "name": name, "arguments": arguments, "inputs": inputs}


if __name__ == "__main__":
    main(OUTPUT, cases, {"SigmoidFocalLoss": SigmoidFocalLoss, "FocalLoss": FocalLoss, "manhattan": manhattan})
