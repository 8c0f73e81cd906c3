import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { CliError } from "../cli-error.js";
import { note } from "../output.js";

const INTERFACES = "@ruffchain/contracts-solidity";

/** `ruff new-contract`: a project for a contract in Solidity, with a test, a deployment and a call of a system contract. */
export function newContractCommand(): Command {
  return new Command("new-contract")
    .description("begin a contract in Solidity: source, test, deployment")
    .argument("<folder>", "made for it")
    .action((folder: string) => {
      if (existsSync(folder)) throw new CliError(`${folder} is there already: give another name`);
      const solidity = dirname(fileURLToPath(import.meta.resolve(`${INTERFACES}/package.json`)));
      cpSync(join(solidity, "template"), folder, { recursive: true });
      const manifest = join(folder, "package.json");
      const { name: _, dependencies, ...rest } = JSON.parse(readFileSync(manifest, "utf8"));
      const project = {
        name: basename(resolve(folder)),
        ...rest,
        dependencies: { ...dependencies, [INTERFACES]: `file:${solidity}` },
      };
      writeFileSync(manifest, `${JSON.stringify(project, undefined, 2)}\n`);
      note(`wrote ${folder}: see docs/contracts.md`);
    });
}
