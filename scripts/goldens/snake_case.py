"""Options as they are named here, turned into Snorkel's: `{"nEpochs": 2}` is `{"n_epochs": 2}`."""

import re


def snake_case(options):
    if not isinstance(options, dict):
        return options
    return {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name): snake_case(value) for name, value in options.items()}
