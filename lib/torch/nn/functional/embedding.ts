import { mergeOptions, number } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { operator } from "../../operators.ts";
import { scope } from "../../scope.ts";
import type { Tensor } from "../../tensor.ts";
import type { EmbeddingOptions } from "../embedding.ts";

const embeddingOperator = operator("nn.functional.embedding", ["aten::embedding"]);
const renorm = operator("nn.functional.embedding", ["aten::embedding_renorm_"]);

/**
 * Rows of a table: integers of any shape [...] to [..., embeddingDim].
 * @param weight - [numEmbeddings, embeddingDim]; with `maxNorm` its used rows are scaled in place
 * @throws RangeError for an index that is out of range.
 */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  const where = "nn.functional.embedding";
  const defaults = {
    paddingIdx: null as number | null,
    maxNorm: null as number | null,
    normType: 2,
    scaleGradByFreq: false,
    sparse: false,
  };
  const read = mergeOptions<typeof defaults>(where, defaults, options);
  const { paddingIdx, maxNorm } = read;
  const rows = weight.size(0);
  if (paddingIdx !== null)
    number(where, "paddingIdx", paddingIdx, { min: -rows, max: rows - 1, integer: true });
  const row = paddingIdx === null ? -1 : (paddingIdx + rows) % rows;
  if (maxNorm !== null) {
    scope(() => noGrad(() => void renorm(weight.detach(), input.contiguous(), maxNorm, read.normType)));
  }
  return embeddingOperator(weight, input, row, read.scaleGradByFreq, read.sparse) as Tensor;
}
