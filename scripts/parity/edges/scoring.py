import numpy as np
from edge import edge
from snorkel.analysis import Scorer, get_label_buckets, get_label_instances, metric_score
from snorkel.utils import filter_labels, preds_to_probs, probs_to_preds, to_int_label_array

TWO = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 0])
MANY = np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])


def metrics(golds, preds, probs=None):
    return lambda *names: {name: metric_score(golds, preds, probs, name) for name in names}


@edge("ties between two classes")
def _():
    return probs_to_preds(np.full((10, 2), 0.5))


@edge("ties between three classes")
def _():
    return probs_to_preds(np.full((10, 3), 1 / 3))


@edge("ties that abstain")
def _():
    return probs_to_preds(np.array([[0.5, 0.5], [0.2, 0.8]]), tie_break_policy="abstain")


@edge("a tie within the tolerance")
def _():
    return probs_to_preds(np.array([[0.5, 0.499995], [0.5, 0.49998]]))


@edge("an unknown tie-break policy")
def _():
    return probs_to_preds(np.array([[0.5, 0.5]]), tie_break_policy="negative")


@edge("probabilities of one class")
def _():
    return probs_to_preds(np.array([[0.5], [0.5]]))


@edge("predictions as probabilities")
def _():
    return preds_to_probs(np.array([1, 0, 2]), 3)


@edge("an abstain as probabilities")
def _():
    return preds_to_probs(np.array([1, -1]), 2)


@edge("labels of shape [n, 1]")
def _():
    return to_int_label_array(np.array([[1], [0], [2.0]]))


@edge("labels that are no integers")
def _():
    return to_int_label_array(np.array([1, 2.1]))


@edge("labels of two columns")
def _():
    return to_int_label_array(np.array([[1, 0], [0, 1]]))


@edge("metrics of two classes")
def _():
    return metrics(*TWO)("accuracy", "precision", "recall", "f1", "f1_micro", "f1_macro", "matthews_corrcoef", "coverage")


@edge("metrics of many classes")
def _():
    return metrics(*MANY)("accuracy", "f1_micro", "f1_macro", "matthews_corrcoef")


@edge("f1 of many classes")
def _():
    return metric_score(*MANY, metric="f1")


@edge("precision of many classes")
def _():
    return metric_score(*MANY, metric="precision")


@edge("recall of many classes")
def _():
    return metric_score(*MANY, metric="recall")


@edge("f1 with a third class in the predictions alone")
def _():
    return metric_score(TWO[0], MANY[1] + 1, metric="f1")


@edge("metrics of a class that was never predicted")
def _():
    return metrics(np.array([1, 1, 0]), np.array([0, 0, 0]))("precision", "recall", "f1", "matthews_corrcoef")


@edge("metrics of one class alone")
def _():
    return metrics(np.array([0, 0]), np.array([0, 0]))("accuracy", "f1", "f1_macro", "matthews_corrcoef")


@edge("roc_auc")
def _():
    probs = np.array([[0.9, 0.1], [0.4, 0.6], [0.6, 0.4], [0.5, 0.5]])
    return metric_score(TWO[0], None, probs, "roc_auc")


@edge("roc_auc of three columns")
def _():
    return metric_score(TWO[0], None, np.full((4, 3), 1 / 3), "roc_auc")


@edge("roc_auc of one class alone")
def _():
    return metric_score(np.array([1, 1]), None, np.array([[0.4, 0.6], [0.1, 0.9]]), "roc_auc")


@edge("coverage")
def _():
    return metric_score(np.array([0, 0, 0, 0, 1]), np.array([-1, -1, 0, 0, 0]), metric="coverage")


@edge("fbeta with its beta")
def _():
    return metric_score(*TWO, metric="fbeta", beta=2)


@edge("a metric without what it needs")
def _():
    return metric_score(golds=TWO[0], metric="accuracy")


@edge("an unknown metric")
def _():
    return metric_score(*TWO, metric="bad_metric")


@edge("an unknown key of a filter")
def _():
    return metric_score(*TWO, metric="accuracy", filter_dict={"bad_map": [0]})


@edge("a filter of golds and preds")
def _():
    return metric_score(
        np.array([0, 0, 0, 1, 1]), np.array([0, -1, 0, 1, 0]), filter_dict={"golds": [1], "preds": [-1]}
    )


@edge("a filter of three arrays")
def _():
    arrays = {"golds": np.array([0, -1, 1, 1]), "preds": np.array([0, 0, -1, 1]), "probs": np.array([1, 1, 1, 9])}
    return filter_labels(arrays, {"golds": [-1], "preds": [-1], "probs": [9]})


@edge("a filter of an array that is not there")
def _():
    return filter_labels({"golds": None, "preds": np.array([0, 1])}, {"golds": [-1]})


@edge("a filter of a single row")
def _():
    return filter_labels({"golds": np.array([1])}, {"golds": [-1]})


@edge("a scorer of abstains")
def _():
    return Scorer(["accuracy", "coverage"]).score(np.array([1, 0, 1, 0, -1]), np.array([-1, -1, 1, 1, 0]), np.zeros((5, 2)))


@edge("a scorer of another abstain label")
def _():
    return Scorer(["accuracy"], abstain_label=10).score(np.array([1, 0, -1]), np.array([1, 1, 0]))


@edge("a scorer without an abstain label")
def _():
    return Scorer(["accuracy"], abstain_label=None).score(np.array([1, 0, -1]), np.array([1, 1, -1]))


@edge("a scorer without metrics")
def _():
    return Scorer().score(*TWO)


@edge("a custom metric of several scores")
def _():
    return Scorer(custom_metric_funcs={"own": lambda golds, preds, probs: {"a": 1, "b": 2}}).score(*TWO)


@edge("custom metrics get the abstains")
def _():
    return Scorer(custom_metric_funcs={"rows": lambda golds, preds, probs: len(golds)}).score(np.array([-1, 1]), np.array([0, 1]))


@edge("a scorer of no labels")
def _():
    return Scorer(["accuracy"]).score(np.array([]), np.array([]))


@edge("a scorer of an unknown metric")
def _():
    return Scorer(["accuracy", "f2"])


@edge("a scorer of labels that are all abstains")
def _():
    return Scorer(["accuracy"]).score(np.array([-1, -1]), np.array([0, 1]))


@edge("a scorer of fbeta")
def _():
    return Scorer(["fbeta"]).score(*TWO)


def slices(**columns):
    return np.rec.fromarrays([np.array(column) for column in columns.values()], names=list(columns))


@edge("scores of slices")
def _():
    return Scorer(["accuracy"]).score_slices(slices(a=[1, 0, 1, 0], b=[0, 0, 1, 1]), *TWO, np.zeros((4, 2)))


@edge("scores of slices as rows")
def _():
    table = Scorer(["accuracy"]).score_slices(slices(a=[1, 0, 1, 0]), *TWO, np.zeros((4, 2)), as_dataframe=True)
    return {"rows": list(table.index), "columns": list(table.columns)}


@edge("a slice that abstains")
def _():
    return Scorer(["accuracy"]).score_slices(slices(a=[1, 0, -1, 0]), *TWO, np.zeros((4, 2)))["a"]


@edge("a slice without rows")
def _():
    return Scorer(["accuracy"]).score_slices(slices(a=[0, 0, 0, 0]), *TWO, np.zeros((4, 2)))["a"]


@edge("slices of another length")
def _():
    return Scorer(["accuracy"]).score_slices(slices(a=[0, 0, 0, 1]), TWO[0][:1], TWO[1], np.zeros((4, 2)))


@edge("label buckets")
def _():
    buckets = get_label_buckets(np.array([[2], [1], [3], [1]]), np.array([1, 2, 3, 2]))
    return sorted([list(key), list(value)] for key, value in buckets.items())


@edge("label buckets of different lengths")
def _():
    return get_label_buckets(np.array([0, 1, 1]), np.array([1, 1]))


@edge("the instances of a bucket")
def _():
    return get_label_instances((0, 1), np.array(["a", "b", "c"]), np.array([1, 0, 0]), np.array([1, 1, 1]))


@edge("the instances of a bucket that is not there")
def _():
    return get_label_instances((2, 0), np.array(["a", "b", "c"]), np.array([1, 0, 0]), np.array([1, 1, 1]))


@edge("the instances of a bucket of another size")
def _():
    return get_label_instances((1, 0), np.array(["a", "b", "c"]), np.array([1, 0, 0]))
