import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex } from "@ruffchain/kernel";
import { DEVELOPMENT_CHAIN_ID, developmentGenesis, encodeGenesis, nodeId, ValidatorKey } from "@ruffchain/node";
import { freePort, type NodeProcess, startNode } from "../peers/child.js";
import type { RuffValidatorOptions } from "./ruff-validator.js";

const PROGRAM = fileURLToPath(new URL("./ruff-validator.js", import.meta.url));
const POWER = 10n;

/** A network of our nodes, each with its CometBFT, on this machine. */
export interface RunningNetwork {
  /** JSON-RPC of each node. */
  readonly ports: readonly number[];
  readonly chainId: number;
  stop(): Promise<void>;
}

/** Starts so many validators on a new chain on which each of the accounts has money. */
export async function startRuffNetwork(
  validators: number,
  accounts: readonly Address[],
  cometbft: string,
  blockTimeMs: number,
): Promise<RunningNetwork> {
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
  const members = await Promise.all(
    keys.map(async (key, i) => {
      const home = join(folder, `validator${i}`);
      const config = join(home, "comet", "config");
      mkdirSync(config, { recursive: true });
      key.save(join(home, "priv_validator_key.json"));
      writeFileSync(join(home, "genesis.json"), encodeGenesis(genesis));
      const [port, p2pPort] = [await freePort(), await freePort()];
      return { home, port, p2pPort, id: nodeId(join(config, "node_key.json")) };
    }),
  );
  const processes: NodeProcess[] = [];
  const stop = async () => {
    await Promise.all(processes.map((running) => running.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const starting = members.map(async ({ home, port, p2pPort, id }) => {
      const peers = members.filter((other) => other.id !== id).map((peer) => `${peer.id}@127.0.0.1:${peer.p2pPort}`);
      const options: RuffValidatorOptions = { home, port, p2pPort, peers, cometbft, blockTimeMs };
      processes.push(await startNode(process.execPath, [PROGRAM, JSON.stringify(options)], port));
    });
    await Promise.all(starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports: members.map(({ port }) => port), chainId: DEVELOPMENT_CHAIN_ID, stop };
}
