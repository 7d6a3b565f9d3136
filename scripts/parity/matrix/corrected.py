"""Snorkel's trainer: as it is, but watched; and with what decided.ts lists put right."""

import math
import random
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from snorkel.analysis import Scorer
from snorkel.analysis.metrics import METRICS, metric_score
from snorkel.classification import Trainer
from snorkel.classification.training import trainer as trainer_module
from snorkel.classification.training.loggers import Checkpointer, LogWriter, TensorBoardWriter


class WatchedTrainer(Trainer):
    """Snorkel's trainer, which also notes the batches that it meets."""

    def fit(self, model, dataloaders):
        self.fit_number = getattr(self, "fit_number", -1) + 1
        self.batches = getattr(self, "batches", [])
        calculate_loss = type(model).calculate_loss

        def noting(x_dict, y_dict):
            losses, counts = calculate_loss(model, x_dict, y_dict)
            self.batches[-1]["rate"] = self.optimizer.param_groups[0]["lr"]
            self.batches[-1]["losses"] = {label: loss.item() for label, loss in losses.items()}
            self.batches[-1]["counts"] = counts
            return losses, counts

        model.calculate_loss = noting
        try:
            super().fit(model, dataloaders)
        finally:
            del model.calculate_loss

    def _set_batch_scheduler(self):
        super()._set_batch_scheduler()
        get_batches = self.batch_scheduler.get_batches

        def noting(dataloaders):
            for batch, loader in get_batches(dataloaders):
                size = len(next(iter(batch[1].values())))
                self.batches.append(
                    {
                        "fit": self.fit_number,
                        "dataset": loader.dataset.name,
                        "split": loader.dataset.split,
                        "size": size,
                        "rate": math.nan,
                        "losses": {},
                        "counts": {},
                    }
                )
                yield batch, loader

        self.batch_scheduler.get_batches = noting


class CorrectedTrainer(WatchedTrainer):
    def fit(self, model, dataloaders):
        if self.config.seed is not None:
            torch.manual_seed(self.config.seed)
            random.seed(self.config.seed)
        self.batch_number = 0
        try:
            super().fit(model, dataloaders)
        except Exception:
            if getattr(self, "log_writer", None) is not None:
                self.log_writer.cleanup()
            raise

    def _set_log_writer(self):
        super()._set_log_writer()
        if self.log_writer is not None:
            self.log_writer.write_text("{}", "config.json")

    def _warmup_length(self):
        config, n_batches = self.config.lr_scheduler_config, self.n_batches_per_epoch
        if config.warmup_steps:
            return int(config.warmup_steps * (n_batches if config.warmup_unit == "epochs" else 1))
        return int(config.warmup_percentage * self.config.n_epochs * n_batches)

    def _set_warmup_scheduler(self):
        if self._warmup_length() == 0:
            self.warmup_scheduler, self.warmup_steps = None, 0
        else:
            super()._set_warmup_scheduler()

    def _set_lr_scheduler(self):
        given = self.config
        if given.lr_scheduler == "linear" and self._warmup_length() == given.n_epochs * self.n_batches_per_epoch:
            self.config = given._replace(lr_scheduler="constant")
        super()._set_lr_scheduler()
        self.config = given
        self.optimizer.param_groups[0]["lr"] = 0.0 if self.warmup_steps > 0 else self._floored(given.lr)

    def _update_lr_scheduler(self, step):
        super()._update_lr_scheduler(step)
        if step + 1 >= self.warmup_steps:
            [group] = self.optimizer.param_groups
            group["lr"] = self._floored(group["lr"])

    def _floored(self, rate):
        return max(rate, self.config.lr_scheduler_config.min_lr)

    def _set_batch_scheduler(self):
        super()._set_batch_scheduler()
        get_batches = self.batch_scheduler.get_batches

        def counting_all(dataloaders):
            for batch, loader in get_batches(dataloaders):
                before = self.log_manager.batch_total
                yield batch, loader
                if self.log_manager.batch_total == before:
                    self._update_lr_scheduler(self.batch_number)
                    self.metrics.update(self._logging(self.model, self.loaders, self.batches[-1]["size"]))
                self.batch_number += 1

        self.batch_scheduler.get_batches = counting_all

    def _check_dataloaders(self, dataloaders):
        self.loaders = dataloaders
        super()._check_dataloaders(dataloaders)

    def _set_optimizer(self, model):
        self.model = model
        super()._set_optimizer(model)

    def _evaluate(self, model, dataloaders, split):
        return model.score([loader for loader in dataloaders if loader.dataset.split == split])

    def _reset_losses(self):
        super()._reset_losses()
        self.first_batch = len(self.batches)

    def _aggregate_losses(self):
        sums = {}
        for batch in self.batches[self.first_batch :]:
            for label, loss in batch["losses"].items():
                name = f"{label}/{batch['dataset']}/{batch['split']}/loss"
                total, count = sums.get(name, (0.0, 0))
                sums[name] = (total + loss * batch["counts"][label], count + batch["counts"][label])
        averages = {name: total / count for name, (total, count) in sums.items()}
        return {**super()._aggregate_losses(), **averages}


class CorrectedCheckpointer(Checkpointer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.written = []

    def checkpoint(self, iteration, model, metric_dict):
        path = Path(self.checkpoint_dir) / f"checkpoint_{iteration}.pth"
        if iteration >= self.checkpoint_runway:
            self.written = [other for other in self.written if other != path] + [path]
        super().checkpoint(iteration, model, metric_dict)

    def _is_new_best(self, metric_dict):
        return super()._is_new_best({name: value for name, value in metric_dict.items() if not math.isnan(value)})

    def clear(self):
        if not self.checkpoint_clear:
            return
        [metric] = self.checkpoint_metric
        kept = [] if metric in self.best_metric_dict else self.written[-1:]
        for path in self.written:
            if path not in kept:
                path.unlink()


class CorrectedTensorBoardWriter(TensorBoardWriter):
    def add_scalar(self, name, value, step):
        super().add_scalar(name, value, step)
        LogWriter.add_scalar(self, name, value, step)

    def cleanup(self):
        LogWriter.cleanup(self)
        super().cleanup()


def corrected_score(score):
    def run(self, golds, preds=None, probs=None):
        own = dict(self.metrics)
        for name in own:
            if name not in METRICS:
                continue
            if name == "fbeta":
                filter_dict = {"golds": [self.abstain_label], "preds": [self.abstain_label]}
                self.metrics[name] = partial(metric_score, metric=name, filter_dict=filter_dict, beta=1)
            if name != "coverage" and ((golds == self.abstain_label) | (preds == self.abstain_label)).all():
                self.metrics[name] = lambda golds, preds, probs: math.nan
        try:
            return score(self, golds, preds, probs)
        finally:
            self.metrics = own

    return run


@contextmanager
def corrected():
    """Snorkel with all corrections, and the trainer to take."""
    score, checkpointer, writer = Scorer.score, trainer_module.Checkpointer, trainer_module.TensorBoardWriter
    Scorer.score = corrected_score(score)
    trainer_module.Checkpointer = CorrectedCheckpointer
    trainer_module.TensorBoardWriter = CorrectedTensorBoardWriter
    try:
        yield CorrectedTrainer
    finally:
        Scorer.score, trainer_module.Checkpointer, trainer_module.TensorBoardWriter = score, checkpointer, writer
