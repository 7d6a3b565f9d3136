"""Writes test/goldens/indexing.json: what Python's `tensor[...]` reads and writes.

The tensor is `arange(count).reshape(shape)`. An index is written as in JSON, but {"slice": [start, end, step]} and
{"tensor": values, "dtype": name}. A case without a result is an error in Python.
"""

import json
from pathlib import Path

import torch

ALL = {"slice": [None, None, 1]}


def ints(values):
    return {"tensor": values, "dtype": "int64"}


def mask(values):
    return {"tensor": values, "dtype": "bool"}


READS = [
    ([5], [0]),
    ([5], [-1]),
    ([5], [5]),
    ([5], [-6]),
    ([], [0]),
    ([], []),
    ([], ["..."]),
    ([], [None]),
    ([], [True]),
    ([], [False]),
    ([5], []),
    ([5], ["..."]),
    ([5], [None]),
    ([5], [None, "...", None]),
    ([5], ["...", "..."]),
    ([5], [True]),
    ([5], [False]),
    ([5], [{"slice": [1, 3, 1]}]),
    ([5], [{"slice": [-2, None, 1]}]),
    ([5], [{"slice": [None, -2, 1]}]),
    ([5], [{"slice": [None, None, 2]}]),
    ([5], [{"slice": [3, 1, 1]}]),
    ([5], [{"slice": [-100, 100, 3]}]),
    ([5], [{"slice": [None, None, 0]}]),
    ([5], [{"slice": [None, None, -1]}]),
    ([5], [[0, 0, 4]]),
    ([5], [[-1, -5]]),
    ([5], [[5]]),
    ([5], [[]]),
    ([5], [[True, False, True, False, True]]),
    ([5], [[True, False]]),
    ([5], [mask([False] * 5)]),
    ([5], [ints(3)]),
    ([5], [ints([[0, 1], [2, 3]])]),
    ([3, 4], [1]),
    ([3, 4], [1, 2]),
    ([3, 4], [1, 2, 0]),
    ([3, 4], [ALL, -1]),
    ([3, 4], ["...", 1]),
    ([3, 4], [1, "..."]),
    ([3, 4], [0, None, ALL]),
    ([3, 4], [ALL, None, {"slice": [1, None, 2]}]),
    ([3, 4], [mask([[True, False, False, True], [False] * 4, [True] * 4])]),
    ([3, 4], [mask([True, False, True])]),
    ([3, 4], [mask([True, False, True]), 1]),
    ([3, 4], [ALL, mask([True, False, True, False])]),
    ([3, 4], [[0, 2], [1, 3]]),
    ([3, 4], [ints([[0], [2]]), [1, 3]]),
    ([3, 4], [[0, 1], [0, 1, 2]]),
    ([3, 4], [None, [0, 2]]),
    ([3, 4], [[0, 2], None]),
    ([2, 3, 4], [1, "...", 2]),
    ([2, 3, 4], ["...", {"slice": [None, None, 3]}]),
    ([2, 3, 4], [ALL, [0, 2]]),
    ([2, 3, 4], [[0, 1], ALL, [1, 2]]),
    ([2, 3, 4], [0, ALL, [1, 2]]),
    ([2, 3, 4], [ALL, [0, 2], [1, 2]]),
    ([2, 3, 4], ["...", [1, 2]]),
    ([2, 3, 4], [mask([[True, False, True], [False, True, False]])]),
    ([2, 3, 4], [mask([[True, False, True], [False, True, False]]), 1]),
    ([2, 3, 4], [mask([True, False]), ALL, [1, 3]]),
    ([2, 3, 4], [ALL, ALL, ALL, None]),
    ([2, 3, 4], [ALL, None, mask([True, False, True]), "..."]),
    ([2, 0, 4], [0]),
    ([2, 0, 4], [ALL, []]),
    ([2, 0, 4], [ALL, 0]),
]

WRITES = [
    ([5], [0], 9),
    ([5], [7], 9),
    ([5], [], 9),
    ([5], ["..."], 2.5),
    ([5], [{"slice": [1, 3, 1]}], 9),
    ([5], [{"slice": [1, 3, 1]}], [7, 8]),
    ([5], [{"slice": [1, 3, 1]}], [7, 8, 9]),
    ([5], [[0, 4]], 9),
    ([5], [[0, 4]], [7, 8]),
    ([5], [[0, 0]], 9),
    ([5], [mask([True, False, False, False, True])], 9),
    ([5], [mask([True, False, False, False, True])], [7, 8]),
    ([5], [mask([True, False, False, False, True])], [7, 8, 9]),
    ([5], [True], 9),
    ([5], [False], 9),
    ([], [], 9),
    ([], [None], 9),
    ([3, 4], [1], 9),
    ([3, 4], [1], [6, 7, 8, 9]),
    ([3, 4], [ALL, 1], [7, 8, 9]),
    ([3, 4], [1, 2], True),
    ([3, 4], [[0, 2], [1, 3]], [7, 8]),
    ([3, 4], [mask([True, False, True])], [6, 7, 8, 9]),
    ([3, 4], [None, {"slice": [None, None, 2]}], 9),
    ([2, 3, 4], ["...", 0], 9),
    ([2, 3, 4], [0, [0, 2]], [6, 7, 8, 9]),
]


def to_index(encoded):
    if isinstance(encoded, dict):
        if "slice" in encoded:
            return slice(*encoded["slice"])
        return torch.tensor(encoded["tensor"], dtype=getattr(torch, encoded["dtype"]))
    return ... if encoded == "..." else encoded


def make(shape):
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape)


def read(shape, index):
    case = {"shape": shape, "index": index}
    base = make(shape)
    try:
        result = base[tuple(map(to_index, index))]
    except (IndexError, ValueError):
        return case
    is_view = result.untyped_storage().data_ptr() == base.untyped_storage().data_ptr() and result.numel() > 0
    return {**case, "result": {"shape": list(result.shape), "values": result.flatten().tolist()}, "isView": is_view}


def write(shape, index, value):
    case = {"shape": shape, "index": index, "value": value}
    base = make(shape)
    given = torch.tensor(value, dtype=torch.float32) if isinstance(value, list) else value
    try:
        base[tuple(map(to_index, index))] = given
    except (IndexError, RuntimeError):
        return case
    return {**case, "result": base.flatten().tolist()}


path = Path(__file__).parents[2] / "test" / "goldens" / "indexing.json"
golden = {"reads": [read(*case) for case in READS], "writes": [write(*case) for case in WRITES]}
path.write_text(json.dumps(golden) + "\n")
