import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the tests of the package share: made once, by main.ts. */
export interface Workplace {
  /** Where projects are made. */
  folder: string;
  /** The package as `npm pack` makes it. */
  tarball: string;
  /** Package managers, Node.js releases, compilers. */
  tools: string;
  /** A cache of this package with LibTorch in it. */
  cache: string;
  /** A project that npm has installed the package into, for what does not depend on how that is done. */
  shared: string;
  /** What the training prints. */
  trained: string;
}

const variable = "SNORKEL_TORCH_PACKAGE_TEST";

/** The environment variable that tells the tests where the workplace is. */
export function workplaceEnvironment(workplace: Workplace): NodeJS.ProcessEnv {
  return { [variable]: JSON.stringify(workplace) };
}

/** The workplace of this run. */
export function findWorkplace(): Workplace {
  const given = process.env[variable];
  if (given === undefined)
    throw new Error("[test-package] expected `npm run test:package`, got a test by itself");
  return JSON.parse(given);
}

/** A line of the matrix that the run ends with. */
export interface Row {
  case: string;
  node: string;
  installedBy: string;
  modules: string;
}

const usual: Row = {
  case: "trains",
  node: process.versions.node,
  installedBy: "npm",
  modules: "esm",
};

/** Adds what has been seen to work to the matrix. */
export function note(workplace: Workplace, row: Partial<Row>): void {
  appendFileSync(join(workplace.folder, "matrix"), `${JSON.stringify({ ...usual, ...row })}\n`);
}

export function readMatrix(workplace: Workplace): Row[] {
  const file = join(workplace.folder, "matrix");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}
