"""Writes test/goldens/samplers.json: which examples PyTorch's loaders give, and what they draw, by sampler and for streams.

    python scripts/goldens/samplers.py [--seed N] [--output FILE]

The options are drawn from the seed. After each batch comes a draw from the global generator, as dropout does. Integers past
2^53 are strings. Needs torch 2.13.0 and snorkel 0.10.0.
"""

import argparse
import json
import random
import warnings
from collections import Counter
from pathlib import Path

import torch
from snorkel.classification import DictDataLoader, DictDataset
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from torch.utils.data.datapipes.iter import IterableWrapper

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "samplers.json"
PER_KIND = 12
EPOCHS = 2


class Counted(IterableDataset):
    """A stream of the numbers below a length."""

    def __init__(self, length):
        self.length = length

    def __iter__(self):
        return iter(range(self.length))


def next_draw(generator=None):
    return str(torch.empty((), dtype=torch.int64).random_(generator=generator).item())


def generator_of(seed):
    return None if seed is None else torch.Generator().manual_seed(seed)


def draw_options(draw, kind):
    """Lower-case names are those of Python; the case in JSON has them in camelCase."""
    length = draw.choice([1, 5, 9, 40, 70])
    options = {"kind": kind, "seed": draw.randrange(2**40), "length": length}
    options["generatorSeed"] = draw.choice([None, draw.randrange(2**40)])
    options["loaderSeed"] = draw.choice([None, draw.randrange(2**40)])
    options["batchSize"] = draw.choice([1, 3, 4, 16])
    options["dropLast"] = draw.random() < 0.3
    if kind == "random":
        options["replacement"] = draw.random() < 0.6
        options["numSamples"] = draw.choice([None, 1, length, 2 * length + 3, 64, 75])
    if kind in ("subset", "list"):
        options["indices"] = [draw.randrange(length) for _ in range(draw.choice([1, 4, 20]))]
    if kind == "weighted":
        options["replacement"] = draw.random() < 0.5
        options["weights"] = [draw.choice([0.0, 0.5, 1.0, 3.7, 1e-3]) for _ in range(length - 1)] + [0.1]
        positive = sum(weight > 0 for weight in options["weights"])
        options["numSamples"] = draw.randint(1, 3 * length if options["replacement"] else positive)
    if kind == "balanced":
        options["labels"] = [draw.choice([-1, 0, 0, 0, 1, 2]) for _ in range(length - 1)] + [0]
        options["unlabeled"] = draw.choice([0, 0, 0.5])
    if kind == "stream":
        options["shuffleBuffer"] = draw.choice([0, 1, 4, 100])
    return options


def sampler_of(options):
    generator = generator_of(options["generatorSeed"])
    kind, positions = options["kind"], range(options["length"])
    if kind == "sequential":
        return SequentialSampler(positions), None
    if kind == "random":
        made = RandomSampler(positions, options["replacement"], options["numSamples"], generator=generator)
        return made, generator
    if kind == "subset":
        return SubsetRandomSampler(options["indices"], generator=generator), generator
    if kind == "list":
        return options["indices"], None
    if kind == "weighted":
        made = WeightedRandomSampler(
            options["weights"], options["numSamples"], options["replacement"], generator=generator
        )
        return made, generator
    counts = Counter(options["labels"])
    weights = [(options["unlabeled"] if label == -1 else 1) / counts[label] for label in options["labels"]]
    drawable = sum(weight > 0 for weight in weights)
    return WeightedRandomSampler(weights, drawable, True, generator=generator), generator


def loader_of(options):
    """The loader, and its sampler's generator."""
    batch_size, drop_last = options["batchSize"], options["dropLast"]
    generator = generator_of(options["loaderSeed"])
    common = {"batch_size": batch_size, "drop_last": drop_last, "generator": generator}
    if options["kind"] == "stream":
        if options["shuffleBuffer"] == 0:
            return DataLoader(Counted(options["length"]), collate_fn=list, **common), None
        source = IterableWrapper(range(options["length"])).shuffle(buffer_size=options["shuffleBuffer"])
        return DataLoader(source, collate_fn=list, **common), None
    positions = list(range(options["length"]))
    dataset = DictDataset("d", "train", {"i": positions}, {"y": torch.zeros(len(positions))})
    sampler, sampler_generator = sampler_of(options)
    if options["isBatchSampler"]:
        batches = BatchSampler(sampler, batch_size, drop_last)
        return DictDataLoader(dataset, batch_sampler=batches, generator=generator), sampler_generator
    return DictDataLoader(dataset, sampler=sampler, **common), sampler_generator


def case(options):
    loader, sampler_generator = loader_of(options)
    torch.manual_seed(options["seed"])
    epochs = []
    for _ in range(EPOCHS):
        batches = []
        for batch in loader:
            batches.append([batch if options["kind"] == "stream" else batch[0]["i"], next_draw()])
        epochs.append(batches)
    generators = [generator for generator in [sampler_generator, loader.generator] if generator is not None]
    return {**options, "epochs": epochs, "next": [next_draw(), *map(next_draw, generators)]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    draw = random.Random(arguments.seed)
    kinds = ["sequential", "random", "subset", "list", "weighted", "balanced", "stream"]
    options = [draw_options(draw, kind) for kind in kinds for _ in range(PER_KIND)]
    for each in options:
        each["isBatchSampler"] = each["kind"] != "stream" and draw.random() < 0.3
    lines = ",\n".join(json.dumps(case(each)) for each in options)
    arguments.output.write_text(f'{{"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
