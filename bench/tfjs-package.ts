import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { runCommand } from "./run-command.ts";

// 50 MB that nothing else needs: installed when it is measured.
const folder = resolve(import.meta.dirname, "../node_modules/.cache/snorkel-torch-bench");
const version = "4.22.0";
const packages = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"];

export function installTfjs(): void {
  if (packages.every((name) => existsSync(join(folder, "node_modules", name)))) return;
  console.log(`[bench] installing TensorFlow.js ${version} into ${folder}`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const names = packages.map((name) => `${name}@${version}`);
  runCommand([npm, "install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund", ...names]);
}

/** A tensor of TensorFlow.js. */
export interface TfTensor {
  dataSync(): Float32Array;
}

export interface TfVariable extends TfTensor {
  assign(value: TfTensor): void;
}

/** What is used of TensorFlow.js, whose types are not there before it is installed. */
export interface Tensorflow {
  setBackend(name: "cpu"): Promise<boolean>;
  tidy<T>(compute: () => T): T;
  tensor(values: Float32Array | Int32Array, shape: number[], dtype: "float32" | "int32"): TfTensor;
  variable(initial: TfTensor): TfVariable;
  add(a: TfTensor, b: TfTensor): TfTensor;
  addN(tensors: TfTensor[]): TfTensor;
  div(a: TfTensor, b: TfTensor | number): TfTensor;
  gather(x: TfTensor, indices: TfTensor): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  maximum(a: TfTensor, b: number): TfTensor;
  oneHot(indices: TfTensor, depth: number): TfTensor;
  relu(x: TfTensor): TfTensor;
  sqrt(x: TfTensor): TfTensor;
  square(x: TfTensor): TfTensor;
  sum(x: TfTensor): TfTensor;
  losses: { softmaxCrossEntropy(labels: TfTensor, logits: TfTensor): TfTensor };
  train: { adam(rate: number): TfOptimizer };
}

export interface TfOptimizer {
  computeGradients(
    loss: () => TfTensor,
    variables: TfVariable[],
  ): { value: TfTensor; grads: Record<string, TfTensor> };
  applyGradients(gradients: Record<string, TfTensor>): void;
  dispose(): void;
}

/** TensorFlow.js on its backend in plain JavaScript. */
export async function loadTfjs(): Promise<Tensorflow> {
  const require = createRequire(join(folder, "package.json"));
  const [core, backend] = packages.map((name) => require(name));
  require("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  if (backend === undefined) throw new Error("[bench] expected the backend of TensorFlow.js");
  await core.setBackend("cpu");
  return core;
}
