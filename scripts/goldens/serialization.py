"""Writes test/goldens/serialization.json: a safetensors file by the official implementation, and what is in it."""

import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
# Names sort by their UTF-8 bytes, not by UTF-16; JavaScript treats some as special.
NAMES = ["10", "9", "module_pool.a.0.weight", "z", "é", "\uffff", "😀", 'quote " \\ \n', "", "__proto__"]
METADATA = {"note": 'é "quoted"\n'}


def values(dtype, count):
    return [(i % 2 if dtype == "bool" else i + (0.5 if "float" in dtype else 0)) for i in range(count)]


TENSORS = [(name, "float32", [1]) for name in NAMES]
for dtype in DTYPES:
    TENSORS += [(f"{dtype}.{len(shape)}", dtype, shape) for shape in ([], [3], [0, 4], [2, 1, 3])]

tensors = {
    name: torch.tensor(values(dtype, torch.Size(shape).numel()), dtype=getattr(torch, dtype)).view(shape)
    for name, dtype, shape in TENSORS
}
golden = dict(
    metadata=METADATA,
    file=base64.b64encode(save(tensors, METADATA)).decode(),
    empty=base64.b64encode(save({})).decode(),
    tensors=[
        dict(name=name, dtype=dtype, shape=shape, values=tensors[name].flatten().to(torch.float64).tolist())
        for name, dtype, shape in TENSORS
    ],
)
path = Path(__file__).parents[2] / "test" / "goldens" / "serialization.json"
path.write_text(json.dumps(golden, indent=None) + "\n")
