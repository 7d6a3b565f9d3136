"""Writes test/goldens/generators.json: the numbers that PyTorch draws from seeded generators on the CPU, and their states.

The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import hashlib
import json
from pathlib import Path

import torch


def draws(seed, generator=None):
    (generator or torch).manual_seed(seed)
    return {
        "seed": str(seed),
        "rand": torch.rand(5, generator=generator).tolist(),
        "randn": torch.randn(5, generator=generator).tolist(),
        # From 16 elements on another algorithm draws them.
        "randnMany": torch.randn(17, generator=generator).tolist(),
        "randperm": torch.randperm(10, generator=generator).tolist(),
        "randint": torch.randint(0, 100, (5,), generator=generator).tolist(),
        "bernoulli": torch.bernoulli(torch.full((8,), 0.5), generator=generator).tolist(),
        "state": hashlib.sha256(bytes((generator or torch.default_generator).get_state().tolist())).hexdigest(),
    }


def initial_seed(seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    return {"seed": str(seed), "initialSeed": str(generator.initial_seed())}


SEEDS = [0, 1, 42, 2**53 - 1, -1, -(2**63), 2**63, 2**64 - 1]
golden = {
    "global": [draws(seed) for seed in [0, 42, 2**63 + 5, -7]],
    "own": [draws(seed, torch.Generator()) for seed in [0, 123]],
    "initialSeeds": [initial_seed(seed) for seed in SEEDS],
    "defaultSeed": str(torch.Generator().initial_seed()),
}
path = Path(__file__).parents[2] / "test" / "goldens" / "generators.json"
path.write_text(json.dumps(golden) + "\n")
