"""Runs the edge cases with Python Snorkel: `python run.py FOLDER TEXT`, those whose names contain the text.

Writes results.json: by name, the value or the error.
"""

import json
import logging
import math
import os
import sys
import warnings
from pathlib import Path

import data  # noqa: F401
import logs  # noqa: F401
import model  # noqa: F401
import numpy as np
import scoring  # noqa: F401
import torch
import training  # noqa: F401
from edge import EDGES


def jsonable(value):
    if isinstance(value, dict):
        return {name: jsonable(item) for name, item in value.items()}
    if isinstance(value, (torch.Tensor, np.ndarray)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def run(function):
    torch.manual_seed(0)
    try:
        return {"value": jsonable(function())}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main(folder, text):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable()
    (folder / "python").mkdir()
    os.chdir(folder / "python")
    results = {name: run(function) for name, function in EDGES.items() if text in name}
    (folder / "results.json").write_text(json.dumps(results))


main(Path(sys.argv[1]), sys.argv[2])
