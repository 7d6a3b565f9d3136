"""Writes test/goldens/fields.json: how PyTorch pads rows of different lengths, and collates nested values.

    python scripts/goldens/fields.py [--seed N] [--output FILE]

Rows, options and structures are drawn from the seed. A tensor is {"tensor": its elements}. Needs torch 2.13.0.
"""

import argparse
import json
import random
from pathlib import Path

import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import default_collate

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "fields.json"
DTYPES = {"int64": torch.int64, "float32": torch.float32}
CASES = 40


def padded(draw):
    dtype = draw.choice(list(DTYPES))
    rows = [[draw.randrange(-9, 10) for _ in range(draw.randrange(7))] for _ in range(draw.randrange(1, 6))]
    order = [draw.randrange(len(rows)) for _ in range(draw.randrange(1, 5))]
    options = {
        "padValue": draw.choice([0, -1, 7]),
        "leftPadded": draw.random() < 0.5,
        "maxLen": draw.choice([0, 0, 2, 4]),
        "padToMultipleOf": draw.choice([1, 1, 4]),
        "padTo": draw.choice([[], [], [3, 8], [2]]),
    }
    cut = [row[-options["maxLen"] :] if options["leftPadded"] else row[: options["maxLen"] or None] for row in rows]
    taken = [torch.tensor(cut[i], dtype=DTYPES[dtype]) for i in order]
    longest = max(len(row) for row in taken)
    width = next((fixed for fixed in options["padTo"] if fixed >= longest), longest)
    width = -(-width // options["padToMultipleOf"]) * options["padToMultipleOf"]
    side = "left" if options["leftPadded"] else "right"
    values = pad_sequence(taken, batch_first=True, padding_value=options["padValue"], padding_side=side)
    missing = width - longest
    extra = (missing, 0) if options["leftPadded"] else (0, missing)
    values = torch.nn.functional.pad(values, extra, value=options["padValue"])
    lengths = torch.tensor([len(row) for row in taken])
    mask = torch.arange(width) >= lengths.unsqueeze(1)
    if options["leftPadded"]:
        mask = mask.flip(1)
    result = {"padded": values.tolist(), "mask": mask.tolist(), "lengths": lengths.tolist()}
    return {"dtype": dtype, "rows": rows, "order": order, "options": options, **result}


def structure(draw, depth):
    """A maker of values of one random structure, whose first leaf is a tensor."""
    kind = draw.choice(["tensor", "record", "array"]) if depth > 0 else "tensor"
    if kind == "tensor":
        shape = [draw.randrange(1, 3) for _ in range(draw.randrange(3))]
        return lambda: torch.tensor([draw.randrange(9) for _ in range(torch.Size(shape).numel())]).float().view(shape)
    makers = [structure(draw, depth - 1) for _ in range(draw.randrange(1, 4))]
    if draw.random() < 0.4:
        makers.append(lambda: draw.choice("abc"))
    if kind == "array":
        return lambda: [make() for make in makers]
    return lambda: {f"key{i}": make() for i, make in enumerate(makers)}


def plain(value):
    if isinstance(value, torch.Tensor):
        return {"tensor": value.tolist()}
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    return {key: plain(element) for key, element in value.items()} if isinstance(value, dict) else value


def nested(draw):
    make = structure(draw, 3)
    values = [make() for _ in range(draw.randrange(1, 4))]
    return {"values": plain(values), "collated": plain(default_collate(values))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    goldens = {"padded": [padded(draw) for _ in range(CASES)], "nested": [nested(draw) for _ in range(CASES)]}
    lines = [f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, cases)) + "\n]" for name, cases in goldens.items()]
    arguments.output.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
