"""Writes test/goldens/data.json: what CPython, PyTorch and Snorkel draw and collate. Needs snorkel 0.10.0.

    python scripts/goldens/data.py

Integers past 2^53 are strings. An order of many positions is the sha256 of the positions joined with commas.
"""

import hashlib
import json
import random
from itertools import product
from pathlib import Path

import torch
from snorkel.classification import DictDataLoader, DictDataset
from snorkel.classification.training.schedulers import batch_schedulers
from snorkel.classification.utils import list_to_tensor, pad_batch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "data.json"
SEEDS = [0, 1, 42, -7, 123456789, 2**32 - 1, 2**32, 2**40 + 5, 2**64 + 3, 10**400]


def python_random(seed):
    random.seed(seed)
    case = {"seed": str(seed), "bits": [[bits, random.getrandbits(bits)] for bits in [1, 8, 31, 32, 33, 48, 53]]}
    case["random"] = [random.random() for _ in range(3)]
    case["below"] = [[limit, random.randrange(limit)] for limit in [1, 2, 3, 1000, 2**31, 2**32, 2**49 - 1, 2**53 - 1]]
    case["shuffled"] = [shuffled(length) for length in [0, 1, 2, 10]]
    case["digest"] = digest(shuffled(1000))
    state = random.getstate()[1]
    case["state"] = [digest(state), state[-1]]
    return case


def shuffled(length):
    values = list(range(length))
    random.shuffle(values)
    return values


def digest(values):
    return hashlib.sha256(",".join(map(str, values)).encode()).hexdigest()


def seed_everything(seed):
    torch.manual_seed(seed)
    random.seed(seed)


def next_draw(generator=None):
    return str(torch.empty((), dtype=torch.int64).random_(generator=generator).item())


def dataset(length):
    return DictDataset("d", "train", {"i": list(range(length))}, {"y": torch.zeros(length)})


def loader(length, generator_seed=None, **options):
    if generator_seed is not None:
        options["generator"] = torch.Generator().manual_seed(generator_seed)
    return DictDataLoader(dataset(length), **options)


def order(seed, length, batch_size, shuffle, drop_last, generator_seed):
    """Two passes over a loader, then what is drawn next."""
    made = loader(length, generator_seed, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last)
    seed_everything(seed)
    passes = [[x["i"] for x, _ in made] for _ in range(2)]
    names = ["seed", "length", "batchSize", "shuffle", "dropLast", "generatorSeed"]
    case = dict(zip(names, [seed, length, batch_size, shuffle, drop_last, generator_seed]))
    if length <= 20:
        case["passes"] = passes
    case["digests"] = [digest(i for batch in batches for i in batch) for batches in passes]
    case["next"] = next_draw()
    if generator_seed is not None:
        case["nextOfGenerator"] = next_draw(made.generator)
    return case


def orders():
    for seed, length in product([0, 1, 42, 2**40 + 5], [1, 2, 7, 100, 40000]):
        yield order(seed, length, 4, True, False, None)
    yield order(3, 7, 3, False, False, None)
    yield order(3, 7, 3, False, True, None)
    for length, drop_last, generator_seed in product([6, 7], [False, True], [None, 11]):
        yield order(5, length, 3, True, drop_last, generator_seed)
    yield order(5, 6, 3, False, False, 11)


def schedule(name, seed, loaders):
    """Two epochs; each batch is followed by a draw from the global generator, as dropout does."""
    made = [loader(**options) for options in loaders]
    seed_everything(seed)
    scheduler = batch_schedulers[name]()
    epochs = [[[made.index(dl), x["i"], next_draw()] for (x, _), dl in scheduler.get_batches(made)] for _ in range(2)]
    camel = [
        {"length": o["length"], "batchSize": o["batch_size"], "shuffle": o["shuffle"], "generatorSeed": o["generator_seed"]}
        for o in loaders
    ]
    return {
        "scheduler": name,
        "seed": seed,
        "loaders": camel,
        "epochs": epochs,
        "nextBits": random.getrandbits(32),
        "nextOfGenerators": [next_draw(dl.generator) for dl in made if dl.generator is not None],
    }


def schedules():
    sets = [
        [(5, 2, True, None), (4, 3, True, None)],
        [(3, 1, False, None), (4, 2, True, 9), (5, 2, True, 10), (1, 4, False, None)],
    ]
    names = ["length", "batch_size", "shuffle", "generator_seed"]
    for name, seed, loaders in product(["shuffled", "sequential"], [0, 42], sets):
        yield schedule(name, seed, [dict(zip(names, values)) for values in loaders])


def padded():
    # No value equals a pad value, where Snorkel's mask is wrong.
    rows = [[1.0, 2.0], [3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0]]
    batch = [torch.tensor(row) for row in rows]
    for max_len, pad_value, left_padded in product([0, 1, 3, 9], [0, -1], [False, True]):
        values, mask = pad_batch(batch, max_len, pad_value, left_padded)
        options = {"maxLen": max_len, "padValue": pad_value, "leftPadded": left_padded}
        yield {"rows": rows, "options": options, "padded": values.tolist(), "mask": mask.tolist()}


def joined():
    for items in [[1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], [[1.0], [2.0, 3.0]], [[[1.0, 2.0]], [[3.0, 4.0]]], [[5.0]]]:
        yield {"items": items, "joined": list_to_tensor([torch.tensor(item) for item in items]).tolist()}


def main():
    goldens = {
        "pythonRandom": [python_random(seed) for seed in SEEDS],
        "orders": list(orders()),
        "schedules": list(schedules()),
        "padBatch": list(padded()),
        "listToTensor": list(joined()),
    }
    lines = [f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, cases)) + "\n]" for name, cases in goldens.items()]
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
