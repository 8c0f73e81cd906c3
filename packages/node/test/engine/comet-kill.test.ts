import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeCommit, decodeHeader, type Header, hashHeader, verifyCommit } from "@ruffchain/light";
import { DEVELOPMENT_CHAIN_ID, developmentGenesis, encodeGenesis, loadGenesis, ValidatorKey } from "@ruffchain/node";
import { type Hex, hexToBytes, toHex } from "viem";
import { afterAll, expect, test } from "vitest";
import { alice } from "../running-node.js";
import { cometMissing, cometProgram } from "./comet.js";

const KILLS = 5;
const MOST_MS_AFTER_RECEIPT = 400;
const runNode = join(import.meta.dirname, "../run-node.js");

const directory = mkdtempSync(join(tmpdir(), "ruff-comet-kill-"));
let child: ChildProcess | undefined;
afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

type Rpc = <T>(method: string, ...params: unknown[]) => Promise<T>;

function spawnNode() {
  const started = spawn(process.execPath, [runNode, directory, cometProgram], { stdio: ["pipe", "pipe", "inherit"] });
  child = started;
  return started;
}

/** Starts the node in a process of its own, with CometBFT in another. */
async function start(): Promise<Rpc> {
  const started = spawnNode();
  const [port] = await Promise.race([
    once(started.stdout, "data"),
    once(started, "exit").then(() => Promise.reject(new Error("the node ended before it was ready"))),
  ]);
  return async (method, ...params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(`http://127.0.0.1:${Number(String(port))}`, { method: "POST", body });
    const { result, error } = (await response.json()) as { result: never; error?: { message: string } };
    if (error) throw new Error(error.message);
    return result;
  };
}

async function killed(): Promise<void> {
  const ended = once(child as ChildProcess, "exit");
  child?.kill("SIGKILL");
  await ended;
}

/**
 * Pays from a nonce on, one after the other, until the node is gone; says when the first is confirmed. Returns the nonce
 * after the last that it confirmed.
 */
async function payUntilGone(rpc: Rpc, from: number, confirmed: () => void): Promise<number> {
  for (let nonce = from; ; nonce++) {
    const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n, gas: 21_000n };
    const payment = { to: alice.address, value: 1n, nonce, chainId: DEVELOPMENT_CHAIN_ID, type: "eip1559" as const };
    const raw = await alice.signTransaction({ ...payment, ...fees });
    try {
      const hash = await rpc<Hex>("eth_sendRawTransaction", raw);
      while ((await rpc("eth_getTransactionReceipt", hash)) === null) await sleep(2);
      confirmed();
    } catch (error) {
      if (error instanceof TypeError) return nonce;
      throw error;
    }
  }
}

test.skipIf(cometMissing)(
  "what was answered survives kill -9 of the node at any moment, and CometBFT goes on with it",
  async () => {
    const validator = ValidatorKey.generate();
    validator.save(join(directory, "priv_validator_key.json"));
    const time = BigInt(Date.now()) * 1_000_000n;
    const genesis = developmentGenesis({ time, validator: validator.publicKey, accounts: [alice.address] });
    writeFileSync(join(directory, "genesis.json"), encodeGenesis(genesis));
    // CometBFT has just begun, and has no connection yet.
    spawnNode();
    while (!existsSync(join(directory, "comet", "cometbft.log"))) await sleep(1);
    await killed();
    let confirmed = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const rpc = await start();
      const nonce = Number(await rpc<Hex>("eth_getTransactionCount", alice.address, "latest"));
      expect(nonce).toBeGreaterThanOrEqual(confirmed);
      let paying = Promise.resolve(nonce);
      await new Promise<void>((resolve, reject) => {
        paying = payUntilGone(rpc, nonce, resolve);
        paying.catch(reject);
      });
      await sleep(Math.random() * MOST_MS_AFTER_RECEIPT);
      await killed();
      confirmed = await paying;
    }
    expect(confirmed).toBeGreaterThanOrEqual(KILLS);
    const rpc = await start();
    expect(Number(await rpc<Hex>("eth_getTransactionCount", alice.address, "latest"))).toBeGreaterThanOrEqual(
      confirmed,
    );
    await expectOneChain(rpc);
    await killed();
  },
);

/** Every header is signed and follows the one before it, and the application has the state that it names. */
async function expectOneChain(rpc: Rpc): Promise<void> {
  const { chainId, validators } = loadGenesis(join(directory, "genesis.json"));
  const set = validators.map(({ publicKey, power }) => ({ publicKey: publicKey.bytes, power }));
  const newest = Number(await rpc<Hex>("eth_blockNumber"));
  let last: Header | undefined;
  for (let height = 1; height <= newest; height++) {
    const signed = await rpc<{ header: Hex; commit: Hex }>("ruff_getCommit", toHex(height));
    const [header, commit] = [decodeHeader(hexToBytes(signed.header)), decodeCommit(hexToBytes(signed.commit))];
    verifyCommit(set, chainId, header, commit);
    if (last) expect(header.lastBlockId.hash).toStrictEqual(hashHeader(last));
    const before = await rpc<{ stateRoot: Hex }>("eth_getBlockByNumber", toHex(height - 1), false);
    expect(toHex(header.appHash)).toBe(before.stateRoot);
    last = header;
  }
}
