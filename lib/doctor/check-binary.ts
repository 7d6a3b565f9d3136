import { type Binary, compileRemedy, findBinary, listAddons } from "../binary/index.ts";
import { LibTorchLoadError, locateLibTorch } from "../libtorch/index.ts";
import type { Finding } from "./finding.ts";

/** Looks for the addon and a LibTorch for it; gives both where they are found. */
export function checkBinary(): { findings: Finding[]; binary: Binary | null } {
  try {
    const binary = findBinary();
    return { findings: [addonFound(binary), libTorchFound(binary)], binary };
  } catch (error) {
    if (!(error instanceof LibTorchLoadError)) throw error;
    return { findings: [addonMissing(), libTorchMissing()], binary: null };
  }
}

function addonFound({ addon, where, libTorch }: Binary): Finding {
  const facts = { addon, where, libTorch: libTorch.version };
  return {
    check: "Addon",
    status: "ok",
    summary: `${addon} (${where}), for LibTorch ${libTorch.version}`,
    facts,
  };
}

function libTorchFound({ libTorch }: Binary): Finding {
  const { where } = locateLibTorch({ version: libTorch.version });
  const summary = `${libTorch.version} (${libTorch.flavour}) in ${libTorch.folder}`;
  return {
    check: "LibTorch",
    status: "ok",
    summary,
    details: whereToDetails(where, libTorch.folder),
    facts: { ...libTorch, where },
  };
}

/** The cache's name is the folder's own. */
function whereToDetails(where: string, folder: string): string[] {
  return folder.startsWith(where.replace(/^cache /, "")) ? [] : [`from ${where}`];
}

/** Without a LibTorch no addon can be used; the first would be. */
function addonMissing(): Finding {
  const { found, attempts } = listAddons();
  const [first] = found;
  if (first !== undefined) {
    const { addon, where, version } = first;
    const facts = { addon, where, libTorch: version };
    return { check: "Addon", status: "ok", summary: `${addon} (${where}), for LibTorch ${version}`, facts };
  }
  const details = attempts.map(({ where, reason }) => `${where}: ${reason}`);
  const fix = compileRemedy();
  return { check: "Addon", status: "failed", summary: "none found", details, fix, facts: { attempts } };
}

function libTorchMissing(): Finding {
  try {
    const { libTorch, where } = locateLibTorch({ version: listAddons().found[0]?.version });
    const summary = `${libTorch.version} (${libTorch.flavour}) in ${libTorch.folder}`;
    return { check: "LibTorch", status: "ok", summary, facts: { ...libTorch, where } };
  } catch (error) {
    if (!(error instanceof LibTorchLoadError)) throw error;
    const { attempts, remedy } = error;
    const details = attempts.map(({ where, reason }) => `${where}: ${reason}`);
    return {
      check: "LibTorch",
      status: "failed",
      summary: "none found",
      details,
      fix: remedy,
      facts: { attempts },
    };
  }
}
