"""Writes test/goldens/attention.json: PyTorch's attention and transformers, with options drawn from a seed. Needs torch 2.13.0.

    python scripts/goldens/attention.py [--seed N] [--output FILE]

How a case is written and run is in nn_cases.py. PyTorch's fast path for inference, which rounds differently, is switched off.
"""

import random
from pathlib import Path

from nn_cases import main

import torch

OUTPUT = Path(__file__).parents[2] / "test" / "goldens" / "attention.json"
FEATURES, HEADS, BATCH, QUERIES, KEYS = 8, 2, 3, 4, 5
FLAGS = [False, False, True]
ACTIVATIONS = ["relu", "gelu", {"function": "silu"}]
# PyTorch's copies of a decoder layer lose an activation that is a module, and take relu.
MODULES = [{"module": ["GELU", [{"approximate": "tanh"}]]}, {"module": ["ELU", []]}]


class Draw:
    """Draws the options and inputs of cases."""

    def __init__(self, seed):
        self.choice = random.Random(seed).choice

    def options(self, values):
        drawn = {name: self.choice(choices) for name, choices in values.items()}
        return {name: value for name, value in drawn.items() if value is not None and value is not False}

    def rows(self, length, options, batched=True, features=FEATURES):
        if not batched:
            return {"randn": [length, features]}
        return {"randn": [BATCH, length, features] if options.get("batchFirst") else [length, BATCH, features]}

    def masks(self, targets, sources, batched, names):
        """An attention mask and a padding mask under two names, either of which may be missing."""
        heads = BATCH * HEADS if batched else HEADS
        shapes = [[targets, sources], [heads, targets, sources]]
        attention = self.choice([None, {"boolMask": self.choice(shapes)}, {"floatMask": self.choice(shapes)}])
        padding = self.choice([None, {"boolMask": [BATCH, sources] if batched else [sources]}])
        given = dict(zip(names, [attention, padding]))
        return {name: mask for name, mask in given.items() if mask is not None}

    def layer_options(self, activations=ACTIVATIONS + MODULES):
        return self.options({
            "dimFeedforward": [12], "dropout": [0.0, 0.1, 0.3], "activation": activations, "layerNormEps": [1e-5, 1e-3],
            "batchFirst": FLAGS, "normFirst": FLAGS,
        }) | self.choice([{}, {}, {"bias": False}])

    def attention(self):
        options = self.options({
            "dropout": [0.0, 0.2], "addBiasKv": FLAGS, "addZeroAttn": FLAGS, "batchFirst": FLAGS,
            "kdim": [None, None, 6], "vdim": [None, None, 3],
        }) | self.choice([{}, {}, {"bias": False}])
        batched = self.choice([True, True, False])
        call = self.masks(QUERIES, KEYS, batched, ["attnMask", "keyPaddingMask"])
        call |= self.choice([{}, {"needWeights": False}, {"averageAttnWeights": False}])
        inputs = [
            self.rows(QUERIES, options, batched),
            self.rows(KEYS, options, batched, options.get("kdim", FEATURES)),
            self.rows(KEYS, options, batched, options.get("vdim", FEATURES)),
        ]
        return module("MultiheadAttention", [FEATURES, HEADS, options], inputs, call)

    def encoder_layer(self):
        options, batched = self.layer_options(), self.choice([True, True, False])
        call = self.masks(QUERIES, QUERIES, batched, ["srcMask", "srcKeyPaddingMask"])
        return module("TransformerEncoderLayer", [FEATURES, HEADS, options], [self.rows(QUERIES, options, batched)], call)

    def decoder_layer(self):
        options, batched = self.layer_options(), self.choice([True, True, False])
        call = self.masks(QUERIES, QUERIES, batched, ["tgtMask", "tgtKeyPaddingMask"])
        call |= self.masks(QUERIES, KEYS, batched, ["memoryMask", "memoryKeyPaddingMask"])
        inputs = [self.rows(QUERIES, options, batched), self.rows(KEYS, options, batched)]
        return module("TransformerDecoderLayer", [FEATURES, HEADS, options], inputs, call)

    def encoder(self):
        options = self.layer_options()
        layer = {"module": ["TransformerEncoderLayer", [FEATURES, HEADS, options]]}
        norm = self.choice([{}, {"norm": {"module": ["LayerNorm", [FEATURES]]}}])
        call = self.choice([{}, {"mask": {"causal": QUERIES}}, {"mask": {"causal": QUERIES}, "isCausal": True}])
        return module("TransformerEncoder", [layer, 2, norm], [self.rows(QUERIES, options)], call)

    def decoder(self):
        options = self.layer_options(ACTIVATIONS)
        layer = {"module": ["TransformerDecoderLayer", [FEATURES, HEADS, options]]}
        norm = self.choice([{}, {"norm": {"module": ["LayerNorm", [FEATURES]]}}])
        causal = {"tgtMask": {"causal": QUERIES}}
        call = self.choice([{}, causal, causal | {"tgtIsCausal": True}])
        inputs = [self.rows(QUERIES, options), self.rows(KEYS, options)]
        return module("TransformerDecoder", [layer, 2, norm], inputs, call)

    def transformer(self):
        sizes = {"dModel": FEATURES, "nhead": HEADS, "numEncoderLayers": 2, "numDecoderLayers": 1}
        options = sizes | self.layer_options(ACTIVATIONS)
        call = {"tgtMask": {"causal": QUERIES}} | self.masks(KEYS, KEYS, True, ["srcMask", "srcKeyPaddingMask"])
        return module("Transformer", [options], [self.rows(KEYS, options), self.rows(QUERIES, options)], call)

    def dot_product(self):
        heads = [BATCH, HEADS]
        inputs = [{"randn": [*heads, QUERIES, 4]}, {"randn": [*heads, KEYS, 4]}, {"randn": [*heads, KEYS, 4]}]
        mask = {"attnMask": self.choice([{"boolMask": [QUERIES, KEYS]}, {"floatMask": [*heads, QUERIES, KEYS]}])}
        call = self.choice([{"isCausal": True}, mask, {}]) | self.options({"dropoutP": [0.0, 0.25], "scale": [None, 0.7]})
        return {"kind": "function", "name": "scaledDotProductAttention", "inputs": inputs, "call": call}


def module(name, arguments, inputs, call):
    kept = arguments[:-1] if arguments[-1] == {} else arguments
    case = {"kind": "module", "name": name, "arguments": kept, "inputs": inputs}
    return case | {"call": call} if call else case


def grouped():
    """Four heads of the query over two of key and value, and keys and values given projected."""
    query, shared = {"randn": [2, 4, QUERIES, 4]}, {"randn": [2, 2, KEYS, 4]}
    call = {"enableGqa": True}
    yield {"kind": "function", "name": "scaledDotProductAttention", "inputs": [query, shared, shared], "call": call}
    rows = {"randn": [QUERIES, BATCH, FEATURES]}
    call = {
        "inProjWeight": {"weights": [3 * FEATURES, FEATURES]}, "inProjBias": {"weights": [3 * FEATURES]}, "biasK": None,
        "biasV": None, "addZeroAttn": True, "dropoutP": 0.1, "outProjWeight": {"weights": [FEATURES, FEATURES]},
        "outProjBias": None, "staticK": {"weights": [BATCH * HEADS, KEYS, FEATURES // HEADS]},
        "staticV": {"weights": [BATCH * HEADS, KEYS, FEATURES // HEADS]},
    }
    inputs = [rows, rows, rows, {"value": FEATURES}, {"value": HEADS}]
    yield {"kind": "function", "name": "multiHeadAttentionForward", "inputs": inputs, "call": call}


def cases(seed):
    draw = Draw(seed)
    for make, count in [
        (draw.attention, 10), (draw.encoder_layer, 6), (draw.decoder_layer, 6), (draw.encoder, 4), (draw.decoder, 2),
        (draw.transformer, 2), (draw.dot_product, 5),
    ]:
        for _ in range(count):
            yield make()
    yield from grouped()


if __name__ == "__main__":
    torch.backends.mha.set_fastpath_enabled(False)
    main(OUTPUT, cases)
