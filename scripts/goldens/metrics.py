"""Writes test/goldens/metrics.json: Snorkel's scores and predictions for random inputs. Needs snorkel 0.10.0.

    python scripts/goldens/metrics.py

A score is a number, "nan", "error" where Snorkel refuses the labels, or "empty" where the filter left no data point.
"""

import json
import math
import warnings
from pathlib import Path

import numpy as np
from snorkel.analysis import metric_score
from snorkel.analysis.metrics import METRICS
from snorkel.utils import probs_to_preds

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "metrics.json"
BETAS = [0.0, 0.5, 2.0]


def score(case, metric, **options):
    golds, preds, probs = (np.array(case[name]) for name in ["golds", "preds", "probs"])
    filtered = {"golds": [-1], "preds": [-1]} if case["filtered"] and metric != "coverage" else {}
    if filtered and not np.any((golds != -1) & (preds != -1)):
        return "empty"
    try:
        value = float(metric_score(golds, preds, probs, metric, filtered, **options))
    except ValueError:
        return "error"
    return "nan" if math.isnan(value) else value


def scored_case(random, classes, filtered, abstains, skew):
    size = int(random.integers(2, 13))  # Snorkel mangles the shape of one row when it filters
    weights = np.full(classes, (1 - skew) / classes)
    weights[int(random.integers(classes))] += skew
    golds = random.choice(classes, size, p=weights)
    agree = random.random(size) < random.random()
    preds = np.where(agree, golds, random.choice(classes, size, p=weights))
    golds[random.random(size) < abstains] = -1
    preds[random.random(size) < abstains] = -1
    probs = random.dirichlet(np.ones(classes), size).round(int(random.integers(1, 4)))
    case = {"filtered": filtered, "golds": golds.tolist(), "preds": preds.tolist(), "probs": probs.tolist()}
    case["scores"] = {metric: score(case, metric) for metric in METRICS if metric != "fbeta"}
    case["fbeta"] = [score(case, "fbeta", beta=beta) for beta in BETAS]
    return case


def predicted_case(random, classes):
    probs = random.dirichlet(np.ones(classes) * 20, int(random.integers(1, 16))).round(1)
    policies = {policy: probs_to_preds(probs, policy).tolist() for policy in ["random", "abstain"]}
    return {"probs": probs.tolist(), "preds": policies}


def main():
    warnings.filterwarnings("ignore")
    random = np.random.default_rng(0)
    scored = [
        scored_case(random, classes, filtered, abstains, skew)
        for classes in [2, 2, 2, 3, 5]
        for filtered in [True, False]
        for abstains in [0.0, 0.3]
        for skew in [0.0, 0.8]
        for _ in range(5)
    ]
    predicted = [predicted_case(random, classes) for classes in [2, 2, 3, 4] for _ in range(5)]
    goldens = {"betas": BETAS, "scored": scored, "predicted": predicted}
    OUTPUT.write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
