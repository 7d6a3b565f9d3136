"""Writes test/goldens/autograd.json: gradients of small expressions.

x is [[0.5, -1, 2], [1.5, 0.25, -0.75]], w is [[1, -2], [0.5, 3], [-1, 0.75]]; the test computes the same expressions.
The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import json
from pathlib import Path

import torch


def leaves():
    x = torch.tensor([[0.5, -1, 2], [1.5, 0.25, -0.75]], requires_grad=True)
    w = torch.tensor([[1, -2], [0.5, 3], [-1, 0.75]], requires_grad=True)
    return x, w


x, w = leaves()
loss = torch.tanh(x @ w).pow(2).mean()
loss.backward(retain_graph=True)
once = [x.grad.tolist(), w.grad.tolist()]
loss.backward()
twice = [x.grad.tolist(), w.grad.tolist()]

x, w = leaves()
y = torch.tanh(x @ w)
y.backward(gradient=torch.tensor([[1.0, 2], [3, 4]]), inputs=[w])
weighted = w.grad.tolist()
assert x.grad is None

x, w = leaves()
(first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
(second,) = torch.autograd.grad(first.sum(), x)

x, w = leaves()
hidden = x @ w
hidden.retain_grad()
torch.relu(hidden).sum().backward()

golden = {
    "loss": loss.item(),
    "once": once,
    "twice": twice,
    "weighted": weighted,
    "first": first.tolist(),
    "second": second.tolist(),
    "retained": hidden.grad.tolist(),
}
path = Path(__file__).parents[2] / "test" / "goldens" / "autograd.json"
path.write_text(json.dumps(golden) + "\n")
