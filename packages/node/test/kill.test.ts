import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { tokens } from "@ruffchain/abi";
import { systemContracts } from "@ruffchain/contracts";
import { EthereumJsEvm } from "@ruffchain/evm";
import { Application, type CommitInfo, hexToBytes, isSystemTransaction, MemoryStore } from "@ruffchain/kernel";
import { decodeCommit, decodeHeader, type Header, hashHeader, trustBlock, verifyLightBlock } from "@ruffchain/light";
import {
  DEVELOPMENT_CHAIN_ID,
  developmentGenesis,
  encodeGenesis,
  type Genesis,
  loadGenesis,
  ValidatorKey,
} from "@ruffchain/node";
import { encodeFunctionData, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accounts, startTestNode, type TestNode } from "./running-node.js";

const KILLS = 30;
/** A node is killed a short while after so many receipts, however long a loaded machine needs for them. */
const MOST_RECEIPTS = 60;
const MOST_MS_AFTER_RECEIPTS = 20;
const TXS_AT_ONCE = 8;
/** Transactions of an account that are signed before a life begins, so that signing does not hold back the load. */
const TXS_PER_LIFE = 80;
const program = join(import.meta.dirname, "run-node.js");

const directory = mkdtempSync(join(tmpdir(), "ruff-kill-"));
const validator = ValidatorKey.generate();
const genesisPath = join(directory, "genesis.json");
let child: ChildProcess | undefined;

beforeAll(() => {
  validator.save(join(directory, "priv_validator_key.json"));
  const genesis = developmentGenesis({
    time: BigInt(Date.now()) * 1_000_000n,
    validator: validator.publicKey,
    accounts: accounts.map(({ address }) => address),
  });
  writeFileSync(genesisPath, encodeGenesis(genesis));
});

afterAll(() => {
  child?.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

type Call = readonly [method: string, ...params: unknown[]];
type Client = (calls: readonly Call[]) => Promise<unknown[]>;
interface Receipt {
  readonly transactionHash: Hex;
}

/** Calls the node at a port, many calls at once; rejects when the node is gone. */
function clientOf(port: number): Client {
  return async (calls) => {
    if (calls.length === 0) return [];
    const body = calls.map(([method, ...params], id) => ({ jsonrpc: "2.0", id, method, params }));
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", body: JSON.stringify(body) });
    const answers = (await response.json()) as { id: number; result?: unknown; error?: unknown }[];
    return answers.sort((a, b) => a.id - b.id).map(({ result, error }) => (error ? { error } : result));
  };
}

async function startChild(): Promise<{ process: ChildProcess; client: Client }> {
  const process_ = spawn(process.execPath, [program, directory], { stdio: ["pipe", "pipe", "inherit"] });
  child = process_;
  const [port] = await once(process_.stdout, "data");
  return { process: process_, client: clientOf(Number(String(port))) };
}

/** Even accounts pay each other; odd ones create tokens. Signed once: a life that follows may send the same again. */
const signed = accounts.map((): Promise<Hex>[] => []);
function transaction(account: number, nonce: number): Promise<Hex> {
  const from = accounts[account] as (typeof accounts)[0];
  const to = accounts[(account + 2) % accounts.length] as (typeof accounts)[0];
  const args = [`Token ${account}/${nonce}`, "T", 2, false] as const;
  const call =
    account % 2 === 0
      ? { to: to.address, value: BigInt(nonce + 1), gas: 21_000n }
      : { to: tokens.address, data: encodeFunctionData({ ...tokens, functionName: "create", args }), gas: 500_000n };
  const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n, chainId: DEVELOPMENT_CHAIN_ID };
  const known = signed[account] as Promise<Hex>[];
  known[nonce] ??= from.signTransaction({ ...call, ...fees, nonce, type: "eip1559" });
  return known[nonce];
}

/** The next nonce of each account, as far as the test knows. */
const nonces = accounts.map(() => 0);
async function signAhead(): Promise<void> {
  const all = nonces.flatMap((nonce, account) =>
    Array.from({ length: TXS_PER_LIFE }, (_, i) => transaction(account, nonce + i)),
  );
  await Promise.all(all);
}

/** What the chain has answered, over all its lives. */
const receipts = new Map<Hex, Receipt>();
const headers = new Map<number, Hex>();

/** Sends transactions of one account and waits for their receipts, until the node is gone. */
async function sendUntilKilled(client: Client, account: number): Promise<void> {
  const from = accounts[account] as (typeof accounts)[0];
  nonces[account] = Number((await client([["eth_getTransactionCount", from.address, "latest"]]))[0]);
  for (;;) {
    const first = nonces[account] as number;
    const raw = await Promise.all(Array.from({ length: TXS_AT_ONCE }, (_, i) => transaction(account, first + i)));
    const hashes = await client(raw.map((tx) => ["eth_sendRawTransaction", tx]));
    for (let missing = hashes; missing.length > 0; ) {
      const found = (await client(missing.map((hash) => ["eth_getTransactionReceipt", hash]))) as (Receipt | null)[];
      for (const receipt of found) if (receipt) receipts.set(receipt.transactionHash, receipt);
      missing = missing.filter((_, i) => !found[i]);
    }
    nonces[account] = first + TXS_AT_ONCE;
  }
}

async function readHeadersUntilKilled(client: Client): Promise<void> {
  for (;;) {
    const [newest] = (await client([["ruff_getCommit", "latest"]])) as [{ height: Hex; header: Hex }];
    headers.set(Number(newest.height), newest.header);
  }
}

/** What was answered in earlier lives is answered again, and the chain of signed headers goes on from what was checked. */
async function check(client: Client, trusted: Header | undefined): Promise<Header> {
  const hashes = [...receipts.keys()];
  for (let at = 0; at < hashes.length; at += 1_000) {
    const part = hashes.slice(at, at + 1_000);
    const found = await client(part.map((hash) => ["eth_getTransactionReceipt", hash]));
    expect(found).toEqual(part.map((hash) => receipts.get(hash)));
  }
  const height = Number((await client([["eth_blockNumber"]]))[0]);
  expect(height).toBeGreaterThanOrEqual(Math.max(0, ...headers.keys()));
  let last = trusted;
  const next = (last?.height ?? 0) + 1;
  const calls = Array.from(
    { length: height - next + 1 },
    (_, i): Call => ["ruff_getCommit", `0x${(next + i).toString(16)}`],
  );
  for (const answer of (await client(calls)) as { header: Hex; commit: Hex }[]) {
    const header = decodeHeader(hexToBytes(answer.header));
    expect(answer.header).toBe(headers.get(header.height) ?? answer.header);
    const validators = [{ publicKey: validator.publicKey, power: 10n }];
    const commit = decodeCommit(hexToBytes(answer.commit));
    if (last) {
      const now = BigInt(Date.now()) * 1_000_000n;
      const parent = trustBlock(header.lastBlockId.hash, last, validators);
      verifyLightBlock(parent, { header, commit, validators, nextValidators: validators }, { now, trustPeriod: now });
    }
    last = header;
  }
  return last as Header;
}

/** Executes all blocks once more from the genesis file, in memory, and compares every hash and root. */
async function replay({ node }: TestNode, genesis: Genesis): Promise<number> {
  const fresh = Application.open({ store: new MemoryStore(), contracts: systemContracts, evm: new EthereumJsEvm() });
  await fresh.initChain(genesis);
  const newest = node.application.head.height;
  const [{ power = 0n } = {}] = genesis.validators;
  let transactions = 0;
  let votes: CommitInfo["votes"] = [];
  for (let height = 1; height <= newest; height++) {
    const block = node.application.blocks.block(height);
    const signed = await node.engine.signedHeader(height);
    if (!block || !signed) throw new Error(`block ${height} is missing`);
    const { header, commit } = signed;
    expect(Buffer.from(fresh.head.root)).toEqual(Buffer.from(header.appHash));
    await fresh.finalizeBlock({
      txs: block.transactions.filter((tx) => !isSystemTransaction(tx)).map(({ raw }) => raw),
      height,
      time: header.time,
      proposerAddress: header.proposerAddress,
      nextValidatorsHash: header.nextValidatorsHash,
      hash: hashHeader(header),
      misbehavior: [],
      decidedLastCommit: { round: 0, votes },
    });
    votes = commit.signatures.map(({ validatorAddress }) => ({ address: validatorAddress, power, signed: true }));
    expect(fresh.finalizedBlock).toMatchObject({ hash: block.hash, header: { stateRoot: block.header.stateRoot } });
    await fresh.commit();
    transactions += block.transactions.length;
  }
  return transactions;
}

async function randomMoment(): Promise<void> {
  const enough = receipts.size + Math.floor(Math.random() * MOST_RECEIPTS);
  while (receipts.size < enough) await sleep(1);
  await sleep(Math.random() * MOST_MS_AFTER_RECEIPTS);
}

test(`kill -9 loses nothing that was answered as committed, ${KILLS} times on the same folder`, async () => {
  let trusted: Header | undefined;
  for (let kill = 0; kill < KILLS; kill++) {
    const [{ process: node, client }] = await Promise.all([startChild(), signAhead()]);
    trusted = await check(client, trusted);
    const clients = Promise.allSettled([
      ...accounts.map((_, account) => sendUntilKilled(client, account)),
      readHeadersUntilKilled(client),
    ]);
    await randomMoment();
    node.kill("SIGKILL");
    const [, signal] = await once(node, "close");
    expect(signal).toBe("SIGKILL");
    for (const { reason } of (await clients) as PromiseRejectedResult[]) {
      expect(String(reason)).toMatch(/fetch failed|terminated|aborted/);
    }
  }
  const genesis = loadGenesis(genesisPath);
  const chain = await startTestNode({ dataDirectory: directory, genesis, validator });
  try {
    await check(clientOf(chain.node.rpcPort), trusted);
    expect(receipts.size).toBeGreaterThan(KILLS);
    expect(await replay(chain, genesis)).toBeGreaterThanOrEqual(receipts.size);
  } finally {
    await chain.node.stop();
  }
}, 600_000);
