import { Command } from "commander";

/** The commands, each loaded when it is needed: loading takes most of the time of a short command. */
const loadCommand: Readonly<Record<string, () => Promise<Command>>> = {
  node: async () => (await import("./commands/node.js")).nodeCommand(),
  snapshot: async () => (await import("./commands/snapshot.js")).snapshotCommand(),
  restore: async () => (await import("./commands/restore.js")).restoreCommand(),
  backup: async () => (await import("./commands/backup.js")).backupCommand(),
  testnet: async () => (await import("./commands/testnet.js")).testnetCommand(),
  edge: async () => (await import("./commands/edge.js")).edgeCommand(),
  demo: async () => (await import("./commands/demo.js")).demoCommand(),
  faucet: async () => (await import("./commands/faucet.js")).faucetCommand(),
  tx: async () => (await import("./commands/tx.js")).txCommand(),
  query: async () => (await import("./commands/query.js")).queryCommand(),
  keys: async () => (await import("./commands/keys.js")).keysCommand(),
  "new-contract": async () => (await import("./commands/new-contract.js")).newContractCommand(),
  "verify-contract": async () => (await import("./commands/verify-contract.js")).verifyContractCommand(),
  verify: async () => (await import("./commands/verify.js")).verifyCommand(),
};

/** `ruff` with the named command, or with all where that is none of them. */
export async function ruffProgram(name = ""): Promise<Command> {
  const program = new Command("ruff")
    .description("Ruff Chain: a public blockchain for the Internet of Things, from the device up.")
    .version("0.1.0")
    .addHelpText(
      "after",
      `
Start here:
  $ ruff demo                      the whole story, from a car to an investor, in a minute
  $ ruff node --dev                a development chain on http://127.0.0.1:8545
  $ ruff testnet                   four validators on this machine
  $ ruff query contracts           what there is to ask
  $ ruff tx market --help          what there is to do
  $ ruff tx market book --help     what it takes

Every command explains itself with --help. Answers are tables; --json makes them JSON.`,
    );
  const named = Object.hasOwn(loadCommand, name) ? loadCommand[name] : undefined;
  for (const load of named ? [named] : Object.values(loadCommand)) program.addCommand(await load());
  hintAtHelp(program);
  return program;
}

/** After a mistake in options or arguments, one line says where to look instead of the whole help. */
function hintAtHelp(command: Command, path = command.name()): void {
  command.showHelpAfterError(`Help: ${path} --help`);
  for (const sub of command.commands) hintAtHelp(sub, `${path} ${sub.name()}`);
}
