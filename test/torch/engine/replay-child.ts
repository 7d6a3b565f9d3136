// Says how a program differs from its step, with a recorder that is broken on purpose if the argument is "broken".
import { manualSeed, nn, randn, setNumThreads } from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { differenceOfReplay, subjectOf } from "./replay.ts";

setNumThreads(1);
manualSeed(0);
native.recordForgetsSaved(process.argv[2] === "broken");
const model = new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 2));
const subject = subjectOf(
  model,
  () => [randn([5, 3])],
  ([x]) => [model.forward(x as never)],
);
// Both records are of one batch, so that they agree on what they take for constants.
const batch = [randn([5, 3])];
console.log(differenceOfReplay(subject, { recorded: () => batch }));
