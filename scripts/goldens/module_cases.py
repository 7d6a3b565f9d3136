"""Which modules scripts/goldens/nn.py makes, with which options, on which inputs: some picked, some drawn from a seed.

A case is the class, its arguments as in TypeScript, and what its inputs are drawn from.
"""

import random

ROWS, ROWS3, IMAGE = {"randn": [4, 6]}, {"randn": [2, 4, 5]}, {"randn": [1, 4, 5, 6]}
VOLUME = {"randn": [1, 2, 4, 4, 4]}
IDS = {"randint": [7, [4, 2]]}
SPACE = {1: [5], 2: [5, 6], 3: [3, 4, 4]}
DIMENSIONS = (1, 2, 3)


def randn(*shape):
    return {"randn": list(shape)}


def pooled(dimensions, shape, kernel, **options):
    """The maxima and their positions, as two inputs."""
    return {"pooled": [dimensions, shape, kernel, options]}


def packed(lengths, features, sort=True):
    return {"packed": {"lengths": lengths, "features": features, "enforceSorted": sort}}


PICKED = [
    ["Identity", [], ROWS],
    ["Linear", [6, 3, {"bias": False}], ROWS],
    ["Bilinear", [6, 5, 3, {"bias": False}], ROWS, randn(4, 5)],
    ["Softmax2d", [], IMAGE],
    ["Dropout1d", [], ROWS],
    ["Dropout2d", [], ROWS3],
    ["BatchNorm1d", [4, {"momentum": None, "bias": False}], ROWS3],
    ["BatchNorm1d", [6, {"affine": False, "eps": 0.001}], ROWS],
    ["InstanceNorm1d", [4, {"affine": True, "bias": False, "trackRunningStats": True}], ROWS3],
    ["InstanceNorm2d", [4], randn(4, 5, 6)],
    ["LayerNorm", [[5, 6], {"bias": False}], IMAGE],
    ["LocalResponseNorm", [3], ROWS3],
    ["RMSNorm", [[5, 6]], IMAGE],
    ["Embedding", [7, 3, {"paddingIdx": -1}], IDS],
    ["Embedding", [7, 3, {"maxNorm": 1.5, "normType": 1.5, "scaleGradByFreq": True}], IDS],
    ["EmbeddingBag", [7, 3, {"mode": "sum", "paddingIdx": 2, "dtype": "float64"}], IDS],
    ["EmbeddingBag", [7, 3], {"randint": [7, [6]]}, {"tensor": [0, 2, 2]}],
    ["EmbeddingBag", [7, 3, {"mode": "sum"}], IDS, None, {"rand": [4, 2]}],
    ["EmbeddingBag", [7, 3, {"mode": "max", "includeLastOffset": True}], {"randint": [7, [6]]}, {"tensor": [0, 2, 6]}],
    ["Conv2d", [4, 2, [2, 3], {"padding": "same", "groups": 2, "bias": False, "dilation": 2}], IMAGE],
    ["ConvTranspose2d", [4, 2, [3, 2], {"stride": 2, "padding": 1}], randn(1, 4, 3, 4), {"value": [6, 7]}],
    ["MaxPool2d", [[2, 3], {"stride": 1, "padding": [0, 1], "ceilMode": True}], IMAGE],
    ["MaxUnpool1d", [2], pooled(1, [2, 4, 6], 2)],
    ["MaxUnpool2d", [2, {"stride": [2, 1]}], pooled(2, [1, 2, 4, 4], 2, stride=[2, 1])],
    ["MaxUnpool2d", [2], pooled(2, [1, 2, 5, 5], 2), {"value": [5, 5]}],
    ["MaxUnpool3d", [2], pooled(3, [1, 2, 4, 4, 4], 2)],
    ["AdaptiveAvgPool2d", [[2, None]], IMAGE],
    ["AdaptiveMaxPool2d", [[None, 3], {"returnIndices": True}], IMAGE],
    ["LPPool2d", [2, 3], IMAGE],
    ["LPPool1d", [float("inf"), 2], ROWS3],
    ["FractionalMaxPool2d", [2, {"outputRatio": [0.5, 0.7], "returnIndices": True}], IMAGE],
    ["Unflatten", [1, [2, 3]], ROWS],
    ["Fold", [[4, 5], 2], randn(2, 8, 12)],
    ["Fold", [4, [2, 3], {"padding": 1, "stride": 2, "dilation": [1, 2]}], randn(1, 12, 3)],
    ["Upsample", [{"scaleFactor": [1.5, 2.5], "mode": "bilinear"}], IMAGE],
    ["Upsample", [{"size": [4, 3], "mode": "bicubic", "alignCorners": True}], IMAGE],
    ["Upsample", [{"size": 7, "mode": "linear"}], ROWS3],
    ["Upsample", [{"scaleFactor": 1.5, "mode": "trilinear", "recomputeScaleFactor": True}], VOLUME],
    ["Upsample", [{"scaleFactor": 0.6, "mode": "area"}], IMAGE],
    ["Upsample", [{"size": [4, 7], "mode": "nearest-exact"}], IMAGE],
    ["UpsamplingBilinear2d", [{"scaleFactor": 2}], randn(1, 2, 3, 4)],
    ["LSTM", [3, 4, {"numLayers": 2, "dropout": 0.5}], randn(4, 2, 3)],
    ["LSTM", [3, 4, {"projSize": 2}], randn(4, 2, 3), [randn(1, 2, 2), randn(1, 2, 4)]],
    ["LSTM", [3, 4, {"bidirectional": True}], packed([2, 4, 1], 3, False)],
    ["GRU", [3, 4], randn(5, 3)],
    ["RNN", [3, 4], packed([4, 2], 3), randn(1, 2, 4)],
]


class Drawing:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *values):
        return self.random.choice(values)

    def options(self, **choices):
        """Each option with one chance in two."""
        return {name: self.random.choice(values) for name, values in choices.items() if self.random.random() < 0.5}

    def size(self, dimensions, *values):
        """One number for all dimensions, or one for each."""
        one = self.random.choice(values)
        return one if self.random.random() < 0.5 else [self.random.choice(values) for _ in range(dimensions)]

    def factory(self):
        return {"dtype": "float64"} if self.random.random() < 0.25 else {}


def activations(d):
    some = (0.1, 0.25, 0.6, 1.5)
    yield "LeakyReLU", [d.options(negativeSlope=some)], ROWS
    yield "RReLU", [d.options(lower=(0.1, 0.2), upper=(0.3, 0.6))], ROWS
    yield "PReLU", [{**d.options(init=some), "numParameters": d.pick(1, 6)}], ROWS
    yield "ELU", [d.options(alpha=some)], ROWS
    yield "CELU", [d.options(alpha=some)], ROWS
    yield "GELU", [d.options(approximate=("none", "tanh"))], ROWS
    yield "Hardtanh", [d.options(minVal=(-0.5, -1.5), maxVal=(0.4, 1.2))], ROWS
    yield "Softplus", [d.options(beta=some, threshold=(0.5, 10.5))], ROWS
    yield "Threshold", [d.pick(*some), d.pick(7, 0.5)], ROWS
    yield "Hardshrink", [d.options(lambd=some)], ROWS
    yield "Softshrink", [d.options(lambd=some)], ROWS
    yield "GLU", [d.options(dim=(0, 1, -1))], ROWS
    for name in ("Softmax", "LogSoftmax", "Softmin"):
        yield name, [{"dim": d.pick(0, 1, -1)}], ROWS
    plain = "ReLU ReLU6 SELU SiLU Mish Hardsigmoid Hardswish Sigmoid LogSigmoid Tanh Tanhshrink Softsign"
    for name in plain.split():
        yield name, [], d.pick(ROWS, ROWS3)
    shapes = {"Dropout1d": ROWS3, "Dropout2d": IMAGE, "Dropout3d": VOLUME}
    for name in ("Dropout", "AlphaDropout", "FeatureAlphaDropout", "Dropout1d", "Dropout2d", "Dropout3d"):
        yield name, [d.pick(0.1, 0.3, 0.7)], shapes.get(name, ROWS)


def layers(d):
    yield "Linear", [6, 3, {**d.options(bias=(True, False)), **d.factory()}], d.pick(ROWS, randn(2, 3, 6))
    yield "Bilinear", [6, 5, 2, {**d.options(bias=(True, False)), **d.factory()}], ROWS, randn(4, 5)
    table = dict(paddingIdx=(0, 3, -2), maxNorm=(0.8, 1.5), normType=(1.5, 2.5), scaleGradByFreq=(True, False))
    yield "Embedding", [7, 3, {**d.options(**table), **d.factory()}], IDS
    yield "EmbeddingBag", [7, 3, {**d.options(**table, mode=("sum", "mean")), **d.factory()}], IDS
    yield "Flatten", [d.options(startDim=(0, 1, 2), endDim=(-1, 2, 3))], IMAGE
    yield "CosineSimilarity", [d.options(dim=(0, 1, -1), eps=(1e-6, 0.1))], ROWS, ROWS
    yield "PairwiseDistance", [d.options(p=(1.5, 2.5), eps=(1e-3,), keepdim=(True,))], ROWS, ROWS
    yield "PixelShuffle", [2], randn(2, 8, 2, 3)
    yield "PixelUnshuffle", [d.pick(2, 3)], randn(1, 2, 6, 6)
    yield "ChannelShuffle", [d.pick(2, 3)], randn(2, 6, 3, 2)
    window = dict(dilation=(1, 2), padding=(0, 1, [1, 2]), stride=(1, 2))
    yield "Unfold", [d.pick(2, [3, 2]), d.options(**window)], IMAGE
    yield "UpsamplingNearest2d", [d.pick({"size": [3, 7]}, {"scaleFactor": 1.7})], IMAGE
    yield "Upsample", [d.pick({"size": 7}, {"scaleFactor": 0.7}, {"scaleFactor": 2.3})], d.pick(ROWS3, IMAGE, VOLUME)


def norms(d):
    running = dict(
        eps=(1e-3, 0.1), momentum=(0.3, None), affine=(True, False), bias=(True, False), trackRunningStats=(True, False)
    )
    for n in DIMENSIONS:
        shape = [2, 4, *SPACE[n]]
        yield f"BatchNorm{n}d", [4, {**d.options(**running), **d.factory()}], randn(*shape)
        yield f"InstanceNorm{n}d", [4, {**d.options(**running), **d.factory()}], randn(*shape[d.pick(0, 1):])
    shape = dict(eps=(1e-3, 0.1), elementwiseAffine=(True, False))
    yield "LayerNorm", [d.pick(6, [5, 6]), {**d.options(**shape, bias=(True, False)), **d.factory()}], IMAGE
    yield "RMSNorm", [d.pick(6, [5, 6]), {**d.options(**shape), **d.factory()}], IMAGE
    group = dict(eps=(1e-3, 0.1), affine=(True, False), bias=(True, False))
    yield "GroupNorm", [d.pick(1, 2, 4), 4, {**d.options(**group), **d.factory()}], d.pick(ROWS3, IMAGE)
    yield "LocalResponseNorm", [d.pick(2, 3), d.options(alpha=(0.1,), beta=(0.5,), k=(0.7,))], d.pick(ROWS3, IMAGE, VOLUME)


def convolutions(d):
    for n in DIMENSIONS:
        common = dict(bias=(True, False), groups=(1, 2))
        kernel = d.size(n, 1, 2, 3) if n < 3 else 2
        options = d.options(**common, dilation=(1, d.size(n, 1, 2)), paddingMode=("zeros", "reflect", "replicate", "circular"))
        options.update(d.pick({"padding": "same"}, {"padding": d.size(n, 0, 1), "stride": d.size(n, 1, 2)}))
        yield f"Conv{n}d", [2, 4, kernel, {**options, **d.factory()}], randn(*[1, 2, *SPACE[n]][d.pick(0, 1):])
        options = d.options(**common, dilation=(1, 2), padding=(d.size(n, 0, 1),))
        options.update(d.pick({}, {"stride": 2, "outputPadding": d.size(n, 0, 1)}))
        yield f"ConvTranspose{n}d", [2, 4, kernel, {**options, **d.factory()}], randn(1, 2, *([3] * n))


def pooling(d):
    for n in DIMENSIONS:
        shape = [1, 2, *SPACE[n]]
        inputs = randn(*shape[d.pick(0, 1):])
        window = dict(stride=(1, d.size(n, 1, 2)), padding=(0, d.size(n, 0, 1)), ceilMode=(True, False))
        maximum = d.options(**window, dilation=(1, d.size(n, 1, 2)), returnIndices=(True, False))
        yield f"MaxPool{n}d", [d.size(n, 2, 3) if n < 3 else 2, maximum], inputs
        average = d.options(**window, countIncludePad=(True, False), **({"divisorOverride": (3,)} if n > 1 else {}))
        yield f"AvgPool{n}d", [d.size(n, 2, 3), average], inputs
        yield f"AdaptiveAvgPool{n}d", [d.size(n, 1, 2, 3)], inputs
        yield f"AdaptiveMaxPool{n}d", [d.size(n, 1, 2, 3), d.options(returnIndices=(True, False))], inputs
        norm = [d.pick(1.5, 2, 3), 2 if n == 1 else d.size(n, 2, 3), d.options(stride=(1, 2), ceilMode=(True,))]
        yield f"LPPool{n}d", norm, {"rand": inputs["randn"]}
        if n > 1:
            size = d.pick({"outputSize": 2}, {"outputRatio": 0.6}, {"outputSize": [2] * (n - 1) + [3]})
            yield f"FractionalMaxPool{n}d", [2, {**size, **d.options(returnIndices=(True,))}], randn(1, 2, *[5] * n)
        padding = d.pick(1, [d.pick(0, 1, 2) for _ in range(2 * n)])
        for kind in ("Zero", "Reflection", "Replication", "Circular"):
            yield f"{kind}Pad{n}d", [padding], inputs
        yield f"ConstantPad{n}d", [d.pick(padding, [-1, 2] + [0] * (2 * n - 2)), d.pick(3, -1.5)], inputs


def recurrent(d):
    for name in ("RNN", "LSTM", "GRU"):
        for _ in range(2):
            choices = dict(numLayers=(2, 3), bias=(False,), dropout=(0.5,), bidirectional=(True,), batchFirst=(True,))
            own = {"RNN": {"nonlinearity": ("relu",)}, "LSTM": {"projSize": (2,)}, "GRU": {}}[name]
            options = {**d.options(**choices, **own), **d.factory()}
            if options.get("numLayers") is None:
                options.pop("dropout", None)
            count = options.get("numLayers", 1) * (2 if options.get("bidirectional") else 1)
            lengths = d.pick([3, 1, 2], [4, 4], [1, 4])
            shape = [4, 2, 3] if not options.get("batchFirst") else [2, 4, 3]
            inputs, batch = d.pick((randn(*shape), [2]), (randn(4, 3), []), (packed(lengths, 3, False), [len(lengths)]))
            state = randn(count, *batch, options.get("projSize", 4))
            states = [state, randn(count, *batch, 4)] if name == "LSTM" else state
            yield name, [3, 4, options], inputs, *d.pick([], [states])
        options = {**d.options(bias=(False,), **({"nonlinearity": ("relu",)} if name == "RNN" else {})), **d.factory()}
        batch = d.pick([], [2])
        state = [randn(*batch, 4), randn(*batch, 4)] if name == "LSTM" else randn(*batch, 4)
        yield f"{name}Cell", [3, 4, options], randn(*batch, 3), *d.pick([], [state])


def with_dtype(spec, dtype):
    """The same inputs, but floating ones of the dtype of the module."""
    if dtype is None:
        return spec
    if isinstance(spec, list):
        return [with_dtype(one, dtype) for one in spec]
    return {**spec, "dtype": dtype} if spec and ("randn" in spec or "packed" in spec) else spec


def drawn(seed):
    for family in (activations, layers, norms, convolutions, pooling, recurrent):
        for name, arguments, *specs in family(Drawing(f"{seed}/{family.__name__}")):
            options = arguments[-1] if arguments and isinstance(arguments[-1], dict) else {}
            if arguments and arguments[-1] == {}:
                arguments = arguments[:-1]
            yield [name, arguments, *(with_dtype(spec, options.get("dtype")) for spec in specs)]


def draw_cases(seed, rounds):
    """Different cases, none of them picked."""
    found = []
    for case in (case for turn in range(rounds) for case in drawn(f"{seed}.{turn}")):
        if case not in found and case not in PICKED:
            found.append(case)
    return found
