import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID, developmentGenesis, encodeGenesis, nodeId, ValidatorKey } from "@ruffchain/node";
import { freePort, startNode } from "../peers/child.js";
import { type Member, ProgramNetwork } from "./program-network.js";
import type { RuffValidatorOptions, StateSync } from "./ruff-validator.js";

const PROGRAM = fileURLToPath(new URL("./ruff-validator.js", import.meta.url));
const POWER = 10n;

/** A network of our nodes, each with its CometBFT, on this machine. */
export interface RuffNetwork {
  readonly nodes: ProgramNetwork;
  readonly chainId: number;
  /** A further node, not yet started: it executes all blocks, or begins from a snapshot. */
  joining(stateSync?: StateSync): Promise<Member>;
}

export interface RuffNetworkOptions {
  readonly validators: number;
  /** Each has money. */
  readonly accounts: readonly Address[];
  readonly cometbft: string;
  readonly blockTimeMs: number;
  readonly snapshotInterval?: number;
}

/** Starts so many validators on a new chain. */
export async function startRuffNetwork(options: RuffNetworkOptions): Promise<RuffNetwork> {
  const { validators, accounts, cometbft, blockTimeMs, snapshotInterval } = options;
  const folder = mkdtempSync(join(tmpdir(), "ruff-bench-network-"));
  const keys = Array.from({ length: validators }, () => ValidatorKey.generate());
  const operators: Record<Hex, Address> = {};
  for (const [i, { publicKey }] of keys.entries()) operators[bytesToHex(publicKey)] = accounts[i] as Address;
  const first = keys[0] as ValidatorKey;
  const genesis = {
    ...developmentGenesis({
      time: BigInt(Date.now()) * 1_000_000n,
      validator: first.publicKey,
      accounts: [...accounts],
      app: { parameters: {}, operators },
    }),
    validators: keys.map(({ publicKey }, i) => ({
      publicKey: { type: "ed25519" as const, bytes: publicKey },
      power: POWER,
      name: `validator${i}`,
    })),
  };
  const folderOf = async (name: string, key: ValidatorKey) => {
    const home = join(folder, name);
    const config = join(home, "comet", "config");
    const keyFile = join(home, "priv_validator_key.json");
    mkdirSync(config, { recursive: true });
    key.save(keyFile);
    writeFileSync(join(home, "genesis.json"), encodeGenesis(genesis));
    const [port, p2pPort] = [await freePort(), await freePort()];
    return { home, keyFile, port, p2pPort, id: nodeId(join(config, "node_key.json")) };
  };
  const folders = await Promise.all(keys.map((key, i) => folderOf(`validator${i}`, key)));
  const memberOf = ({ home, keyFile, port, p2pPort, id }: (typeof folders)[0], stateSync?: StateSync): Member => {
    const peers = folders.filter((other) => other.id !== id).map((peer) => `${peer.id}@127.0.0.1:${peer.p2pPort}`);
    const settings: RuffValidatorOptions = {
      ...{ home, port, p2pPort, peers, cometbft, blockTimeMs },
      ...(snapshotInterval !== undefined && { snapshotInterval }),
      ...(stateSync && { stateSync }),
    };
    return { port, keyFile, start: () => startNode(process.execPath, [PROGRAM, JSON.stringify(settings)], port) };
  };
  const nodes = await ProgramNetwork.start(
    folder,
    folders.map((each) => memberOf(each)),
  );
  let joined = 0;
  return {
    nodes,
    chainId: DEVELOPMENT_CHAIN_ID,
    joining: async (stateSync) => memberOf(await folderOf(`joined${joined++}`, ValidatorKey.generate()), stateSync),
  };
}
