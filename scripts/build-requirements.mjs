import { existsSync } from "node:fs";
import { isInstalled } from "./run.mjs";

/** Throws unless this Node has `require(esm)`: 20.19, 22.12, or later. */
export function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fits) {
    throw new Error(
      `[build] expected Node 20.19, 22.12 or later, got ${process.versions.node}. Install one from https://nodejs.org`,
    );
  }
}

/** Throws unless this is a checkout with all that building takes. */
export function checkCheckout() {
  // npm prepares a git dependency in a copy, and then drops what package.json does not list: the native code.
  if (process.env._PACOTE_NO_PREPARE_) {
    throw new Error(
      "[build] expected a checkout, got a git dependency, which npm installs without the native code. Clone the " +
        "repository, run `npm ci` in it, and depend on its folder",
    );
  }
  const missing = ["typescript/bin/tsc", "cmake-js/bin/cmake-js", "tsx/esm/api"].filter(
    (name) => !isInstalled(name),
  );
  if (!existsSync("lib") || missing.length > 0) {
    const packages = missing.map((name) => name.split("/")[0]).join(", ");
    throw new Error(
      `[build] expected a checkout with its devDependencies, got one without ${packages || "lib/"}. Run \`npm ci\` in a ` +
        "checkout, without --omit=dev and with NODE_ENV unset",
    );
  }
}
