"""Writes test/goldens/log_manager.json: what Snorkel's LogManager says after each batch."""

import json
from pathlib import Path
from types import SimpleNamespace

from snorkel.classification.training.loggers import LogManager

CASES = [
    dict(counter_unit="epochs", evaluation_freq=1.0, factor=1, n_batches=3, sizes=[4, 4, 2] * 3),
    dict(counter_unit="epochs", evaluation_freq=0.5, factor=2, n_batches=7, sizes=[8] * 21),
    dict(counter_unit="epochs", evaluation_freq=0.1, factor=3, n_batches=30, sizes=[1] * 60),
    dict(counter_unit="epochs", evaluation_freq=1 / 3, factor=1, n_batches=9, sizes=[5] * 27),
    dict(counter_unit="epochs", evaluation_freq=2.5, factor=1, n_batches=2, sizes=[3] * 12),
    dict(counter_unit="batches", evaluation_freq=2, factor=2, n_batches=5, sizes=[6, 6, 6, 6, 1] * 2),
    dict(counter_unit="batches", evaluation_freq=2.5, factor=1, n_batches=5, sizes=[6] * 9),
    dict(counter_unit="points", evaluation_freq=10, factor=2, n_batches=4, sizes=[8] * 12),
    dict(counter_unit="points", evaluation_freq=10, factor=None, n_batches=4, sizes=[3, 11, 10, 1, 4, 4, 2]),
]


def trace(case):
    checkpointer = case["factor"] and SimpleNamespace(checkpoint_factor=case["factor"])
    manager = LogManager(
        case["n_batches"],
        checkpointer=checkpointer,
        counter_unit=case["counter_unit"],
        evaluation_freq=case["evaluation_freq"],
    )
    rows = []
    for size in case["sizes"]:
        manager.update(size)
        row = dict(
            unitCount=manager.unit_count,
            pointTotal=manager.point_total,
            batchTotal=manager.batch_total,
            epochTotal=manager.epoch_total,
            unitTotal=manager.unit_total,
        )
        row["evaluates"] = manager.trigger_evaluation()
        row["checkpoints"] = manager.trigger_checkpointing()
        rows.append(row)
    return rows


golden = [
    dict(
        counterUnit=case["counter_unit"],
        evaluationFreq=case["evaluation_freq"],
        checkpointFactor=case["factor"],
        nBatchesPerEpoch=case["n_batches"],
        batchSizes=case["sizes"],
        rows=trace(case),
    )
    for case in CASES
]
path = Path(__file__).parents[2] / "test" / "goldens" / "log_manager.json"
path.write_text(json.dumps(golden) + "\n")
