"""The runs of scripts/goldens/optim.py: options and groups of parameters, drawn from a seed."""

import random

KINDS = ("SGD", "Adam", "AdamW", "Adamax", "RMSprop", "Adagrad", "NAdam", "RAdam")
RUNS = 5  # of each kind, the first with the defaults
PLACES = 5  # how many parameters there are


class Draw(random.Random):
    """Draws options of optimizers."""

    def rate(self):
        return 10 ** self.uniform(-3, -1)

    def flag(self):
        return self.random() < 0.5

    def or_zero(self, low, high):
        return self.choice([0, self.uniform(low, high)])

    def betas(self):
        return [self.uniform(0.7, 0.95), self.uniform(0.9, 0.999)]

    def eps(self):
        return 10 ** self.uniform(-10, -5)


def sgd(draw):
    momentum = draw.or_zero(0.5, 0.95)
    nesterov = momentum > 0 and draw.flag()
    dampening = 0 if nesterov else draw.or_zero(0.1, 0.5)
    return {"momentum": momentum, "dampening": dampening, "nesterov": nesterov}


def adam(draw):
    return {"betas": draw.betas(), "eps": draw.eps(), "amsgrad": draw.flag()}


def adamax(draw):
    return {"betas": draw.betas(), "eps": draw.eps()}


def rmsprop(draw):
    momentum = draw.or_zero(0.5, 0.95)
    return {"alpha": draw.uniform(0.8, 0.99), "eps": draw.eps(), "momentum": momentum, "centered": draw.flag()}


def adagrad(draw):
    return {"lr_decay": draw.or_zero(0.01, 0.1), "eps": draw.eps()}


def nadam(draw):
    decay = draw.uniform(0.001, 0.01)
    return {**adamax(draw), "momentum_decay": decay, "decoupled_weight_decay": draw.flag()}


def radam(draw):
    return {**adamax(draw), "decoupled_weight_decay": draw.flag()}


OWN = {"SGD": sgd, "Adam": adam, "AdamW": adam, "Adamax": adamax}
OWN |= {"RMSprop": rmsprop, "Adagrad": adagrad, "NAdam": nadam, "RAdam": radam}


def options_of(kind, draw):
    common = {"lr": draw.rate(), "weight_decay": draw.or_zero(0.01, 0.2), "maximize": draw.random() < 0.3}
    return common | OWN[kind](draw)


def groups_of(kind, draw):
    """The places of all parameters in one group, or in three with options of their own."""
    places = list(range(PLACES))
    if draw.flag():
        return [{"params": places}]
    draw.shuffle(places)
    shares = [places[:1], places[1:3], places[3:]]
    return [{"params": share, **(options_of(kind, draw) if i > 0 else {})} for i, share in enumerate(shares)]


def runs(seed):
    draw = Draw(seed)
    for kind in KINDS:
        yield {"kind": kind, "options": {}, "groups": [{"params": list(range(PLACES))}], "frozen": None}
        for _ in range(RUNS - 1):
            options = options_of(kind, draw)
            if kind == "Adagrad":
                # Python takes that of the constructor for all groups.
                options["initial_accumulator_value"] = draw.or_zero(0.1, 1)
            groups = groups_of(kind, draw)
            yield {"kind": kind, "options": options, "groups": groups, "frozen": draw.choice([None, 1, 2])}
