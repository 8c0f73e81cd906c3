import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { staking } from "@ruffchain/abi";
import {
  absentCommitSig,
  attackEvidence,
  blockIdFlag,
  type Commit,
  type CommitSig,
  commitVote,
  encodeCommit,
  encodeHeader,
  type Header,
  hashHeader,
  hashValidators,
  type LightClientAttack,
  lightClientAttack,
  rpcProvider,
  type SignedHeader,
  trustGenesis,
  voteSignBytes,
} from "@ruffchain/light";
import { MAX_EVIDENCE_JSON_BYTES, ValidatorKey } from "@ruffchain/node";
import { decodeFunctionResult, encodeFunctionData, type Hex, toHex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cometMissing } from "../../../../packages/node/test/engine/comet.js";
import { developmentAccount } from "../../dist/account.js";
import { genesisState } from "../../dist/trusted-header.js";
import { ruff } from "../ruff.js";
import { TestNetwork, type Validator } from "./validators.js";

const POWER = 10n;
const LIMIT_MS = 240_000;

interface Accusation {
  readonly against: string;
  readonly reportTo: string;
  readonly evidence: { readonly value: Record<string, unknown> };
}

/** Skipped, and counted as such, where CometBFT is not installed ("npm run comet"). */
describe.skipIf(cometMissing)("an attack on light clients", { timeout: LIMIT_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), "ruff-attack-"));
  let network: TestNetwork;
  let all: readonly [Validator, Validator, Validator, Validator];
  let keys: readonly ValidatorKey[];
  let proxy: Server | undefined;
  let liar: string;

  beforeAll(async () => {
    network = await TestNetwork.start({ validators: 4, blockTimeMs: 200 });
    all = network.validators as typeof all;
    keys = all.map((validator) => ValidatorKey.load(join(validator.folder, "priv_validator_key.json")));
    await network.reaches(all, 3);
    liar = await startLiar(keys.slice(2));
  }, LIMIT_MS);
  afterAll(async () => {
    proxy?.close();
    await network?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A node before the first validator that shows a forged block as the newest; asked for anything else it tells the truth. */
  async function startLiar(of: readonly ValidatorKey[]): Promise<string> {
    const [honest] = all;
    const real = await honest.signedHeader((await honest.height()) - 1);
    const { nextValidators } = trustGenesis({
      ...{ chainId: network.genesis.chainId, time: 0n, initialHeight: 1 },
      validators: of.map(({ publicKey }) => ({ publicKey, power: POWER })),
    });
    const set = nextValidators.map(({ publicKey }) => of.find((key) => toHex(key.publicKey) === toHex(publicKey)));
    const header: Header = {
      ...real.header,
      appHash: new Uint8Array(32),
      validatorsHash: hashValidators(nextValidators),
      nextValidatorsHash: hashValidators(nextValidators),
    };
    const forged = { header, commit: commitOf(header, set as ValidatorKey[]) };
    const height = toHex(header.height);
    const next = toHex(header.height + 1);
    const validators = nextValidators.map(({ publicKey, power }) => ({
      publicKey: toHex(publicKey),
      power: power.toString(),
    }));
    const lies: Record<string, unknown> = {
      "ruff_getCommit latest": inHex(forged),
      [`ruff_getCommit ${height}`]: inHex(forged),
      [`ruff_getValidators ${height}`]: { validators },
      [`ruff_getValidators ${next}`]: { validators },
    };
    proxy = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const { id, method, params } = JSON.parse(text);
      const lie = lies[`${method} ${params[0]}`];
      const answer = await (lie ? Promise.resolve(lie) : honest.call(method, ...params)).then(
        (result) => ({ result }),
        ({ message }: Error) => ({ error: { code: -32001, message } }),
      );
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
    });
    await new Promise<void>((resolve) => proxy?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }

  /** `ruff verify` with a node that lies, and one that does not as witness. */
  async function verify(...options: string[]): Promise<{ err: string; accusations: Accusation[] }> {
    const kept = mkdtempSync(join(folder, "trust-"));
    const genesis = join(all[1].folder, "genesis.json");
    const nodes = ["--rpc", liar, "--witness", all[1].url];
    const args = ["verify", "right", "1", "--genesis", genesis, ...nodes, "--max-age", "600", ...options];
    const { code, err } = await ruff(args, { RUFF_TRUST: kept });
    expect(code).toBe(1);
    const [file = ""] = readdirSync(kept).filter((name) => name.startsWith("fork-"));
    return { err, ...JSON.parse(readFileSync(join(kept, file), "utf8")) };
  }

  test("is found by ruff verify, which has evidence that CometBFT checks in all its parts", async () => {
    const [node] = all;
    const { err, accusations } = await verify();
    expect(err).toContain("the chain has forked");
    expect(err).toContain("With --report both nodes are told");
    expect(accusations.map(({ against }) => against)).toEqual([liar, all[1].url]);
    const { evidence } = accusations[0] as Accusation;
    const send = (changed: unknown) =>
      node.call("broadcast_evidence", { evidence: changed }).then(
        () => "taken",
        ({ message }: Error) => message,
      );
    const change = (value: object) => send({ ...evidence, value: { ...evidence.value, ...value } });
    expect(await change({ Timestamp: "2026-01-01T00:00:00Z" })).toMatch(/different time/);
    expect(await change({ TotalVotingPower: "41" })).toMatch(/total voting power .* does not match/);
    expect(await change({ ByzantineValidators: null })).toMatch(/expected 2 byzantine validators .* got 0/);
    expect(await change({ CommonHeight: "0" })).toMatch(/negative or zero common height/);
    expect(await change({ ConflictingBlock: null })).toMatch(/conflicting block/);
    expect(await send({ type: "tendermint/Nothing", value: {} })).toMatch(/CometBFT: /);
    expect(await send({})).toMatch(/CometBFT: /);
    expect(await send([])).toMatch(/evidence: expected an object/);
    expect((await Promise.all([0, 1, 2, 3].map(stakeOf))).some(({ tombstoned }) => tombstoned)).toBe(false);
  });

  test("by two votes in one round has the validators in it whom CometBFT finds", async () => {
    const [node] = all;
    const provider = rpcProvider((method, params) => node.call(method, ...params));
    const height = (await node.height()) - 1;
    const validators = await provider.validators(height);
    const own = await provider.signedHeader(height);
    const header = { ...own.header, dataHash: new Uint8Array(32) };
    const signers = validators.map(({ publicKey }) => keys.find((key) => toHex(key.publicKey) === toHex(publicKey)));
    const commit = commitOf(header, signers as ValidatorKey[], own.commit.round);
    const way = [{ header, commit, validators, nextValidators: validators }];
    const attack = await lightClientAttack(genesisState(network.genesis), way, provider);
    expect(attack?.byzantine.length).toBeGreaterThan(2);
    const { type, value } = attackEvidence(attack as LightClientAttack) as { type: string; value: object };
    // With all of them it would be taken, and nobody would be left.
    const evidence = { type, value: { ...value, ByzantineValidators: null } };
    await expect(node.call("broadcast_evidence", { evidence })).rejects.toThrow(
      `expected ${attack?.byzantine.length} byzantine validators from evidence but got 0`,
    );
  });

  test(`evidence of more than ${MAX_EVIDENCE_JSON_BYTES} bytes is not looked at`, async () => {
    const send = (bytes: number) => {
      const evidence = { x: "\u{1f697}".repeat((bytes - 8) / 4) };
      expect(Buffer.byteLength(JSON.stringify(evidence))).toBe(bytes);
      return all[0].call("broadcast_evidence", { evidence });
    };
    await expect(send(MAX_EVIDENCE_JSON_BYTES + 4)).rejects.toThrow(`at most ${MAX_EVIDENCE_JSON_BYTES} bytes`);
    await expect(send(MAX_EVIDENCE_JSON_BYTES)).rejects.toThrow(/^CometBFT: /);
  });

  test("is reported by it, put on the chain, and slashed", async () => {
    const before = await stakes();
    const { err } = await verify("--report");
    expect(err).toContain(`${all[1].url} has taken the evidence against ${liar}`);
    expect(err).toContain(`${liar} does not take the evidence against ${all[1].url}`);
    const isShutOut = async (index: number) => (await stakeOf(index)).tombstoned;
    while (!((await isShutOut(2)) && (await isShutOut(3)))) await sleep(100);
    // doubleSignSlash: 5%
    const left = (await stakes()).map((stake, index) => (stake * 100n) / (before[index] ?? 1n));
    expect(left).toEqual([100n, 100n, 95n, 95n]);
    const members = () => all[0].call<{ validators: unknown[] }>("ruff_getValidators", "latest");
    while ((await members()).validators.length > 2) await sleep(100);
    await network.reaches(all, (await all[0].height()) + 2);
  });

  async function stakes(): Promise<bigint[]> {
    return Promise.all(all.map(async (_, index) => (await stakeOf(index)).stake));
  }

  async function stakeOf(index: number) {
    const call = { ...staking, functionName: "validator" } as const;
    const data = encodeFunctionData({ ...call, args: [developmentAccount(index).address] });
    const answer = await all[0].call<Hex>("eth_call", { to: staking.address, data }, "latest");
    return decodeFunctionResult({ ...call, data: answer });
  }
});

function commitOf(header: Header, signers: readonly ValidatorKey[], round = 0): Commit {
  const hash = hashHeader(header);
  const blockId = { hash, partSetHeader: { total: 1, hash } };
  const commit: Commit = { height: header.height, round, blockId, signatures: [] };
  const signatures = signers.map((key): CommitSig => {
    const slot = { ...absentCommitSig, flag: blockIdFlag.commit, validatorAddress: key.address, time: header.time };
    return { ...slot, signature: key.sign(voteSignBytes(header.chainId, commitVote(commit, slot))) };
  });
  return { ...commit, signatures };
}

function inHex({ header, commit }: SignedHeader): object {
  return { header: toHex(encodeHeader(header)), commit: toHex(encodeCommit(commit)) };
}
