import { spawnSync } from "node:child_process";

/** A program that compiling takes. */
interface Tool {
  name: string;
  isPresent: () => boolean;
  /** The command that installs it, by package manager or platform. */
  install: Record<string, string>;
}

const compiler: Tool = {
  name: "a C++ compiler (C++20)",
  // On Windows cmake-js finds Visual Studio by itself.
  isPresent: () =>
    process.platform === "win32" ||
    // CXX may hold arguments: `ccache g++`.
    (process.env.CXX ? process.env.CXX.split(" ", 1) : ["c++", "g++", "clang++"]).some(answers),
  install: {
    "apt-get": "sudo apt-get install -y g++",
    dnf: "sudo dnf install -y gcc-c++",
    pacman: "sudo pacman -S gcc",
    zypper: "sudo zypper install gcc-c++",
    darwin: "xcode-select --install",
    win32: "winget install Microsoft.VisualStudio.2022.BuildTools",
  },
};

const cmake: Tool = {
  name: "CMake 3.22 or later",
  isPresent: () => {
    const [major = 0, minor = 0] = (/\d+\.\d+/.exec(versionOf("cmake") ?? "")?.[0] ?? "0.0")
      .split(".")
      .map(Number);
    return major > 3 || (major === 3 && minor >= 22);
  },
  install: {
    "apt-get": "sudo apt-get install -y cmake",
    dnf: "sudo dnf install -y cmake",
    pacman: "sudo pacman -S cmake",
    zypper: "sudo zypper install cmake",
    darwin: "brew install cmake",
    win32: "winget install Kitware.CMake",
  },
};

const make: Tool = {
  name: "Ninja or make",
  isPresent: () => process.platform === "win32" || answers("ninja") || answers("make"),
  install: {
    "apt-get": "sudo apt-get install -y ninja-build",
    dnf: "sudo dnf install -y ninja-build",
    pacman: "sudo pacman -S ninja",
    zypper: "sudo zypper install ninja",
    darwin: "brew install ninja",
  },
};

const linuxManagers = ["apt-get", "dnf", "pacman", "zypper"];

/**
 * Looks for the tools that compile native code.
 *
 * @throws Error that names each tool that is missing, and the command that installs it.
 */
export function checkTools(): void {
  const missing = [compiler, cmake, make].filter((tool) => !tool.isPresent());
  if (missing.length === 0) return;
  const manager =
    process.platform === "linux" ? (linuxManagers.find(answers) ?? "apt-get") : process.platform;
  const lines = missing.map(({ name, install }) => `  - ${name}. Install it: ${install[manager]}`);
  throw new Error(
    `[build] expected the tools that compile the native code, found none of:\n${lines.join("\n")}`,
  );
}

/** Whether a command is there: whether it answers `--version`. */
export function answers(command: string): boolean {
  return versionOf(command) !== undefined;
}

/** What a command prints for `--version`, or undefined. */
function versionOf(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}
