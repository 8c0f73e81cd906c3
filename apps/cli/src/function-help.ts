import { type Command, Help } from "commander";
import { functionHelp, signature } from "./arguments.js";
import { findContract, findFunction, functionsOf, type Mutability } from "./contracts.js";

/**
 * Lets a command's --help answer for what stands before it: a contract's functions, or what a function takes.
 * `general` is added to the help of the command itself, which is also that of its own words.
 */
export function explainFunctions(
  command: Command,
  mutability: Mutability,
  ownWords: readonly string[],
  general: string,
): Command {
  const asked = () => command.args.filter((argument) => !argument.startsWith("-"));
  const isOwn = (word: string | undefined): word is undefined => word === undefined || ownWords.includes(word);
  const path = () => `ruff ${command.name()}`;
  return command
    .configureHelp({
      formatHelp: (self, helper) => {
        const [contract, name] = asked();
        if (isOwn(contract)) return Help.prototype.formatHelp.call(helper, self, helper);
        return specificHelp(path(), contract, name, mutability);
      },
    })
    .addHelpText("after", () => (isOwn(asked()[0]) ? general : ""));
}

function specificHelp(path: string, contractName: string, name: string | undefined, mutability: Mutability): string {
  const contract = findContract(contractName);
  const command = `${path} ${contractName}`;
  if (name !== undefined) return functionHelp(command, findFunction(contract, name, mutability));
  const functions = functionsOf(contract, mutability).map((fn) => `  ${signature(fn)}`);
  return `Usage: ${command} <function> [arguments...]\n\nFunctions of ${contract.name}:\n${functions.join("\n")}\n`;
}
