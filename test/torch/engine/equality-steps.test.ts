// Steps that are more than a module.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  autocast,
  autograd,
  jit,
  manualSeed,
  nn,
  noGrad,
  ones,
  randint,
  randn,
  setNumThreads,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { goldenPath, readRecords } from "../jit/archives.ts";
import { changed } from "../jit/script-files.ts";
import { differenceOfReplay, type Subject, subject, subjectOf } from "./replay.ts";

setNumThreads(1);

const learned = (...shape: number[]) => new nn.Parameter(randn(shape));
const images = () => [randn([3, 1, 8, 8])];
const F = nn.functional;

function equal(name: string, make: () => Subject | Promise<Subject>): void {
  test(name, async () => {
    manualSeed(1);
    assert.equal(differenceOfReplay(await make()), "nothing");
  });
}

describe("a program gives the bits of a step that", () => {
  equal("changes the batch in place", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([2, 3])],
      (x) => [x.mul_(2).add_(1), x.mul(w).sum()],
    );
  });
  equal("changes a parameter through a view", () => {
    const w = learned(2, 3);
    return subject(
      [w],
      () => [randn([2, 3])],
      (x) => {
        noGrad(() => w.select(0, 1).clamp_(-0.5, 0.5));
        return [x.mul(w).sum()];
      },
    );
  });
  equal("returns an input, a parameter and a view of a result", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([2, 3])],
      (x) => {
        const y = x.mul(w);
        return [x, w, y.t(), y.select(0, 1), y.sum()];
      },
    );
  });
  equal("returns constants", () => {
    const w = learned(1);
    return subject(
      [w],
      () => [],
      () => [tensor(2), zeros([2]), ones([]).mul(3), w.sum()],
    );
  });
  equal("gives two parameters one gradient", () => {
    const [a, b] = [learned(2, 3), learned(2, 3)];
    return subject(
      [a, b],
      () => [randn([2, 3])],
      (x) => [a.add(b).mul(x).sum()],
    );
  });
  equal("gives gradients of all dtypes", () => {
    const parameters = (["float32", "float64", "bfloat16"] as const).map(
      (dtype) => new nn.Parameter(randn([3]).to(dtype)),
    );
    return subject(
      parameters,
      () => [randn([3])],
      (x) => [
        stack(
          parameters.map((one) => one.to("float32").mul(x).sum()),
          0,
        ).sum(),
      ],
    );
  });
  equal("goes back twice", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([3])],
      (x) => {
        x.mul(w).square().sum().backward();
        return [x.add(w).square().sum()];
      },
    );
  });
  equal("differentiates a gradient", () => {
    const w = learned(3, 3);
    return subject(
      [w],
      () => [randn([2, 3]).requiresGrad_()],
      (x) => {
        const y = x.matmul(w).tanh().sum();
        const [gradient] = autograd.grad(y, x, { createGraph: true });
        return [y, (gradient as Tensor).square().sum().add(y)];
      },
    );
  });
  equal("works with empty tensors", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([0, 3]), randn([2, 3])],
      (none, x) => [none.mul(w), none.mul(w).sum().add(x.mul(w).sum())],
    );
  });
  equal("takes parts of larger tensors", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([5, 3]).narrow(0, 2, 2), randn([3, 2]).t()],
      (x, y) => [x.add(y).mul(w).sum()],
    );
  });
  equal("reads a constant after changing memory that it was copied to", () => {
    const w = learned(3);
    return subject(
      [w],
      () => [randn([3])],
      (x) => {
        const made = zeros([3]);
        const before = x.mul(made.add(1));
        made.add_(2);
        return [before, before.mul(made).mul(w).sum()];
      },
    );
  });
  equal("drops out twice, and draws what nobody uses", () => {
    const layers = new nn.Sequential(new nn.Dropout(0.3), new nn.Linear(4, 4), new nn.Dropout(0.6));
    return subjectOf(
      layers,
      () => [randn([5, 4])],
      ([x]) => {
        randn([2]);
        return [layers.forward(x as Tensor)];
      },
    );
  });
  equal("changes statistics that its results do not depend on", () => {
    const norm = new nn.BatchNorm1d(3);
    const w = learned(3);
    const persistent = [w, ...norm.parameters(), ...norm.buffers()];
    return subject(
      persistent,
      () => [randn([4, 3])],
      (x) => {
        norm.forward(x);
        return [x.mul(w).sum()];
      },
    );
  });
  equal("uses a module for two tasks, of which one lacks labels", () => {
    const trunk = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.ReLU());
    const heads = [new nn.Linear(4, 2), new nn.Linear(4, 3)];
    const modules = [trunk, ...heads];
    const persistent = modules.flatMap((one) => [...one.parameters(), ...one.buffers()]);
    const draw = () => [randn([6, 3]), randint(0, 2, [6]), randint(-1, 3, [6])];
    return subject(persistent, draw, (x, ...labels) => {
      const losses = heads.map((head, i) =>
        F.crossEntropy(head.forward(trunk.forward(x)) as Tensor, labels[i] as Tensor, { ignoreIndex: -1 }),
      );
      return [...losses, stack(losses, 0).sum()];
    });
  });
  equal("computes in bfloat16, casting each weight once", () => {
    const layer = new nn.Linear(4, 4);
    return subject(
      layer.parameters(),
      () => [randn([3, 4])],
      (x) => {
        const y = autocast({ dtype: "bfloat16" }, () => layer.forward(layer.forward(x)));
        return [y, y.to("float32").square().mean()];
      },
    );
  });
  for (const file of ["trunk", "traced", "recurrent"]) {
    equal(`calls the TorchScript of ${file}.pt`, async () => {
      const module = await jit.load(goldenPath(file));
      const draws: Record<string, () => Tensor[]> = {
        trunk: images,
        traced: () => [randn([2, 3])],
        recurrent: () => [randint(0, 5, [2, 5])],
      };
      return subjectOf(
        module.train(),
        draws[file] as () => Tensor[],
        (inputs) =>
          [module.forward(...(inputs as Tensor[]))]
            .flat()
            .filter((one) => typeof one === "object") as Tensor[],
      );
    });
  }
});

test("TorchScript that makes lists of values is no program", async () => {
  const activation = "code/__torch__/torch/nn/modules/activation.py";
  const code = (await readRecords(goldenPath("traced"))).get(`traced/${activation}`)?.toString() ?? "";
  const reading =
    "return torch.mul(argument_1, len(annotate(List[float], torch.sum(argument_1, [0]).tolist())))";
  const path = await changed("traced", {
    [activation]: code.replace("return torch.tanh(argument_1)", reading),
  });
  const module = await jit.load(path);
  const made = subjectOf(
    module,
    () => [randn([2, 3])],
    ([x]) => [module.forward(x as Tensor) as Tensor],
  );
  assert.equal(differenceOfReplay(made), "refused: TorchScript makes a list of the values of a tensor");
});

test("TorchScript that keeps what it computed is no program", async () => {
  const module = await jit.load(goldenPath("methods"));
  const step = () => {
    module.call("count_up");
    return [];
  };
  const persistent = [...module.parameters(), ...module.buffers()];
  const difference = differenceOfReplay({ persistent, parameters: [], draw: () => [], step });
  assert.match(difference, /^refused: /);
});
