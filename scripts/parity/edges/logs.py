import json
import math
import os
from pathlib import Path

from edge import edge
from model import make_model
from snorkel.classification.training.loggers import Checkpointer, LogManager, LogWriter, TensorBoardWriter

METRIC = "task/data/valid/f1"


class FactorOf:
    def __init__(self, factor):
        self.checkpoint_factor = factor


def triggers(sizes, factor=1, **config):
    """After each batch: whether to evaluate, and to checkpoint; then the totals."""
    manager = LogManager(n_batches_per_epoch=4, checkpointer=FactorOf(factor), **config)
    steps = []
    for size in sizes:
        manager.update(size)
        steps.append([manager.trigger_evaluation(), manager.trigger_checkpointing()])
    return [steps, manager.point_total, manager.batch_total, manager.epoch_total, manager.unit_total]


@edge("triggers of whole epochs")
def _():
    return triggers([8] * 9, factor=2)


@edge("triggers of fractions of epochs")
def _():
    return triggers([8] * 6, counter_unit="epochs", evaluation_freq=0.4)


@edge("triggers of batches")
def _():
    return triggers([5, 5, 10, 5], factor=2, counter_unit="batches", evaluation_freq=2)


@edge("triggers of points")
def _():
    return triggers([8] * 5, counter_unit="points", evaluation_freq=10)


@edge("an unknown counter unit")
def _():
    return triggers([1], counter_unit="macaroni")


@edge("an evaluation frequency of 0")
def _():
    return triggers([8, 8], counter_unit="batches", evaluation_freq=0)


def make_checkpointer(directory, unit="batches", freq=1, **config):
    return Checkpointer(unit, freq, checkpoint_dir=directory, **{"checkpoint_metric": f"{METRIC}:max", **config})


def checkpoints(directory, values, clear=False, **config):
    """The best values and the files after a checkpoint with each of the values."""
    checkpointer = make_checkpointer(directory, **config)
    for iteration, metrics in enumerate(values):
        checkpointer.checkpoint(iteration, make_model(), metrics if isinstance(metrics, dict) else {METRIC: metrics})
    if clear:
        checkpointer.clear()
    return [checkpointer.best_metric_dict, sorted(Path(name).stem for name in os.listdir(directory))]


@edge("the best value is the highest")
def _():
    return checkpoints("highest", [0.5, 0.7, 0.7, 0.6])


@edge("the best value is the lowest")
def _():
    return checkpoints("lowest", [0.5, 0.7, 0.2], checkpoint_metric=f"{METRIC}:min")


@edge("no checkpoint before the runway")
def _():
    return checkpoints("runway", [0.9, 0.5, 0.6], checkpoint_runway=1)


@edge("checkpoints of epochs have a point in their names")
def _():
    checkpointer = make_checkpointer("names", unit="epochs")
    for iteration in (1.0, 1.5):
        checkpointer.checkpoint(iteration, make_model(), {METRIC: 0.5})
    return sorted(os.listdir("names"))


@edge("best models of several metrics")
def _():
    values = [{METRIC: 0.5, "a/b/c/d": 3.0}, {METRIC: 0.4, "a/b/c/d": 2.0}]
    return checkpoints("several", values, checkpoint_task_metrics=["a/b/c/d:min"])


@edge("clearing leaves the best model")
def _():
    return checkpoints("clear", [0.5, 0.6], clear=True)


@edge("not clearing leaves all")
def _():
    return checkpoints("keep", [0.5, 0.6], clear=True, checkpoint_clear=False)


@edge("clearing without a best model")
def _():
    return checkpoints("none", [{"a/b/c/d": 1.0}] * 2, clear=True)


@edge("clearing beside the checkpoints of another run")
def _():
    os.makedirs("beside")
    Path("beside/checkpoint_9.pth").write_text("")
    return checkpoints("beside", [0.5], clear=True)


@edge("a first value of NaN")
def _():
    return checkpoints("nan", [math.nan, 0.5, 0.6])


@edge("a checkpoint factor of 0")
def _():
    make_checkpointer("factor", checkpoint_factor=0)


@edge("a negative runway")
def _():
    make_checkpointer("negative", checkpoint_runway=-1)


@edge("a checkpoint metric of one part")
def _():
    make_checkpointer("one", checkpoint_metric="accuracy:max")


@edge("a checkpoint metric without a mode")
def _():
    make_checkpointer("mode", checkpoint_metric=f"{METRIC}-max")


@edge("a checkpoint metric of an unknown mode")
def _():
    make_checkpointer("unknown", checkpoint_metric=f"{METRIC}:mode")


@edge("a checkpoint metric whose name holds a colon")
def _():
    make_checkpointer("colon", checkpoint_metric="task_slice:a_pred/data/valid/f1:max")
    return "made"


@edge("a task metric of one part")
def _():
    make_checkpointer("part", checkpoint_task_metrics=["accuracy:max"])
    return "made"


@edge("a checkpoint folder of none")
def _():
    Checkpointer("epochs", 1, checkpoint_dir=None)


def read(path):
    return json.loads(Path(path).read_text())


@edge("scalars in log.json")
def _():
    writer = LogWriter(log_dir="logs", run_name="scalars")
    writer.add_scalar("value", 0.5, 2)
    writer.add_scalar("value", 0.25, 4)
    writer.cleanup()
    return read("logs/scalars/log.json")


@edge("texts and JSON of a run")
def _():
    writer = LogWriter(log_dir="logs", run_name="texts")
    writer.write_text("words", "words.txt")
    writer.write_json({"a": 1}, "own.json")
    return [Path("logs/texts/words.txt").read_text(), read("logs/texts/own.json")]


@edge("log.json of a TensorBoardWriter")
def _():
    writer = TensorBoardWriter(log_dir="logs", run_name="board")
    writer.add_scalar("value", 0.5, 2)
    writer.cleanup()
    return Path("logs/board/log.json").exists()
