import { existsSync } from "node:fs";
import { answers, isInstalled, versionOf } from "./run.mjs";

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

const compiler = {
  name: "a C++ compiler (C++20)",
  // On Windows cmake-js finds Visual Studio by itself.
  present: () =>
    process.platform === "win32" ||
    (process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"]).some(answers),
  install: {
    "apt-get": "sudo apt-get install -y g++",
    dnf: "sudo dnf install -y gcc-c++",
    darwin: "xcode-select --install",
    win32: "winget install Microsoft.VisualStudio.2022.BuildTools",
  },
};

const cmake = {
  name: "CMake 3.22 or later",
  present: () => {
    const [major, minor] = /\d+\.\d+/
      .exec(versionOf("cmake") ?? "0.0")[0]
      .split(".")
      .map(Number);
    return major > 3 || (major === 3 && minor >= 22);
  },
  install: {
    "apt-get": "sudo apt-get install -y cmake",
    dnf: "sudo dnf install -y cmake",
    darwin: "brew install cmake",
    win32: "winget install Kitware.CMake",
  },
};

const make = {
  name: "Ninja or make",
  present: () => process.platform === "win32" || answers("ninja") || answers("make"),
  install: {
    "apt-get": "sudo apt-get install -y ninja-build",
    dnf: "sudo dnf install -y ninja-build",
    darwin: "brew install ninja",
  },
};

/** Throws when a tool is missing, with the command that installs it. */
export function checkTools() {
  const missing = [compiler, cmake, make].filter((tool) => !tool.present());
  if (missing.length === 0) return;
  const manager = process.platform !== "linux" ? process.platform : answers("dnf") ? "dnf" : "apt-get";
  const lines = missing.map((tool) => `  - ${tool.name}. Install it: ${tool.install[manager]}`);
  throw new Error(
    `[build] expected the tools that compile the native code, found none of:\n${lines.join("\n")}`,
  );
}
