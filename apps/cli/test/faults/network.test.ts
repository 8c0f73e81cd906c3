import { existsSync, readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { staking } from "@ruffchain/abi";
import { voteSignBytes, voteType } from "@ruffchain/light";
import { DEVELOPMENT_CHAIN_ID, SNAPSHOT_FOLDER, ValidatorKey } from "@ruffchain/node";
import { decodeFunctionResult, encodeFunctionData, type Hex, keccak256, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cometMissing } from "../../../../packages/node/test/engine/comet.js";
import { developmentAccount } from "../../dist/account.js";
import { MAIN } from "../ruff.js";
import { long } from "./length.js";
import { canMakeHosts, makeHosts } from "./namespaces.js";
import { Payments, payment } from "./payments.js";
import { TestNetwork, type Validator } from "./validators.js";

const KILLS = long ? 25 : 2;
const LONGEST_BETWEEN_KILLS_MS = 2_000;
const PARTITION_MS = long ? 60_000 : 3_000;
/** Without a block for so long, nothing is on its way any more. */
const SETTLED_MS = 2_000;
const DISHONEST_TURNS = long ? 20 : 1;
const FLOODED_PAYMENTS = long ? 5_000 : 100;
const FLOOD = long ? 50_000 : 1_500;
/** Validators that are slow make their blocks smaller than this limit: it is one that a busy machine reaches. */
const MAX_BLOCK_BYTES = long ? 2 ** 22 : 2 ** 20;
const SNAPSHOT_INTERVAL = 25;
const BLOCK_TIME_MS = 200;
const LIMIT_MS = long ? 1_800_000 : 240_000;
const DISHONEST = fileURLToPath(new URL("./dishonest.js", import.meta.url));
/** Calls in one request. */
const BATCH = 100;
const STRANGER = "0x00000000000000000000000000000000000abcde";

/**
 * One network after the other fault, so that each finds what the ones before have left. Skipped, and counted as such, where
 * CometBFT is not installed ("npm run comet"); cables are only cut where this process may make network namespaces.
 */
describe.skipIf(cometMissing)("a network of four validators", { timeout: LIMIT_MS }, () => {
  const hosts = canMakeHosts && !cometMissing ? makeHosts(5) : undefined;
  let network: TestNetwork;
  let all: readonly [Validator, Validator, Validator, Validator];

  beforeAll(async () => {
    network = await TestNetwork.start({
      validators: 4,
      blockTimeMs: BLOCK_TIME_MS,
      hosts,
      options: ["--snapshot-interval", String(SNAPSHOT_INTERVAL), "--keep-snapshots", "10"],
      changeGenesis: (genesis) => ({
        ...genesis,
        consensusParams: { ...genesis.consensusParams, block: { maxBytes: MAX_BLOCK_BYTES } },
      }),
    });
    all = network.validators as typeof all;
  }, LIMIT_MS);
  afterAll(async () => {
    await network?.close();
    hosts?.remove();
  });

  /** Waits until the validators have a common height, and compares all blocks up to it. Returns the height. */
  async function expectOneChain(validators: readonly Validator[] = all): Promise<number> {
    const height = Math.max(...(await heights(validators)));
    await network.reaches(validators, height);
    const chains = await Promise.all(validators.map((validator) => blocks(validator, height)));
    for (const chain of chains) expect(chain).toStrictEqual(chains[0]);
    return height;
  }

  /** Sends a payment to one validator, and waits until others have it in a block, all in the same. */
  async function pays(through: Validator, confirming: readonly Validator[]): Promise<void> {
    const hash = await send(through);
    const receipts = await Promise.all(confirming.map((validator) => receiptOf(validator, hash)));
    expect(new Set(receipts.map(({ blockHash }) => blockHash)).size).toBe(1);
  }

  test(`loses nothing and agrees on every block when any one is killed at any moment, ${KILLS} times`, async () => {
    const payments = new Payments(network);
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(Math.random() * LONGEST_BETWEEN_KILLS_MS);
      const killed = all[Math.floor(Math.random() * all.length)] as Validator;
      await killed.kill(Math.random() < 0.5 ? "node" : "comet");
      const others = network.running;
      const height = await (others[0] as Validator).height();
      await network.reaches(others, height + 2);
      await network.start(killed);
      await network.reaches([killed], height + 2);
    }
    await payments.stop();
    await expectOneChain();
    expect(payments.confirmed.size).toBeGreaterThan(0);
    const confirmed = [...payments.confirmed];
    for (let from = 0; from < confirmed.length; from += BATCH) {
      const part = confirmed.slice(from, from + BATCH);
      const calls = part.map(([hash]) => ["eth_getTransactionReceipt", hash] as const);
      const expected = part.map(([transactionHash, blockHash]) => ({ transactionHash, blockHash }));
      for (const validator of all) expect(await validator.calls(calls)).toMatchObject(expected);
    }
  });

  describe.skipIf(!hosts)("whose cables are cut", () => {
    test("two and two: makes no block, loses nothing, and goes on when they are back", async () => {
      hosts?.separate(2, 3);
      const before = await settled(all);
      const hash = await send(all[0]);
      await sleep(PARTITION_MS);
      expect(await heights(all)).toStrictEqual(before);
      expect(await all[0].call("eth_getTransactionReceipt", hash)).toBeNull();
      hosts?.reunite();
      await Promise.all(all.map((validator) => receiptOf(validator, hash)));
      await pays(all[3], all);
      await expectOneChain();
    });

    test("three and one: goes on, and the one catches up when it is back", async () => {
      const [first, second, third, alone] = all;
      hosts?.separate(3);
      const [stuck = 0] = await settled([alone]);
      await pays(first, [first, second, third]);
      await sleep(PARTITION_MS);
      await pays(second, [first, second, third]);
      expect(await alone.height()).toBe(stuck);
      expect(await first.height()).toBeGreaterThan(stuck);
      hosts?.reunite();
      await network.reaches([alone], await first.height());
      await pays(alone, all);
      await expectOneChain();
    });
  });

  test("fills a block to its largest size, and all execute it", async () => {
    const size = 120_000;
    const data = toHex(new Uint8Array(size));
    const senders = [5, 6, 7, 8].map(developmentAccount);
    const perSender = Math.ceil(MAX_BLOCK_BYTES / size / senders.length) + 1;
    const [first] = all;
    const signed = await Promise.all(
      senders.map(async (sender) => {
        const next = Number(await first.call<Hex>("eth_getTransactionCount", sender.address, "latest"));
        const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 1n, gas: 1_300_000n };
        const tx = { type: "eip1559", chainId: DEVELOPMENT_CHAIN_ID, to: STRANGER, data, ...fees } as const;
        const nonces = Array.from({ length: perSender }, (_, i) => next + i);
        return Promise.all(nonces.map((nonce) => sender.signTransaction({ ...tx, nonce })));
      }),
    );
    const toAll = (raw: Hex) => Promise.all(all.map((each) => each.call("eth_sendRawTransaction", raw)));
    // The first of each sender comes last: until then the others wait at each validator, whoever's turn it will be.
    for (const [, ...later] of signed) for (const raw of later) await toAll(raw);
    await Promise.allSettled(signed.map(([raw = "0x"]) => toAll(raw)));
    const sent = senders.length * perSender;
    let largest = 0;
    for (let seen = 0, height = (await first.height()) - 5; seen < sent; height++) {
      await network.reaches([first], height);
      const { transactions } = await first.call<Block>("eth_getBlockByNumber", toHex(Math.max(height, 1)), true);
      const large = transactions.filter(({ input }) => input.length > size);
      seen += large.length;
      largest = Math.max(largest, large.length * size);
    }
    // One more would not have gone in.
    expect(largest).toBeGreaterThan(MAX_BLOCK_BYTES - 2 * size);
    expect(largest).toBeLessThan(MAX_BLOCK_BYTES);
    await expectOneChain();
  });

  test("refuses the blocks of a proposer that puts something wrong into them", async () => {
    const [first, , , dishonest] = all;
    await dishonest.stop();
    await network.start(dishonest, ["--import", DISHONEST, MAIN, "node"], { RUFF_DISHONEST: "proposer" });
    const proposer = toHex(ValidatorKey.load(join(dishonest.folder, "priv_validator_key.json")).address);
    const height = (await first.height()) + 2;
    let refused = 0;
    for (let at = height; refused < DISHONEST_TURNS; at++) {
      await network.reaches([first], at + 1);
      const { header, commit } = await first.signedHeader(at);
      expect(toHex(header.proposerAddress)).not.toBe(proposer);
      if (commit.round > 0) refused++;
    }
    await dishonest.stop();
    await network.start(dishonest);
    await pays(dishonest, all);
    await expectOneChain();
  });

  test("confirms honest payments while a validator floods its peers with worthless ones", async () => {
    const [first, , , flooding] = all;
    await flooding.stop();
    await network.start(flooding, ["--import", DISHONEST, MAIN, "node"], { RUFF_DISHONEST: "flood" });
    const refused = () =>
      first.metric(/^ruff_refused_transactions_total\{code="(insufficientFunds|invalidSignature)"\}/);
    while ((await refused()) === 0) await sleep(50);
    const payments = new Payments(network);
    while (payments.confirmed.size < FLOODED_PAYMENTS || (await refused()) < FLOOD) await sleep(50);
    await payments.stop();
    await flooding.stop();
    await network.start(flooding);
    await expectOneChain();
  });

  test("gives the same snapshots at all validators, byte by byte", async () => {
    await network.reaches(all, SNAPSHOT_INTERVAL);
    const taken = ({ folder }: Validator) => {
      const snapshots = join(folder, SNAPSHOT_FOLDER);
      return existsSync(snapshots) ? readdirSync(snapshots).filter((name) => /^\d+$/.test(name)) : [];
    };
    const inCommon = () => all.map(taken).reduce((left, right) => left.filter((height) => right.includes(height)));
    await expect.poll(inCommon).not.toHaveLength(0);
    const common = inCommon();
    for (const height of common) {
      const contents = all.map(({ folder }) => {
        const snapshot = join(folder, SNAPSHOT_FOLDER, height);
        return readdirSync(snapshot).map((name) => [name, keccak256(readFileSync(join(snapshot, name)))]);
      });
      for (const content of contents) expect(content).toStrictEqual(contents[0]);
    }
  });

  test("slashes who signs two blocks of one height, shuts it out, and goes on without it", async () => {
    const [first, second, third, dishonest] = all;
    const operator = developmentAccount(3).address;
    const before = await stakeOf(first, operator);
    const height = (await first.height()) - 1;
    const evidence = await twoVotes(first, height, network.genesis.chainId, dishonest);
    expect(await cometRpc(second, "broadcast_evidence", { evidence })).toMatchObject({
      result: { hash: expect.anything() },
    });
    while (!(await stakeOf(first, operator)).tombstoned) await sleep(100);
    const after = await stakeOf(first, operator);
    expect(after).toMatchObject({ jailed: true });
    // doubleSignSlash: 5%
    expect(after.stake).toBe((before.stake * 95n) / 100n);
    const validators = () => first.call<{ validators: unknown[] }>("ruff_getValidators", "latest");
    while ((await validators()).validators.length > 3) await sleep(100);
    // Now all of the three are needed and the fourth is not.
    await dishonest.stop();
    await pays(first, [first, second, third]);
    await network.start(dishonest);
    await expectOneChain();
  });

  test("is replayed by a new node from the first block to the same roots", async () => {
    const [first] = all;
    const joining = await network.join();
    try {
      const height = await expectOneChain([first, joining]);
      expect(height).toBeGreaterThan(SNAPSHOT_INTERVAL);
    } finally {
      await joining.kill();
    }
  });

  async function send(through: Validator): Promise<Hex> {
    const sender = developmentAccount(4);
    const nonce = Number(await through.call<Hex>("eth_getTransactionCount", sender.address, "pending"));
    return through.call<Hex>("eth_sendRawTransaction", await payment(sender, nonce, STRANGER, 1n));
  }
});

interface Block {
  readonly transactions: readonly { readonly input: Hex }[];
}

interface Receipt {
  readonly blockHash: Hex;
}

async function receiptOf(validator: Validator, hash: Hex): Promise<Receipt> {
  for (;;) {
    const receipt = await validator.call<Receipt | null>("eth_getTransactionReceipt", hash);
    if (receipt) return receipt;
    await sleep(50);
  }
}

function heights(validators: readonly Validator[]): Promise<number[]> {
  return Promise.all(validators.map((validator) => validator.height()));
}

/** The heights at which they have come to stand: what was on its way when the cables were cut is decided. */
async function settled(validators: readonly Validator[]): Promise<number[]> {
  for (let before = await heights(validators); ; ) {
    await sleep(SETTLED_MS);
    const now = await heights(validators);
    if (now.every((height, i) => height === before[i])) return now;
    before = now;
  }
}

/** Hash and state root of each block. */
async function blocks(validator: Validator, height: number): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from <= height; from += BATCH) {
    const count = Math.min(BATCH, height + 1 - from);
    const calls = Array.from({ length: count }, (_, i) => ["eth_getBlockByNumber", toHex(from + i), false] as const);
    const answers = await validator.calls<{ hash: Hex; stateRoot: Hex }>(calls);
    for (const answer of answers) {
      if (answer instanceof Error) throw answer;
      found.push(`${answer.hash} ${answer.stateRoot}`);
    }
  }
  return found;
}

async function stakeOf(validator: Validator, operator: Hex) {
  const call = { ...staking, functionName: "validator" } as const;
  const data = encodeFunctionData({ ...call, args: [operator] });
  const answer = await validator.call<Hex>("eth_call", { to: staking.address, data }, "latest");
  return decodeFunctionResult({ ...call, data: answer });
}

/** CometBFT's evidence that a validator has voted for two blocks: both votes have its true signature. */
async function twoVotes(witness: Validator, height: number, chainId: string, { folder }: Validator) {
  const { header, commit } = await witness.signedHeader(height);
  const { validators } = await witness.call<{ validators: { publicKey: Hex }[] }>("ruff_getValidators", toHex(height));
  const key = ValidatorKey.load(join(folder, "priv_validator_key.json"));
  const index = validators.findIndex(({ publicKey }) => publicKey === toHex(key.publicKey));
  const time = new Date(Number(header.time / 1_000_000n)).toISOString();
  const vote = (byte: number) => {
    const hash = new Uint8Array(32).fill(byte);
    const blockId = { hash, partSetHeader: { total: 1, hash } };
    const at = { type: voteType.precommit, height: header.height, round: commit.round };
    const milliseconds = (header.time / 1_000_000n) * 1_000_000n;
    const signature = key.sign(voteSignBytes(chainId, { ...at, blockId, time: milliseconds }));
    return {
      ...{ type: at.type, height: String(at.height), round: at.round, timestamp: time },
      block_id: { hash: hex(hash), parts: { total: 1, hash: hex(hash) } },
      validator_address: hex(key.address),
      validator_index: index,
      signature: Buffer.from(signature).toString("base64"),
      ...{ extension: null, extension_signature: null },
    };
  };
  const value = {
    ...{ vote_a: vote(1), vote_b: vote(2), TotalVotingPower: "40", ValidatorPower: "10" },
    Timestamp: withNanoseconds(header.time),
  };
  return { type: "tendermint/DuplicateVoteEvidence", value };
}

function withNanoseconds(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000_000n) * 1_000).toISOString().slice(0, -5);
  return `${seconds}.${String(time % 1_000_000_000n).padStart(9, "0")}Z`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

/** CometBFT's own RPC, which listens on a socket file. */
function cometRpc({ folder }: Validator, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: join(folder, "comet", "rpc.sock"), method: "POST", path: "/" };
    const call = request(options, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    });
    call.on("error", reject);
    call.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  });
}
