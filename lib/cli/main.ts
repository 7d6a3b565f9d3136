import { Command } from "commander";
import { packageVersion } from "../binary/index.ts";
import { buildCommand } from "./build.ts";
import { doctorCommand } from "./doctor.ts";
import { infoCommand } from "./info.ts";
import { installCommand } from "./install.ts";

/** The commands and their options. */
export function createProgram(): Command {
  return new Command("snorkel-torch")
    .description("Sets up snorkel-torch, says what is wrong with a set-up, and shows what is in files.")
    .version(packageVersion)
    .addCommand(installCommand())
    .addCommand(doctorCommand())
    .addCommand(buildCommand())
    .addCommand(infoCommand());
}

/** Runs the command that the arguments name. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever reads our output may have seen enough of it: `snorkel-torch info FILE | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") console.error(`[cli] expected to write the output, got ${error.message}`);
    process.exit(error.code === "EPIPE" ? undefined : 1);
  });
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
