"""Writes test/goldens/sklearn_metrics.json: scikit-learn's metrics, curves and reports for random inputs.

    python scripts/goldens/sklearn_metrics.py [--seed N] [--cases N] [--output FILE]

Needs scikit-learn 1.9. NaN and infinity are written as text. Data points without a label (-1) are dropped before, as a Scorer does; of several
labels those that are -1, which scikit-learn does not know: there averages are taken here over its numbers for one label.
"""

import argparse
import json
import math
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics as M
from sklearn.metrics._base import _average_multiclass_ovo_score

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "sklearn_metrics.json"
AVERAGES = ["micro", "macro", "weighted", "samples"]
UNDEFINED = {"zero_division": 0}


def ratios(beta):
    return {
        "precision": lambda g, p, **o: M.precision_score(g, p, **o, **UNDEFINED),
        "recall": lambda g, p, **o: M.recall_score(g, p, **o, **UNDEFINED),
        "f1": lambda g, p, **o: M.f1_score(g, p, **o, **UNDEFINED),
        "fbeta": lambda g, p, **o: M.fbeta_score(g, p, beta=beta, **o, **UNDEFINED),
        "jaccard": lambda g, p, **o: M.jaccard_score(g, p, **o, **UNDEFINED),
    }


RANKINGS = {"roc_auc": M.roc_auc_score, "average_precision": M.average_precision_score}


def weighted_mean(values, weights):
    return float(np.average(values, weights=weights if np.sum(weights) else None))


def random_probs(random, size, classes):
    decimals = int(random.integers(1, 9))  # few decimals: ties
    counts = random.dirichlet(np.ones(classes) * random.choice([0.2, 1, 5]), size).round(decimals)
    counts[:, 0] = np.maximum(0, 1 - counts[:, 1:].sum(1))
    return counts / counts.sum(1, keepdims=True)


def random_size(random):
    return int(random.choice([1, 2, 3, random.integers(4, 12), random.integers(12, 60)]))


def random_labels(random, size, classes):
    """Often of one class only, or without some."""
    weights = random.dirichlet(np.ones(classes) * random.choice([0.1, 1, 10]))
    golds = random.choice(classes, size, p=weights)
    others = random.choice(classes, size, p=random.dirichlet(np.ones(classes)))
    preds = np.where(random.random(size) < random.random(), golds, others)
    return golds, preds


def case_of_classes(random, classes):
    size = random_size(random)
    golds, preds = random_labels(random, size, classes)
    probs = random_probs(random, size, classes)
    golds = np.where(random.random(size) < random.choice([0, 0, 0.3]), -1, golds)
    settings = {"beta": float(random.choice([0, 0.5, 1, 2])), "k": int(random.integers(1, classes + 1))}
    given = {"golds": golds.tolist(), "preds": preds.tolist(), "probs": probs.tolist(), **settings}
    kept = golds != -1
    scores = scores_of_classes(golds[kept], preds[kept], probs[kept], classes, **settings) if kept.any() else None
    return {**given, "scores": scores}


def scores_of_classes(golds, preds, probs, classes, beta, k):
    names = list(range(classes))
    one_hot = np.eye(classes, dtype=int)[golds]
    scores = {
        "accuracy": M.accuracy_score(golds, preds),
        "hamming_loss": M.hamming_loss(golds, preds),
        "balanced_accuracy": M.balanced_accuracy_score(golds, preds),
        "cohen_kappa": M.cohen_kappa_score(golds, preds),
        "matthews_corrcoef": M.matthews_corrcoef(golds, preds),
        "log_loss": M.log_loss(golds, probs, labels=names),
        "brier_score": M.brier_score_loss(golds, probs, labels=names),
        "roc_auc_ovo_macro": one_against_one(golds, probs, "macro"),
        "roc_auc_ovo_weighted": one_against_one(golds, probs, "weighted"),
    }
    for average in AVERAGES[:3]:
        for name, score in ratios(beta).items():
            scores[f"{name}_{average}"] = score(golds, preds, average=average)
        for name, score in RANKINGS.items():
            scores[f"{name}_{average}"] = score(one_hot, probs, average=average)
        if classes > 2:
            ovr = M.roc_auc_score(golds, probs, multi_class="ovr", labels=names, average=average)
            scores[f"roc_auc_{average}"] = ovr
    if classes > 2:
        scores["top_k_accuracy"] = M.top_k_accuracy_score(golds, probs, k=k, labels=names)
    else:
        scores |= {name: score(golds, preds) for name, score in ratios(beta).items()}
        scores["roc_auc"] = M.roc_auc_score(golds, probs[:, 1])
        scores["average_precision"] = M.average_precision_score(golds, probs[:, 1])
    return scores


def one_against_one(golds, probs, average):
    if len(np.unique(golds)) < 2:
        return math.nan
    if probs.shape[1] == 2:
        return _average_multiclass_ovo_score(M.roc_auc_score, golds, probs, average)
    return M.roc_auc_score(golds, probs, multi_class="ovo", labels=list(range(probs.shape[1])), average=average)


def case_of_several_labels(random):
    size, labels = random_size(random), int(random.integers(2, 6))
    shares = random.random(labels) * random.choice([0, 1, 1])
    golds = (random.random((size, labels)) < shares).astype(int)
    agree = random.random((size, labels)) < random.random()
    preds = np.where(agree, golds, random.random((size, labels)) < 0.3).astype(int)
    probs = random.random((size, labels)).round(int(random.integers(1, 9)))
    missing = random.random((size, labels)) < random.choice([0, 0.3])
    beta = float(random.choice([0, 0.5, 1, 2]))
    given = {
        "golds": np.where(missing, -1, golds).tolist(),
        "preds": preds.tolist(),
        "probs": probs.tolist(),
        "beta": beta,
    }
    if missing.all():
        return {**given, "scores": None}
    score = scores_of_known_labels if missing.any() else scores_of_labels
    return {**given, "scores": score(golds, preds, probs, ~missing, beta)}


def scores_of_labels(golds, preds, probs, known, beta):
    scores = {"accuracy": M.accuracy_score(golds, preds), "hamming_loss": M.hamming_loss(golds, preds)}
    for average in AVERAGES:
        for name, score in ratios(beta).items():
            scores[f"{name}_{average}"] = score(golds, preds, average=average)
        for name, score in RANKINGS.items():
            scores[f"{name}_{average}"] = score(golds, probs, average=average)
    return scores


def scores_of_known_labels(golds, preds, probs, known, beta):
    wrong = known & (golds != preds)
    rows = [row for row in known if row.any()]
    scores = {
        "accuracy": float(1 - wrong.any(1).sum() / len(rows)),
        "hamming_loss": float(wrong.sum() / known.sum()),
    }
    lines = {
        "micro": [(golds[known], preds[known], probs[known])],
        "macro": [tuple(a[known[:, i], i] for a in (golds, preds, probs)) for i in range(golds.shape[1])],
        "samples": [tuple(a[i, known[i]] for a in (golds, preds, probs)) for i in range(len(golds)) if known[i].any()],
    }
    lines["weighted"] = lines["macro"]
    for average in AVERAGES:
        support = [g.sum() for g, _, _ in lines[average]] if average == "weighted" else [1] * len(lines[average])
        for name, score in ratios(beta).items():
            values = [score(g, p) if len(g) else 0.0 for g, p, _ in lines[average]]
            scores[f"{name}_{average}"] = weighted_mean(values, support)
        for name, score in RANKINGS.items():
            undefined = math.nan if name == "roc_auc" else 0.0
            values = [score(g, s) if len(g) else undefined for g, _, s in lines[average]]
            values = [0.0 if weight == 0 else value for value, weight in zip(values, support)]
            scores[f"{name}_{average}"] = weighted_mean(values, support) if np.sum(support) else 0.0
    return scores


def case_of_values(random):
    size, outputs = random_size(random), int(random.integers(1, 4))
    shape = (size,) if outputs == 1 and random.random() < 0.5 else (size, outputs)
    golds = (random.normal(size=shape) * 10.0 ** random.integers(-2, 4)).round(int(random.integers(0, 6)))
    if random.random() < 0.2:
        golds = np.full(shape, 2.5)
    noise = random.normal(size=shape) * random.choice([0, 0.1, 10])
    values = golds * random.choice([1, 0.9, 0]) + noise
    golds = np.where(golds == -1, 0.0, golds)
    scores = {
        "mae": M.mean_absolute_error(golds, values),
        "mse": M.mean_squared_error(golds, values),
        "rmse": M.root_mean_squared_error(golds, values),
        "median_absolute_error": M.median_absolute_error(golds, values),
        "mape": M.mean_absolute_percentage_error(golds, values),
        "max_error": M.max_error(golds.ravel(), values.ravel()),
        "r2": M.r2_score(golds, values),
        "explained_variance": M.explained_variance_score(golds, values),
    }
    return {"golds": golds.tolist(), "probs": values.tolist(), "scores": scores}


def case_of_curves(random):
    size = random_size(random)
    golds, _ = random_labels(random, size, 2)
    scores = random.normal(size=size).round(int(random.integers(0, 5)))
    drops = bool(random.integers(2))
    fpr, tpr, of_roc = M.roc_curve(golds, scores, pos_label=1, drop_intermediate=drops)
    precision, recall, of_pr = M.precision_recall_curve(golds, scores, pos_label=1, drop_intermediate=drops)
    area = M.auc(fpr, tpr)
    roc = {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": of_roc.tolist()}
    pr = {"precision": precision.tolist(), "recall": recall.tolist(), "thresholds": of_pr.tolist()}
    given = {"golds": golds.tolist(), "scores": scores.tolist(), "dropIntermediate": drops}
    return {**given, "roc": roc, "precisionRecall": pr, "auc": area, "aucOfPr": M.auc(recall, precision)}


def case_of_report(random):
    classes = int(random.integers(2, 5))
    golds, preds = random_labels(random, random_size(random), classes)
    if random.random() < 0.4:
        golds, preds = (random.random((2, len(golds), classes)) < 0.4).astype(int)
    report = M.classification_report(golds, preds, output_dict=True, **UNDEFINED)
    accuracy = report.pop("accuracy", None)
    if accuracy is not None:
        average = {"precision": accuracy, "recall": accuracy, "f1-score": accuracy, "support": len(golds)}
        report["micro avg"] = average
    rows = {
        label: {"precision": row["precision"], "recall": row["recall"], "f1": row["f1-score"], "support": row["support"]}
        for label, row in report.items()
    }
    normalize = [None, "true", "pred", "all"][int(random.integers(4))]
    matrix = M.confusion_matrix(golds, preds, normalize=normalize).tolist() if golds.ndim == 1 else None
    given = {"golds": golds.tolist(), "preds": preds.tolist(), "normalize": normalize}
    return {**given, "report": rows, "matrix": matrix}


def as_json(value):
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else str(float(value))
    return value.item() if isinstance(value, np.generic) else value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cases", type=int, default=25)
    parser.add_argument("--output", default=OUTPUT)
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    random = np.random.default_rng(given.seed)

    def cases(make, *arguments):
        return [make(random, *arguments) for _ in range(given.cases)]

    golden = {
        "scored": {
            "two classes": cases(case_of_classes, 2),
            "three classes": cases(case_of_classes, 3),
            "six classes": cases(case_of_classes, 6),
            "several labels": cases(case_of_several_labels),
            "several labels, again": cases(case_of_several_labels),
            "values": cases(case_of_values),
        },
        "curves": cases(case_of_curves),
        "reports": cases(case_of_report),
    }
    Path(given.output).write_text(json.dumps(as_json(golden), separators=(",", ":"), allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
