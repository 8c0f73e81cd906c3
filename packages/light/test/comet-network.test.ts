import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import {
  blockIdFlag,
  type FollowOptions,
  followChain,
  hashCommit,
  hashHeader,
  hashValidators,
  nobleCrypto,
  type Provider,
  type TrustedState,
  trustBlock,
  trustGenesis,
  verifyAncestors,
  verifyCommit,
} from "@ruffchain/light";
import { describe, expect, test } from "vitest";
import {
  type JsonSignedHeader,
  type JsonValidators,
  nanoseconds,
  readData,
  signedHeader,
  validatorSet,
} from "./light-json.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";

interface Network {
  genesis: {
    chain_id: string;
    genesis_time: string;
    initial_height: string;
    validators: { pub_key: { value: string }; power: string }[];
  };
  sets: Record<string, JsonValidators>;
  blocks: JsonSignedHeader[];
}

const network = readData<Network>("comet-network/network.json");
const blocks = network.blocks.map(signedHeader);
const sets = new Map(Object.entries(network.sets).map(([hash, set]) => [hash.toLowerCase(), validatorSet(set)]));
const block = (height: number) => {
  const found = blocks[height - 1];
  if (!found) throw new Error(`block ${height} was not recorded`);
  return found;
};
const setOf = (hash: Uint8Array) => sets.get(bytesToHex(hash)) ?? [];
const newest = blocks.length;
const provider: Provider = {
  signedHeader: async (height) => block(height === "latest" ? newest : height),
  validators: async (height) =>
    height > 1 ? setOf(block(height - 1).header.nextValidatorsHash) : setOf(block(1).header.validatorsHash),
};
const options: FollowOptions = { now: block(newest).header.time + 1n, trustPeriod: 3_600_000_000_000n };
const genesis = trustGenesis({
  chainId: network.genesis.chain_id,
  time: nanoseconds(network.genesis.genesis_time),
  initialHeight: Number(network.genesis.initial_height),
  validators: validatorSet(network.genesis),
});
const trusted = (height: number): TrustedState => {
  const { header } = block(height);
  return trustBlock(hashHeader(header), header, setOf(header.nextValidatorsHash));
};

/** Four validators of CometBFT whose set changes five times; one of them was killed and came back. */
describe("headers of a real network", () => {
  test("have what the test needs: changes of the set, absent votes, votes for nothing, second rounds", () => {
    const flags = new Set(blocks.flatMap(({ commit }) => commit.signatures.map(({ flag }) => flag)));
    expect(flags).toEqual(new Set(Object.values(blockIdFlag)));
    expect(sets.size).toBe(5);
    expect(blocks.some(({ commit }) => commit.round > 0)).toBe(true);
  });

  test.each(blocks.map((signed) => [signed.header.height, signed] as const))(
    "height %i",
    (height, { header, commit }) => {
      const set = setOf(header.validatorsHash);
      expect(bytesToHex(hashHeader(header))).toBe(bytesToHex(commit.blockId.hash));
      expect(bytesToHex(hashValidators(set))).toBe(bytesToHex(header.validatorsHash));
      verifyCommit(set, network.genesis.chain_id, header, commit, height % 2 === 0 ? nodeCrypto : nobleCrypto);
      const before = blocks[height - 2];
      if (!before) return;
      expect(bytesToHex(header.lastBlockId.hash)).toBe(bytesToHex(hashHeader(before.header)));
      expect(header.validatorsHash).toEqual(before.header.nextValidatorsHash);
    },
  );

  test("the commit of a block is the one that its successor names", () => {
    const named = blocks.slice(1).map(({ header }) => bytesToHex(header.lastCommitHash));
    expect(blocks.slice(0, -1).map(({ commit }) => bytesToHex(hashCommit(commit)))).toEqual(named);
  });

  test.each([true, false])("from the genesis file to the newest, sequential: %s", async (sequential) => {
    const { state, verified } = await followChain(genesis, provider, { ...options, sequential }, nodeCrypto);
    expect(state).toEqual(trusted(newest));
    if (sequential) expect(verified).toHaveLength(newest);
    else expect(verified.length).toBeLessThan(newest / 2);
  });

  test("from every block to every later one", async () => {
    for (const { header } of blocks) {
      for (let height = header.height; height <= newest; height += 3) {
        const { state } = await followChain(trusted(header.height), provider, { ...options, height }, nodeCrypto);
        expect(bytesToHex(state.hash)).toBe(bytesToHex(trusted(height).hash));
      }
    }
  });

  test("backwards by hashes from the newest to the first", () => {
    const headers = blocks.map(({ header }) => header).toReversed();
    const [first] = headers;
    verifyAncestors(first ? hashHeader(first) : new Uint8Array(), headers, nodeCrypto);
  });

  test("error: no commit survives a signature less, a forged one or a vote taken back", () => {
    for (const { header, commit } of blocks) {
      const set = setOf(header.validatorsHash);
      const change = (signatures: typeof commit.signatures) =>
        codeOf(() => verifyCommit(set, network.genesis.chain_id, header, { ...commit, signatures }, nodeCrypto));
      expect(change(commit.signatures.slice(1))).toBe("wrongSignatureCount");
      const voted = commit.signatures.findIndex(({ flag }) => flag === blockIdFlag.commit);
      const forged = { signature: hexToBytes("00".repeat(64)) };
      const at = (index: number, to: object) =>
        commit.signatures.map((slot, i) => (i === index ? { ...slot, ...to } : slot));
      expect(change(at(voted, forged))).toBe("invalidSignature");
      const nil = commit.signatures.findIndex(({ flag }) => flag === blockIdFlag.nil);
      const alone = commit.signatures.filter(({ flag }) => flag === blockIdFlag.commit).length === 1;
      if (nil >= 0 && alone) expect(change(at(voted, { flag: blockIdFlag.nil }))).toBe("insufficientPower");
    }
  });
});
