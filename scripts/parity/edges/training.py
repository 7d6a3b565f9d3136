import json
import math
from pathlib import Path

import torch
from edge import edge
from model import make_loader, make_model, make_task
from snorkel.analysis import Scorer
from snorkel.classification import Trainer


def fit(loaders=None, model=None, **options):
    trainer = Trainer(**{"progress_bar": False, "n_epochs": 1, **options})
    trainer.fit(model or make_model(), loaders or [make_loader()])
    return trainer


def log_of(name, loaders=None, model=None, **options):
    fit(loaders, model, logging=True, log_writer="json", log_writer_config={"log_dir": "logs", "run_name": name}, **options)
    return json.loads(Path(f"logs/{name}/log.json").read_text())


def rates(name, **options):
    """The learning rate after each of three batches, over that at the start."""
    every_batch = {"counter_unit": "batches", "evaluation_freq": 1}
    log = log_of(name, lr=0.5, log_manager_config=every_batch, **options)
    return [rate / 0.5 for _, rate in log["model/all/train/lr"]]


@edge("no loader of the training split")
def _():
    fit([make_loader(split="valid")])


@edge("a split that is none of the three")
def _():
    fit([make_loader(), make_loader(split="valid")], valid_split="val")


@edge("a training loader without batches")
def _():
    fit([make_loader(rows=3, drop_last=True)])
    return "trained"


@edge("no epoch")
def _():
    return fit(n_epochs=0).metrics


@edge("an unknown optimizer")
def _():
    fit(optimizer="foo")


@edge("an unknown schedule")
def _():
    fit(lr_scheduler="foo")


@edge("an unknown batch scheduler")
def _():
    fit(batch_scheduler="foo")


@edge("an unknown log writer")
def _():
    fit(logging=True, log_writer="foo")


@edge("an unknown setting")
def _():
    fit(n_epoch=1)


@edge("an unknown setting inside another")
def _():
    fit(optimizer_config={"sgd_config": {"momentun": 0.9}})


@edge("a negative warm-up")
def _():
    fit(lr_scheduler_config={"warmup_steps": -1})


@edge("a warm-up of an unknown unit")
def _():
    fit(lr_scheduler_config={"warmup_steps": 1, "warmup_unit": "points"})


@edge("an unknown unit without a warm-up")
def _():
    fit(lr_scheduler_config={"warmup_unit": "points"})
    return "trained"


@edge("a warm-up of one batch")
def _():
    return rates("batch", lr_scheduler_config={"warmup_steps": 1})


@edge("a warm-up of one epoch")
def _():
    return rates("epoch", lr_scheduler_config={"warmup_steps": 1, "warmup_unit": "epochs"}, n_epochs=2)


@edge("a warm-up of a third of all batches")
def _():
    return rates("third", lr_scheduler_config={"warmup_percentage": 1 / 3 + 1e-9}, lr_scheduler="exponential")


@edge("a warm-up of half a batch")
def _():
    return rates("half", lr_scheduler_config={"warmup_steps": 0.5})


@edge("a linear schedule")
def _():
    return rates("linear", lr_scheduler="linear")


@edge("a step schedule")
def _():
    return rates("step", lr_scheduler="step", lr_scheduler_config={"step_config": {"step_size": 2, "gamma": 0.5}})


@edge("a lowest rate of a falling schedule")
def _():
    return rates("lowest", lr_scheduler="exponential", lr_scheduler_config={"min_lr": 0.42})


@edge("a lowest rate above a constant one")
def _():
    return rates("constant", lr_scheduler_config={"min_lr": 1.0})


@edge("labels of no task")
def _():
    model = make_model()
    before = model.module_pool["task_head"].weight.clone()
    fit([make_loader({"tasc": torch.ones(10, dtype=torch.int64)})], model)
    return bool((model.module_pool["task_head"].weight == before).all())


@edge("labels of no task beside those of one")
def _():
    ones = torch.ones(10, dtype=torch.int64)
    return sorted(log_of("beside", [make_loader({"task": ones, "tasc": ones})]))


@edge("batches all of whose labels are -1")
def _():
    labels = torch.ones(10, dtype=torch.int64)
    labels[:4] = -1
    log = log_of(
        "empty",
        [make_loader({"task": labels})],
        batch_scheduler="sequential",
        log_manager_config={"counter_unit": "batches", "evaluation_freq": 1},
    )
    return [step for step, _ in log["model/all/train/lr"]]


@edge("a loss that is NaN")
def _():
    model = make_model()
    loader = make_loader()
    loader.dataset.X_dict["x"][0] = math.nan
    fit([loader], model)
    return bool(model.module_pool["task_head"].weight.isnan().any())


@edge("a validation split whose name holds that of the training")
def _():
    loaders = [make_loader(split="train"), make_loader(split="train_dev")]
    return sorted(name for name in log_of("substring", loaders, valid_split="train_dev") if name.endswith("accuracy"))


@edge("the test split is not scored")
def _():
    loaders = [make_loader(), make_loader(split="valid"), make_loader(split="test")]
    return sorted(name for name in log_of("test", loaders) if name.endswith("accuracy"))


@edge("a validation set whose labels are all -1")
def _():
    loaders = [make_loader(), make_loader({"task": torch.full((10,), -1)}, split="valid")]
    return log_of("unlabelled", loaders)["task/points/valid/accuracy"]


@edge("a metric of two classes for three in validation")
def _():
    loaders = [make_loader(), make_loader({"task": torch.tensor([0, 1, 2] * 3)}, rows=9, split="valid")]
    fit(loaders, make_model(make_task(scorer=Scorer(["f1"]))))


@edge("a module that is frozen in evaluation mode")
def _():
    model = make_model()
    modes = []

    class Watching(Trainer):
        def _update_lr_scheduler(self, step):
            modes.append(model.module_pool["task_head"].training)
            if step == 0:
                model.module_pool["task_head"].eval()
            super()._update_lr_scheduler(step)

    Watching(progress_bar=False).fit(model, [make_loader()])
    return modes


@edge("the seed of the trainer")
def _():
    weights = []
    for _ in range(2):
        model = make_model()
        fit([make_loader(shuffle=True, batch_size=3)], model, seed=7)
        weights.append(model.module_pool["task_head"].weight.tolist())
    return weights[0] == weights[1]


@edge("the settings that were given stay as they were")
def _():
    config = {"sgd_config": {"momentum": 0.5}}
    fit(optimizer="sgd", optimizer_config=config)
    return config == {"sgd_config": {"momentum": 0.5}}


@edge("the metrics of a second fit")
def _():
    trainer = Trainer(progress_bar=False)
    trainer.fit(make_model(), [make_loader(), make_loader(split="valid")])
    trainer.fit(make_model(), [make_loader()])
    return sorted(name for name in trainer.metrics if name.endswith("accuracy"))


@edge("the modes of modules after a fit")
def _():
    model = make_model()
    model.eval()
    fit(model=model)
    return model.module_pool["task_head"].training


@edge("the folder of an unknown checkpoint folder")
def _():
    fit(checkpointing=True, checkpointer_config={"checkpoint_dir": None})
