import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex } from "@ruffchain/kernel";
import { developmentGenesis, encodeGenesis, type Genesis, nodeId, ValidatorKey } from "@ruffchain/node";
import { DEVELOPMENT_ACCOUNTS, developmentAccount } from "../account.js";
import { CliError } from "../cli-error.js";

export const MAX_TESTNET_VALIDATORS = 10;
/** Ports of a validator: JSON-RPC, operator, peers. The next validator's come after a step. */
const PORT_STEP = 10;
const POWER = 10n;
const FILE = "testnet.json";

/** One validator of a network on this machine. */
export interface Member {
  readonly name: string;
  readonly folder: string;
  readonly rpcPort: number;
  readonly operatorPort: number;
  readonly p2pPort: number;
  /** By which its CometBFT is known to the others. */
  readonly id: string;
}

export interface Network {
  readonly chainId: string;
  readonly blockTimeMs: number;
  readonly members: readonly Member[];
}

export interface NewNetwork {
  readonly validators: number;
  /** 0 takes free ones. */
  readonly basePort: number;
  readonly blockTimeMs: number;
}

/** The network that was written into the folder, if one was. */
export function findNetwork(folder: string): Network | undefined {
  const file = join(folder, FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Network) : undefined;
}

/** Throws CliError where the folder has none. */
export function loadNetwork(folder: string): Network {
  const network = findNetwork(folder);
  if (!network) throw new CliError(`${folder} holds no network: "ruff testnet" writes and starts one`);
  return network;
}

/** Writes keys, genesis and ports of a new network. */
export async function writeNetwork(
  folder: string,
  { validators, basePort, blockTimeMs }: NewNetwork,
): Promise<Network> {
  if (validators < 1 || validators > MAX_TESTNET_VALIDATORS) {
    throw new CliError(`expected 1 to ${MAX_TESTNET_VALIDATORS} validators, got ${validators}`);
  }
  const ports = await choosePorts(validators, basePort);
  const keys = ports.map(() => ValidatorKey.generate());
  const genesis = networkGenesis(keys);
  const members = keys.map((key, i): Member => {
    const home = join(folder, `validator${i}`);
    const config = join(home, "comet", "config");
    mkdirSync(config, { recursive: true, mode: 0o700 });
    key.save(join(home, "priv_validator_key.json"));
    writeFileSync(join(home, "genesis.json"), encodeGenesis(genesis));
    const [rpcPort = 0, operatorPort = 0, p2pPort = 0] = ports[i] ?? [];
    return {
      name: `validator${i}`,
      folder: home,
      rpcPort,
      operatorPort,
      p2pPort,
      id: nodeId(join(config, "node_key.json")),
    };
  });
  const network = { chainId: genesis.chainId, blockTimeMs, members };
  writeFileSync(join(folder, FILE), `${JSON.stringify(network, null, 2)}\n`);
  return network;
}

/** As a development chain, with as many validators: the development accounts operate one each. */
function networkGenesis(keys: readonly ValidatorKey[]): Genesis {
  const accounts = Array.from({ length: DEVELOPMENT_ACCOUNTS }, (_, i) => developmentAccount(i).address);
  const operators: Record<Hex, Address> = {};
  for (const [i, { publicKey }] of keys.entries()) operators[bytesToHex(publicKey)] = accounts[i] as Address;
  const [first] = keys as [ValidatorKey];
  const genesis = developmentGenesis({
    time: BigInt(Date.now()) * 1_000_000n,
    validator: first.publicKey,
    accounts,
    app: { parameters: {}, operators },
  });
  const validators = keys.map(({ publicKey }, i) => ({
    publicKey: { type: "ed25519" as const, bytes: publicKey },
    power: POWER,
    name: `validator${i}`,
  }));
  return { ...genesis, validators };
}

/** Three for each validator. Throws CliError where one is taken. */
async function choosePorts(validators: number, basePort: number): Promise<number[][]> {
  const wanted = Array.from({ length: validators }, (_, i) =>
    [0, 1, 2].map((offset) => (basePort === 0 ? 0 : basePort + i * PORT_STEP + offset)),
  );
  // All are held until the last is found, so that none comes twice.
  const held = await Promise.all(wanted.flat().map(hold));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map(({ release }) => release()));
  return wanted.map((group, i) => group.map((_, offset) => ports[i * group.length + offset] as number));
}

function hold(wanted: number): Promise<{ readonly port: number; readonly release: () => Promise<void> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", () => {
      reject(new CliError(`port ${wanted} is taken: choose others with --base-port, or 0 for free ones`));
    });
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : wanted;
      resolve({ port, release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}
