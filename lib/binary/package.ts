import { createRequire } from "node:module";
import { resolve } from "node:path";

/** The folder of this package: a checkout, or what npm installed. */
export const packageFolder: string = resolve(import.meta.dirname, "../..");

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };

/** The version of this package. */
export const packageVersion: string = version;
