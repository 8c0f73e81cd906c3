import { Command } from "commander";
import { CliError } from "../cli-error.js";
import { cometProgram } from "../engine-options.js";
import { port, wholeNumber } from "../input.js";
import { note, type Output, print } from "../output.js";
import { killMember, memberPid, startMember, stopMember } from "../testnet/member-process.js";
import { memberReady, memberStatus } from "../testnet/member-status.js";
import { findNetwork, loadNetwork, MAX_TESTNET_VALIDATORS, type Network, writeNetwork } from "../testnet/network.js";

interface FolderOptions extends Output {
  data: string;
}

interface StartOptions extends FolderOptions {
  validators?: number;
  basePort: number;
  blockTime: number;
  cometbft?: string;
}

const DEFAULT_VALIDATORS = 4;

/** `ruff testnet`: a network of validators on this machine. */
export function testnetCommand(): Command {
  const withFolder = (command: Command) =>
    command
      .option("--data <folder>", "folder of the network", ".ruff/testnet")
      .option("--json", "answer in JSON", false);
  const start = withFolder(new Command("start"))
    .description("start what does not run of the network; write a new network if the folder has none (the default)")
    .option(
      "--validators <count>",
      `how many, 1 to ${MAX_TESTNET_VALIDATORS}, in a new network (default: 4)`,
      wholeNumber,
    )
    .option(
      "--base-port <port>",
      "first port of a new network, ten for each validator; 0 takes free ones",
      port,
      18_545,
    )
    .option("--block-time <ms>", "time from a block to the beginning of the next, in a new network", wholeNumber, 500)
    .option("--cometbft <program>", 'CometBFT; by default the one of "npm run comet", or of the PATH')
    .action(async (options: StartOptions) => {
      const network = findNetwork(options.data) ?? (await newNetwork(options));
      const count = network.members.length;
      if (options.validators !== undefined && options.validators !== count) {
        throw new CliError(`${options.data} holds a network of ${count} validators: give another --data folder`);
      }
      const missing = network.members.filter((member) => memberPid(member) === undefined);
      for (const member of missing) startMember(member, network, options.cometbft ?? cometProgram());
      // Fewer than two thirds make no blocks: wait for all.
      if (missing.length > 0) note(`starting ${missing.map(({ name }) => name).join(", ")} …`);
      await Promise.all(missing.map(memberReady));
      await printStatus(options, network);
    });
  const status = withFolder(new Command("status"))
    .description("how each validator stands")
    .action(async (options: FolderOptions) => printStatus(options, loadNetwork(options.data)));
  const stop = withFolder(new Command("stop"))
    .description("end all validators in good order; the next start goes on where they were")
    .action(async (options: FolderOptions) => {
      const { members } = loadNetwork(options.data);
      const ran = await Promise.all(members.map(stopMember));
      print(options, { stopped: members.filter((_, i) => ran[i]).map(({ name }) => name) });
    });
  const kill = withFolder(new Command("kill"))
    .description("end one validator as a power cut would (kill -9); start brings it back")
    .argument("<number>", "which: 0 is the first", wholeNumber)
    .action((number: number, options: FolderOptions) => {
      const { members } = loadNetwork(options.data);
      const member = members[number];
      if (!member) throw new CliError(`there are the validators 0 to ${members.length - 1}, not ${number}`);
      if (!killMember(member)) throw new CliError(`${member.name} does not run`);
      print(options, { killed: [member.name] });
    });
  return new Command("testnet")
    .description("a network of validators on this machine, each a node with its CometBFT")
    .addCommand(start, { isDefault: true })
    .addCommand(status)
    .addCommand(stop)
    .addCommand(kill)
    .addHelpText(
      "after",
      `
Examples:
  $ npm run comet                       once: installs CometBFT (needs Go)
  $ ruff testnet --validators 4         writes and starts four; options: ruff testnet start --help
  $ ruff testnet status
  $ ruff testnet kill 2                 three of four have more than two thirds: the chain goes on
  $ ruff testnet                        brings it back, and it catches up
  $ ruff testnet stop

Each validator has a folder with its keys, chain and node.log. A transaction may be sent to any of them; sign it
with --from dev:0 … dev:9. With two of four down no block is made until one is back: nothing is ever undone.`,
    );
}

async function newNetwork({ data, validators, basePort, blockTime }: StartOptions): Promise<Network> {
  const options = { validators: validators ?? DEFAULT_VALIDATORS, basePort, blockTimeMs: blockTime };
  const network = await writeNetwork(data, options);
  note(`wrote ${data}: ${network.members.length} validators of ${network.chainId}`);
  return network;
}

async function printStatus(output: Output, { chainId, members }: Network): Promise<void> {
  print(output, { chainId, validators: await Promise.all(members.map(memberStatus)) });
}
