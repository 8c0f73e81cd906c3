import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { idOf, openAccountFile, openKeyFile, rpcAnchorChain, signEnrolment, startDevice } from "@ruffchain/edge";
import { loadGenesis } from "@ruffchain/node";
import { Command, Option } from "commander";
import { pino } from "pino";
import { isAddress } from "viem";
import { CliError } from "../cli-error.js";
import { jsonOption, rpcOption } from "../connection.js";
import { port, readJson, wholeNumber } from "../input.js";
import { print } from "../output.js";
import { providerAt } from "../provider-at.js";
import { genesisState } from "../trusted-header.js";
import { untilStopped } from "../until-stopped.js";

interface Common {
  data: string;
  genesis: string;
  json: boolean;
}

interface RunOptions extends Common {
  board: string;
  asset: bigint;
  rpc: string;
  port: number;
  anchorEvery: number;
  offline: boolean;
  logLevel: string;
}

const DEVICE_KEY_FILE = "device.pem";
const ACCOUNT_FILE = "account.key";
/** How often a device that is online follows the chain. */
const FOLLOW_SECONDS = 600;

/** `ruff edge`: the device runtime. */
export function edgeCommand(): Command {
  const edge = new Command("edge")
    .description("run a device: connect equipment, sign what it measures, guard it")
    .addHelpText(
      "after",
      `
A device has a folder with its key (it never leaves it), its log and what it knows of the chain.
  $ ruff edge enrol --data car --genesis genesis.json --owner 0x…   what Devices.register takes
  $ ruff edge run --data car --genesis genesis.json --board car.json --asset 1
Boards are JSON: packages/edge/boards/car.json is one.`,
    );
  const folder = ["--data <folder>", "folder of the device", ".ruff/device"] as const;
  const genesisFile = ["--genesis <file>", "genesis file of the chain: whom the device trusts at first"] as const;

  edge
    .command("enrol")
    .description("make the device's key if it has none, and sign that it is its owner's")
    .option(...folder)
    .requiredOption(...genesisFile)
    .requiredOption("--owner <address>", "who will register it")
    .addOption(jsonOption())
    .action(async ({ data, genesis, owner, json }: Common & { owner: string }) => {
      if (!isAddress(owner)) throw new CliError(`--owner: expected an address, got "${owner}"`);
      mkdirSync(data, { recursive: true, mode: 0o700 });
      const signer = await openKeyFile(join(data, DEVICE_KEY_FILE));
      const account = await openAccountFile(join(data, ACCOUNT_FILE));
      const enrolment = await signEnrolment(signer, evmChainIdOf(genesis), owner);
      print({ json }, { device: idOf(signer), ...enrolment, account: account.address });
    });

  edge
    .command("run")
    .description("connect the board's equipment and guard it until told to stop")
    .option(...folder)
    .requiredOption(...genesisFile)
    .requiredOption("--board <file>", "the board: things, drivers, what is recorded")
    .requiredOption("--asset <id>", "the asset that the device belongs to", (text) => BigInt(wholeNumber(text)))
    .option("--port <port>", "port of the local door; 0 takes a free one", port, 0)
    .option("--anchor-every <seconds>", "how often signed batches are anchored", wholeNumber, 300)
    .option("--offline", "never speak to a node: evidence is kept, nothing is anchored", false)
    .addOption(rpcOption())
    .addOption(
      new Option("--log-level <level>", "what is logged to stderr")
        .choices(["silent", "error", "warn", "info", "debug"])
        .default("info"),
    )
    .addOption(jsonOption())
    .action(async (options: RunOptions) => {
      const genesis = loadGenesis(options.genesis);
      const board = readJson(options.board);
      if (!existsSync(join(options.data, DEVICE_KEY_FILE))) {
        throw new CliError(
          `there is no device in ${options.data}: make it with ruff edge enrol --data ${options.data}`,
        );
      }
      const signer = await openKeyFile(join(options.data, DEVICE_KEY_FILE));
      const account = await openAccountFile(join(options.data, ACCOUNT_FILE));
      const chain = rpcAnchorChain(options.rpc, account);
      const device = await startDevice({
        board,
        folder: options.data,
        signer,
        evmChainId: evmChainIdOf(options.genesis),
        asset: options.asset,
        trusted: genesisState(genesis),
        log: pino({ level: options.logLevel }, process.stderr),
        port: options.port,
        ...(!options.offline && {
          anchoring: { chain, everySeconds: options.anchorEvery },
          following: { provider: providerAt(options.rpc), everySeconds: FOLLOW_SECONDS },
        }),
      });
      const ready = { device: device.id, door: device.url, account: account.address };
      if (options.json) process.stdout.write(`${JSON.stringify(ready)}\n`);
      else print(options, ready);
      await untilStopped();
      await device.close();
    });
  return edge;
}

function evmChainIdOf(file: string): number {
  const { evmChainId } = JSON.parse(Buffer.from(loadGenesis(file).appState).toString()) as { evmChainId: number };
  return evmChainId;
}
