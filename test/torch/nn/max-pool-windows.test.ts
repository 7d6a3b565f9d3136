import assert from "node:assert/strict";
import { test } from "node:test";
import { nn, randn, scope, type Tensor } from "../../../lib/torch/index.ts";
import { drawFrom } from "../../draw.ts";

const pools = [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d];

test("a window without an element of the input is refused where its gradient would lie outside, and no other", () => {
  const draw = drawFrom(1);
  const upTo = (most: number) => 1 + Math.floor(draw() * most);
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const dimensions = upTo(3);
    const list = (most: number, least = 1) =>
      Array.from({ length: dimensions }, () => upTo(most + 1 - least) + least - 1);
    const sizes = list(4);
    const options = { stride: list(3), padding: list(2, 0), dilation: list(4), ceilMode: draw() < 0.5 };
    const Pool = pools[dimensions - 1] as typeof nn.MaxPool2d;
    scope(() => {
      let pooled: Tensor[];
      const module = new Pool(list(3) as never, { ...options, returnIndices: true } as never);
      const input = randn([2, ...sizes]);
      try {
        pooled = module.forward(input) as unknown as Tensor[];
      } catch {
        return; // LibTorch refuses it
      }
      const positions = sizes.reduce((product, size) => product * size, 1);
      const isOutside = Boolean((pooled[1] as Tensor).ge(positions).any().item());
      const isEmpty = Boolean((pooled[0] as Tensor).eq(Number.NEGATIVE_INFINITY).any().item());
      assert.ok(isEmpty || !isOutside);
      const train = () => (module.forward(input.requiresGrad_()) as unknown as Tensor[])[0]?.sum().backward();
      if (isEmpty) {
        assert.throws(train, /a kernel each of whose windows has an element of the input/);
        refused += 1;
      } else {
        train();
      }
    });
  }
  assert.ok(refused > 20, `${refused} were refused`);
});
