"""Writes test/goldens/torchscript/*.pt, TorchScript files by Python, and what they compute: test/goldens/torchscript.json.

    python scripts/goldens/torchscript.py [--seed N] [--output FILE]

The files lie in a folder beside FILE, with its name. Tensors are dtype, sizes and the base64 of their little-endian bytes.
The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import argparse
import base64
import json
import random
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import torch
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task, Trainer
from torch import Tensor, nn

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "torchscript.json"
FILES = ["trunk", "frozen", "traced", "recurrent", "methods"]
BATCH, EPOCHS, ROWS = 8, 2, 24
# As a Trainer takes them there, camelCase; here in snake_case.
RUNS = [
    dict(optimizer="adam", lr=0.01, gradClip=0.0, l2=0.01),
    dict(optimizer="sgd", lr=0.05, gradClip=0.5, l2=0.0),
]
SNAKE = dict(gradClip="grad_clip")


class Trunk(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(4 * 3 * 3, 6)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)
        return torch.relu(self.out(self.drop(torch.flatten(x, 1))))


class Recurrent(nn.Module):
    """An LSTM also holds its parameters in a list, and computes with those."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 3, bidirectional=True, batch_first=True)

    def forward(self, x, state: Optional[Tuple[Tensor, Tensor]] = None):
        y, (hidden, _) = self.lstm(self.words(x), state)
        return y.mean(1), hidden


class Methods(nn.Module):
    """Every kind of value that goes in and comes out, a shared child, and a buffer that code assigns anew."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.randn(2))
        self.register_buffer("shift", torch.randn(2))
        self.register_buffer("count", torch.tensor(0))
        self.frozen = nn.Parameter(torch.randn(2), requires_grad=False)
        self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        self.first = self.layers[0]

    def forward(self, x: Tensor, factor: float = 2.0, twice: bool = False, extra: Optional[Tensor] = None):
        y = self.first(x) * self.scale * factor + self.shift
        if twice:
            y = self.layers[1](y)
        return y if extra is None else y + extra

    @torch.jit.export
    def gather(self, tensors: List[Tensor], weights: List[float]) -> Dict[str, Tensor]:
        total = torch.zeros_like(tensors[0])
        for tensor, weight in zip(tensors, weights):
            total = total + tensor * weight
        return {"total": total, "first": tensors[0]}

    @torch.jit.export
    def describe(
        self, count: int, word: str, pair: Tuple[int, Tensor], flags: List[bool]
    ) -> Tuple[str, int, float, bool, Optional[Tensor], List[Tensor]]:
        number, tensor = pair
        return word + "!", count * number, count / 4, flags[0], None, [tensor, tensor + number]

    @torch.jit.export
    def look_up(self, fields: Dict[str, Tensor], key: str) -> Tensor:
        return fields[key] * 2

    @torch.jit.export
    def by_number(self, table: Dict[int, Tensor]) -> Dict[int, Tensor]:
        return {number + 1: tensor for number, tensor in table.items()}

    @torch.jit.export
    def count_up(self) -> Tensor:
        self.count = self.count + 1
        return self.count

    @torch.jit.export
    def fail(self) -> Tensor:
        raise ValueError("nothing of the kind")


class ReadsFile(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.from_file("/etc/hostname", False, 1, dtype=torch.uint8)


class WritesFile(nn.Module):
    def helper(self, x: Tensor) -> Tensor:
        torch.save(x, "out.pt")
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.helper(x) if x.numel() > 1000 else x


def encode_tensor(tensor):
    data = base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()
    return f"{str(tensor.dtype)[6:]} {','.join(map(str, tensor.shape))} {data}"


def encode(value):
    if isinstance(value, Tensor):
        return dict(tensor=encode_tensor(value))
    if isinstance(value, (list, tuple)):
        return [encode(element) for element in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return dict(dict={key: encode(element) for key, element in value.items()})
        return [[key, encode(element)] for key, element in value.items()]
    return value


def write_files(folder):
    folder.mkdir(parents=True, exist_ok=True)
    trunk, methods = Trunk(), torch.jit.script(Methods())
    with torch.no_grad():
        trunk.norm.running_mean.uniform_(-0.5, 0.5)
        trunk.norm.running_var.uniform_(0.5, 1.5)
    torch.jit.script(trunk).save(folder / "trunk.pt")
    torch.jit.freeze(torch.jit.script(trunk.eval())).save(folder / "frozen.pt")
    traced = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Dropout(0.5), nn.Linear(5, 2)).eval()
    torch.jit.trace(traced, torch.randn(4, 3)).save(folder / "traced.pt")
    torch.jit.script(Recurrent()).save(folder / "recurrent.pt")
    methods.save(folder / "methods.pt")
    torch.jit.script(ReadsFile()).save(folder / "reads-file.pt")
    torch.jit.script(WritesFile()).save(folder / "writes-file.pt")


def describe(module):
    return dict(
        text=str(module),
        methods=module._c._method_names(),
        parameters=[[name, parameter.requires_grad] for name, parameter in module.named_parameters()],
        buffers=[name for name, _ in module.named_buffers()],
        state={name: encode_tensor(tensor) for name, tensor in module.state_dict().items()},
    )


def calls():
    image, rows, pair = torch.randn(2, 1, 8, 8), torch.randn(3, 2), torch.randn(2)
    words, state = torch.randint(0, 7, (2, 5)), (torch.randn(2, 2, 3), torch.randn(2, 2, 3))
    return [
        ("trunk", "forward", [image]),
        ("frozen", "forward", [image]),
        ("traced", "forward", [torch.randn(2, 3)]),
        ("recurrent", "forward", [words]),
        ("recurrent", "forward", [words, state]),
        ("methods", "forward", [rows]),
        ("methods", "forward", [rows, 0.5, True]),
        ("methods", "forward", [rows, 1.0, False, pair]),
        ("methods", "gather", [[rows, rows * 2], [0.5, 0.25]]),
        ("methods", "describe", [7, "ab", (3, pair), [True, False]]),
        ("methods", "look_up", [{"a": rows, "b": pair}, "b"]),
        ("methods", "by_number", [{1: rows, 4: pair}]),
        ("methods", "count_up", []),
        ("methods", "count_up", []),
    ]


def call(modules, name, method, arguments):
    module = modules[name]
    result = getattr(module, method)(*arguments)
    output = result[0] if isinstance(result, tuple) else result
    gradients = None
    if method == "forward" and output.requires_grad:
        module.zero_grad()
        output.square().sum().backward()
        gradients = {name: encode_tensor(p.grad) for name, p in module.named_parameters() if p.grad is not None}
    recorded = [encode(value) for value in arguments]
    return dict(file=name, method=method, arguments=recorded, result=encode(result), gradients=gradients)


def train(folder, seed, options):
    """Fine-tunes the trunk of the file below a new head."""
    torch.manual_seed(seed)
    images, labels = torch.randn(ROWS, 1, 8, 8), torch.randint(0, 2, (ROWS,))
    head, trunk = nn.Linear(6, 2), torch.jit.load(folder / "trunk.pt")
    initial = {name: encode_tensor(tensor) for name, tensor in head.state_dict().items()}
    task = Task(
        name="task",
        module_pool=nn.ModuleDict({"trunk": trunk, "head": head}),
        op_sequence=[Operation("trunk", [("_input_", "images")]), Operation("head", ["trunk"])],
    )
    model = MultitaskClassifier([task], dataparallel=False, device=-1)
    loader = DictDataLoader(DictDataset("points", "train", {"images": images}, {"task": labels}), batch_size=BATCH)
    losses = []

    def calculate_loss(*batch):
        by_label, counts = MultitaskClassifier.calculate_loss(model, *batch)
        losses.append(by_label["task"].item())
        return by_label, counts

    model.calculate_loss = calculate_loss
    # As TrainerConfig.seed does here; Snorkel's does nothing.
    torch.manual_seed(seed)
    random.seed(seed)
    snake = {SNAKE.get(name, name): value for name, value in options.items()}
    Trainer(n_epochs=EPOCHS, progress_bar=False, **snake).fit(model, [loader])
    model.eval()
    with torch.no_grad():
        output = model.forward({"images": images[:4]}, ["task"])["head"]
    return dict(
        options=dict(options, nEpochs=EPOCHS, seed=seed),
        batch=BATCH,
        images=encode_tensor(images),
        labels=encode_tensor(labels),
        head=initial,
        losses=losses,
        output=encode_tensor(output),
        weights={name: encode_tensor(tensor) for name, tensor in model.state_dict().items()},
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(given.seed)
    folder = given.output.with_suffix("")
    write_files(folder)
    modules = {name: torch.jit.load(folder / f"{name}.pt") for name in FILES}
    files = {name: describe(module) for name, module in modules.items()}
    for module in modules.values():
        module.eval()
    golden = dict(
        files=files,
        calls=[call(modules, *asked) for asked in calls()],
        runs=[train(folder, given.seed + i, options) for i, options in enumerate(RUNS)],
    )
    given.output.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
