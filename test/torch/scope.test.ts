import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { tensor } from "../../lib/torch/creation.ts";
import { memory } from "../../lib/torch/memory.ts";
import { keep, scope } from "../../lib/torch/scope.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";

const make = (): Tensor => tensor([1, 2, 3]);

describe("torch.scope", () => {
  it("frees what was made inside, and returns the function's result", () => {
    const inside: Tensor[] = [];
    const before = memory();
    assert.equal(
      scope(() => inside.push(make().add(1))),
      1,
    );
    assert.equal(inside[0]?.isDisposed, true);
    assert.deepEqual(memory(), before);
  });

  it("leaves what was made before it alone", () => {
    const outside = make();
    scope(() => void outside.add(1));
    assert.deepEqual(outside.tolist(), [1, 2, 3]);
  });

  const shapes: Record<string, (made: Tensor) => unknown> = {
    "by itself": (made) => made,
    "in an array": (made) => [1, [made]],
    "in an object": (made) => ({ a: { b: made } }),
    "in an object without a prototype": (made) => Object.assign(Object.create(null), { made }),
    "in a map": (made) => new Map([["a", [made]]]),
    "in a set": (made) => new Set([made]),
    twice: (made) => [made, made],
    "in an object that holds itself": (made) => {
      const result: Record<string, unknown> = { made };
      result.self = result;
      return result;
    },
  };
  for (const [name, wrap] of Object.entries(shapes)) {
    it(`lets a tensor out that is returned ${name}`, () => {
      let made: Tensor | undefined;
      scope(() => {
        made = make();
        return wrap(made);
      });
      assert.equal(made?.isDisposed, false);
    });
  }

  it("frees what is returned in an instance of another class", () => {
    class Model {
      readonly weight = make();
    }
    assert.equal(scope(() => new Model()).weight.isDisposed, true);
  });

  it("nests: the outer scope frees what the inner one returned", () => {
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => make());
      assert.equal(inner.isDisposed, false);
    });
    assert.equal(inner?.isDisposed, true);
  });

  it("lets what is kept outlive it, and every scope around it", () => {
    let kept: Tensor | undefined;
    scope(() => {
      const made = make();
      scope(() => {
        kept = keep(made);
      });
    });
    assert.equal(kept?.isDisposed, false);
    assert.equal(
      scope(() => [make().keep()].length),
      1,
    );
  });

  it("allows its tensors to be disposed inside", () => {
    scope(() => {
      const made = make();
      made.dispose();
      made.dispose();
    });
  });

  it("frees everything when the function throws, and goes back to the outer scope", () => {
    const inside: Tensor[] = [];
    scope(() => {
      assert.throws(
        () =>
          scope(() => {
            inside.push(make());
            throw new Error("inside");
          }),
        /inside/,
      );
      inside.push(make());
      assert.deepEqual(
        inside.map((made) => made.isDisposed),
        [true, false],
      );
    });
    assert.equal(inside[1]?.isDisposed, true);
  });

  it("frees everything when its result cannot be looked through", () => {
    const inside: Tensor[] = [];
    const fails = (): never => {
      throw new Error("looked at");
    };
    assert.throws(
      () =>
        scope(() => {
          inside.push(make());
          return Object.defineProperty({}, "a", { get: fails, enumerable: true });
        }),
      /looked at/,
    );
    assert.equal(inside[0]?.isDisposed, true);
  });

  it("refuses an async function, whose own failure is not reported as well", async () => {
    const work = async (): Promise<void> => {
      const made = make();
      await setImmediate();
      made.tolist();
    };
    assert.throws(
      () => scope(work),
      /\[torch\.scope\] expected a synchronous function for run, got function work/,
    );
    await setImmediate();
    await setImmediate();
  });

  it("does not reach into promises that run between two of its calls", async () => {
    const made = await Promise.all(
      [1, 2].map(async () => {
        const first = scope(make);
        await setImmediate();
        return [first, make()];
      }),
    );
    assert.ok(made.flat().every((one) => !one.isDisposed));
  });
});
