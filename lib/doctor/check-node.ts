import { nodeVersions, supportsNode } from "../node-version.ts";
import type { Finding } from "./finding.ts";

export function checkNode(): Finding {
  const { node, napi } = process.versions;
  const facts = { version: node, nodeApi: Number(napi), execPath: process.execPath };
  const summary = `${node}, Node-API ${napi}`;
  if (supportsNode(node)) return { check: "Node", status: "ok", summary, facts };
  return {
    check: "Node",
    status: "failed",
    summary: `${summary}; ${nodeVersions} is needed`,
    fix: "Install one from https://nodejs.org.",
    facts,
  };
}
