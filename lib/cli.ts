#!/usr/bin/env node
import { nodeVersions, supportsNode } from "./node-version.ts";

// What follows needs functions that an older Node lacks, so it is loaded only then.
if (supportsNode(process.versions.node)) {
  const { main } = await import("./cli/main.ts");
  await main(process.argv);
} else {
  console.error(
    `[cli] expected Node ${nodeVersions}, got ${process.versions.node}. Install one: https://nodejs.org`,
  );
  process.exitCode = 1;
}
