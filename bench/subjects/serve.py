"""Answers every line of the standard input with a round, as a line of JSON."""

import json
import sys
import time

import torch


def serve(fit, loss_of_model, restart, steps, device):
    """fit: trains; loss_of_model: a number; restart: puts the initial weights back."""
    for _ in sys.stdin:
        restart()
        initial_loss = loss_of_model()
        start = time.perf_counter()
        fit()
        if device == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        losses = {"initialLoss": initial_loss, "finalLoss": loss_of_model()}
        print(json.dumps({"seconds": seconds, "steps": steps, **losses}), flush=True)
