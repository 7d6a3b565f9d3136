import torch
from edge import edge
from snorkel.classification import DictDataLoader, DictDataset
from snorkel.classification.data import collate_dicts
from snorkel.classification.utils import collect_flow_outputs_by_suffix, list_to_tensor, pad_batch


def dataset(x=None, y=None):
    x = torch.arange(4.0) if x is None else x
    return DictDataset("points", "train", {"x": x}, {"task": torch.tensor([0, 1, 1, 0]) if y is None else y})


def batches(loader):
    return [[x["x"], y["task"]] for x, y in loader]


@edge("a dataset as text")
def _():
    return repr(dataset())


@edge("a dataset of default names as text")
def _():
    return repr(DictDataset.from_tensors(torch.zeros(2), torch.zeros(2), "train"))


@edge("a label that is a list")
def _():
    return dataset(y=[0, 1, 1, 0])


@edge("an example of a dataset")
def _():
    x, y = dataset()[1]
    return [x["x"].item(), y["task"].item()]


@edge("fields and labels of different lengths")
def _():
    return len(dataset(x=torch.zeros(9)))


@edge("a dataset without labels")
def _():
    return len(DictDataset("points", "train", {"x": torch.zeros(3)}, {}))


@edge("batches of one by default")
def _():
    return [len(DictDataLoader(dataset())), batches(DictDataLoader(dataset()))[0]]


@edge("a last batch that is smaller, and dropped")
def _():
    return [batches(DictDataLoader(dataset(), batch_size=3, drop_last=drop)) for drop in (False, True)]


@edge("a loader of something else than a DictDataset")
def _():
    return DictDataLoader([1, 2, 3])


@edge("labels that change after the loader was made")
def _():
    data = dataset()
    loader = DictDataLoader(data, batch_size=4)
    data.Y_dict["task"] = torch.tensor([5, 6, 7, 8])
    return batches(loader)


@edge("a field of strings")
def _():
    return batches(DictDataLoader(dataset(x=["a", "b", "c", "d"]), batch_size=2))


@edge("rows of different lengths")
def _():
    rows = [torch.ones(1), torch.ones(3), torch.ones(2), torch.ones(2)]
    return [x["x"] for x, _ in DictDataLoader(dataset(x=rows), batch_size=2)]


@edge("labels of one element a row")
def _():
    return batches(DictDataLoader(dataset(y=torch.tensor([[0], [1], [1], [0]])), batch_size=4))[0][1]


@edge("tensors of mixed shapes")
def _():
    return list_to_tensor([torch.ones(2, 2), torch.ones(3)])


@edge("tensors of two dimensions of one shape")
def _():
    return list_to_tensor([torch.ones(1, 2), torch.zeros(1, 2)])


@edge("a collate of tensors and strings")
def _():
    x, y = collate_dicts([({"a": torch.tensor(1.0), "b": "p"}, {"t": torch.tensor(0)})] * 2)
    return [x["a"], x["b"], y["t"]]


@edge("a padded batch")
def _():
    return pad_batch([torch.tensor([1, 2]), torch.tensor([3])])


@edge("a padded batch that is cut")
def _():
    return pad_batch([torch.tensor([1, 2, 3]), torch.tensor([4])], max_len=2)


@edge("a padded batch that is cut on the left")
def _():
    return pad_batch([torch.tensor([1, 2, 3]), torch.tensor([4])], max_len=2, left_padded=True)


@edge("a padded batch with real zeros")
def _():
    return pad_batch([torch.tensor([0, 2]), torch.tensor([3])])[1]


@edge("a padded batch with an empty row on the left")
def _():
    return pad_batch([torch.tensor([1, 2]), torch.tensor([], dtype=torch.int64)], left_padded=True)[0]


@edge("outputs by their suffix")
def _():
    outputs = {"b_head": torch.tensor(2), "a_head": torch.tensor(1), "c_pred": torch.tensor(3)}
    return [output.item() for output in collect_flow_outputs_by_suffix(outputs, "_head")]
