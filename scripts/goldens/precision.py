"""Writes test/goldens/precision.json: plain PyTorch loops in float64, in bfloat16 and under autocast.

    python scripts/goldens/precision.py [--seed N] [--output FILE]

Tensors are dtype, sizes and the base64 of their little-endian bytes. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import contextlib
import json
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "precision.json"
ROWS, BATCH, EPOCHS = 40, 8, 3
OPTIMIZERS = {"adam": torch.optim.Adam, "sgd": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9)}
RUNS = [
    dict(precision=precision, optimizer=optimizer, lr=lr)
    for precision in ("float64", "bf16-mixed", "bf16")
    for optimizer, lr in (("adam", 0.01), ("sgd", 0.05))
]
DTYPES = {"float64": torch.float64, "bf16": torch.bfloat16, "bf16-mixed": torch.float32}


def encode(tensor):
    bits = tensor.detach().contiguous()
    bits = bits.view(torch.int16) if tensor.dtype == torch.bfloat16 else bits
    data = base64.b64encode(bits.numpy().tobytes()).decode()
    return f"{str(tensor.dtype)[6:]} {','.join(map(str, tensor.shape))} {data}"


def make_model():
    trunk = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 8), nn.Tanh())
    return nn.ModuleDict({"trunk": trunk, "head": nn.Linear(8, 3)})


def train(precision, optimizer, lr, seed):
    torch.manual_seed(seed)
    fields, labels, model = torch.randn(ROWS, 4), torch.randint(0, 3, (ROWS,)), make_model()
    initial = {name: encode(tensor) for name, tensor in model.state_dict().items()}
    dtype = DTYPES[precision]
    model.to(dtype)
    parameters = list(model.parameters())
    # For 16 bits the optimizer updates float32 copies.
    masters = [p.detach().float().requires_grad_() for p in parameters] if precision == "bf16" else parameters
    update = OPTIMIZERS[optimizer](masters, lr)
    losses = []

    def compute(x, y):
        mixed = torch.autocast("cpu", dtype=torch.bfloat16) if precision == "bf16-mixed" else contextlib.nullcontext()
        with mixed:
            output = model["head"](model["trunk"](x.to(dtype)))
            if precision == "bf16":
                output = output.float()
            return output, nn.functional.cross_entropy(output, y)

    torch.manual_seed(seed)
    for _ in range(EPOCHS):
        for x, y in DataLoader(TensorDataset(fields, labels), batch_size=BATCH):
            model.zero_grad()
            _, loss = compute(x, y)
            loss.backward()
            if precision == "bf16":
                for master, parameter in zip(masters, parameters):
                    master.grad = parameter.grad.float()
            update.step()
            if precision == "bf16":
                with torch.no_grad():
                    for master, parameter in zip(masters, parameters):
                        parameter.copy_(master)
            losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        probs = compute(fields, labels)[0].to(torch.float32 if precision == "bf16-mixed" else torch.float64)
        probs = (probs.float() if precision == "bf16" else probs).softmax(1).float()
    return dict(
        precision=precision,
        optimizer=optimizer,
        lr=lr,
        seed=seed,
        fields=encode(fields),
        labels=encode(labels),
        initial=initial,
        losses=losses,
        probs=encode(probs),
        weights={name: encode(tensor) for name, tensor in model.state_dict().items()},
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=22)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    torch.set_num_threads(1)
    golden = dict(
        batch=BATCH, epochs=EPOCHS, runs=[train(seed=given.seed + i, **run) for i, run in enumerate(RUNS)]
    )
    given.output.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
