import { torch } from "snorkel-torch";
import type { Layer } from "../workload.ts";

const { nn } = torch;

/** The mean over the steps of an LSTM. */
class LSTMMean extends nn.Module {
  readonly lstm: torch.nn.LSTM;

  constructor(inputs: number, hidden: number) {
    super();
    this.lstm = new nn.LSTM(inputs, hidden, { batchFirst: true });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return this.lstm.forward(x)[0].mean(1);
  }
}

export function makeTrunk(layers: readonly Layer[]): torch.nn.Module {
  return new nn.Sequential(...layers.map(makeLayer));
}

function makeLayer(layer: Layer): torch.nn.Module {
  switch (layer[0]) {
    case "linear":
      return new nn.Linear(layer[1], layer[2]);
    case "relu":
      return new nn.ReLU();
    case "conv2d":
      return new nn.Conv2d(layer[1], layer[2], layer[3], { padding: layer[4] });
    case "max_pool2d":
      return new nn.MaxPool2d(layer[1]);
    case "flatten":
      return new nn.Flatten();
    case "embedding":
      return new nn.Embedding(layer[1], layer[2]);
    case "embedding_bag":
      return new nn.EmbeddingBag(layer[1], layer[2], { mode: "mean", paddingIdx: 0 });
    case "lstm_mean":
      return new LSTMMean(layer[1], layer[2]);
  }
}
