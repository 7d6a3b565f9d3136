"""Writes test/goldens/event_file.json: the records that torch.utils.tensorboard.SummaryWriter writes.

The clock, the host name and the process id are fixed, so that the bytes are the same in every run.
Not named after what it uses: a script called tensorboard.py would hide the package from its neighbours.
"""

import json
import os
import socket
import struct
import tempfile
import time
from pathlib import Path

WALL_TIME = 1700000000.25
time.time = lambda: WALL_TIME
socket.gethostname = lambda: "host"
os.getpid = lambda: 42

from tensorboard.compat.proto.event_pb2 import Event  # noqa: E402
from torch.utils.tensorboard import SummaryWriter  # noqa: E402

SCALARS = [
    ("model/all/train/loss", 0.6931471805599453, 0),
    ("model/all/train/loss", 0.25, 32),
    ("model/all/train/lr", 0.01, 127),
    ("model/all/train/lr", 0.0, 128),
    ("task/données/valid/f1", -1.5e-7, 300),
    ("far", 1e300, 2**31 + 5),
    ("farther", 0.1, 2**40 + 3),
    ("fraction", 0.5, 2.75),
]
NOT_NUMBERS = [("nan", "NaN", 7), ("infinite", "Infinity", 8), ("negative", "-Infinity", 9)]
TEXTS = [("config", '{ "lr": 0.01 }'), ("note", "é ∑ 😀"), ("long", "x" * 300)]


def records(path):
    data, found, start = Path(path).read_bytes(), [], 0
    while start < len(data):
        (length,) = struct.unpack_from("<Q", data, start)
        end = start + 12 + length + 4
        found.append(data[start:end])
        start = end
    return found


with tempfile.TemporaryDirectory() as folder:
    writer = SummaryWriter(folder)
    for tag, value, step in SCALARS + NOT_NUMBERS:
        writer.add_scalar(tag, float(value), step)
    for tag, text in TEXTS:
        writer.add_text(tag, text)
    writer.close()
    (name,) = os.listdir(folder)
    written = records(os.path.join(folder, name))

opening = Event.FromString(written[0][12:-4])
golden = {
    "wallTime": WALL_TIME,
    "fileName": name,
    "fileVersion": opening.file_version,
    "scalars": [dict(tag=tag, value=value, step=step) for tag, value, step in SCALARS + NOT_NUMBERS],
    "texts": [dict(tag=tag, text=text) for tag, text in TEXTS],
    "records": [record.hex() for record in written],
}
path = Path(__file__).parents[2] / "test" / "goldens" / "event_file.json"
path.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
