import { EthereumJsEvm } from "@ruffchain/evm";
import { AUTHORIZATION_GAS, hexToBytes, intrinsicGasOfCall } from "@ruffchain/kernel";
import { concat, getContractAddress, type Hex, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHAIN_ID, openChain } from "../../../kernel/test/execution/chain.js";
import { Anvil } from "./anvil.js";
import { PRECOMPILES, Random, randomProgram } from "./random-program.js";

/** Run more, from elsewhere: EVM_ROUNDS=500 EVM_SEED=7 npx vitest run packages/evm/test/anvil */
const ROUNDS = Number(process.env.EVM_ROUNDS ?? 24);
const SEED = Number(process.env.EVM_SEED ?? 1);
const PROGRAMS = 6;
const CALLS = 12;
const SLOTS = 6;
const GAS_PRICE = 20_000_000_000n;
const CALL_GAS = 2_000_000;
const BALANCE = 10n ** 20n;

let anvil: Anvil;
beforeAll(async () => {
  anvil = await Anvil.start(CHAIN_ID);
});
afterAll(() => anvil.stop());

const plain = (hex: unknown) => (typeof hex === "string" ? hex.toLowerCase() : hex);

/** What one chain says of a transaction, and of the same call before it. */
interface Said {
  readonly output: unknown;
  readonly succeeded: boolean;
  readonly gasUsed: number;
  readonly created: unknown;
  readonly logs: readonly unknown[];
}

describe("random programs do on this chain what they do on anvil", () => {
  test.each(Array.from({ length: ROUNDS }, (_, round) => SEED * 100_000 + round))("seed %d", async (seed) => {
    const random = new Random(seed);
    const account = privateKeyToAccount(keccak256(toHex(seed, { size: 32 })));
    const from = account.address.toLowerCase() as Hex;
    // They have money from the start: anvil refunds an authorization as if any account was there already.
    const authorities = ["a", "b"].map((name) => privateKeyToAccount(keccak256(toHex(`${seed}${name}`))));
    const rich = [from, ...authorities.map(({ address }) => address.toLowerCase() as Hex)];
    const alloc = Object.fromEntries(rich.map((address) => [address, String(BALANCE)]));
    const genesis = { alloc, initialBaseFee: "1000000000" };
    const chain = await openChain({ contracts: [], evm: new EthereumJsEvm() }, [], genesis);
    for (const address of rich) await anvil.call("anvil_setBalance", address, toHex(BALANCE));
    // One anvil serves all rounds: what an earlier one left on precompiles must not be there.
    for (const at of PRECOMPILES) await anvil.call("anvil_setBalance", toHex(at, { size: 20 }), "0x0");
    async function onBoth(tx: {
      readonly to?: Hex;
      readonly data: Hex;
      readonly value?: bigint;
      readonly gas: number;
    }) {
      const { to, data, value = 0n, gas } = tx;
      const type = to ? random.below(4) : random.below(3);
      const authorizationList = type === 3 ? await randomAuthorizations() : undefined;
      const granted = BigInt((authorizationList?.length ?? 0) * AUTHORIZATION_GAS);
      const common = {
        chainId: CHAIN_ID,
        nonce: Number(chain.app.account(from).nonce),
        gas: BigInt(gas) + granted,
        value,
        data,
        ...(to && { to }),
      };
      // The two chains have other base fees: all types pay the same price.
      const fees = { maxFeePerGas: GAS_PRICE, maxPriorityFeePerGas: GAS_PRICE };
      const accessList = type > 0 ? randomAccessList() : [];
      const raw = await account.signTransaction(
        type === 0
          ? { type: "legacy", ...common, gasPrice: GAS_PRICE }
          : type === 1
            ? { type: "eip2930", ...common, gasPrice: GAS_PRICE, accessList }
            : authorizationList
              ? { type: "eip7702", ...common, ...fees, accessList, authorizationList }
              : { type: "eip1559", ...common, ...fees, accessList },
      );
      const call = {
        ...{ from, ...(to && { to }), data, value: toHex(value), gas: toHex(CALL_GAS), accessList },
        ...(authorizationList && {
          authorizationList: authorizationList.map(({ address, r, s, ...numbers }) => ({
            ...{ address, r, s, chainId: toHex(numbers.chainId), nonce: toHex(numbers.nonce) },
            yParity: toHex(numbers.yParity ?? 0),
          })),
        }),
      };
      const [called] = await anvil.batch([["eth_call", call, "latest"]]);
      const theirs = await anvil.call<Record<string, unknown> & { logs: Record<string, unknown>[] }>(
        "eth_sendRawTransactionSync",
        raw,
      );
      const anvilSays: Said = {
        output: called?.error ? (called.error.data ?? "0x") : called?.result,
        succeeded: theirs.status === "0x1",
        gasUsed: Number(theirs.gasUsed),
        created: theirs.status === "0x1" ? plain(theirs.contractAddress) : null,
        logs: theirs.logs.map(({ address, topics, data }) => ({ address, topics, data })),
      };
      const message = {
        ...{ to: to ?? null, data: hexToBytes(data), accessList },
        ...(authorizationList && {
          authorizationList: authorizationList.map(({ address, chainId, nonce, yParity = 0, r, s }) => ({
            ...{ address, chainId: BigInt(chainId), nonce: BigInt(nonce), yParity },
            signature: hexToBytes(concat([r, s])),
          })),
        }),
      };
      const ours = await chain.app.call({ ...message, from, value, gas: CALL_GAS - intrinsicGasOfCall(message).gas });
      const { record } = await chain.block([hexToBytes(raw)]);
      const [executed] = record.transactions;
      const weSay: Said = {
        output: toHex(ours.output),
        succeeded: executed?.succeeded ?? false,
        gasUsed: executed?.gasUsed ?? 0,
        created: executed?.contractAddress ?? null,
        logs: (executed?.logs ?? []).map(({ address, topics, data }) => ({ address, topics, data: toHex(data) })),
      };
      expect(weSay).toStrictEqual(anvilSays);
    }

    const programs = Array.from(
      { length: PROGRAMS },
      (_, i) => getContractAddress({ from, nonce: BigInt(i) }).toLowerCase() as Hex,
    );
    const addresses = [...programs, ...authorities.map(({ address }) => address.toLowerCase() as Hex)];
    /** Some for another chain or nonce, and some that take a delegation back (EIP-7702). */
    const randomAuthorizations = () =>
      Promise.all(
        Array.from({ length: 1 + random.below(2) }, async () => {
          const authority = random.of(authorities);
          const known = Number(chain.app.account(authority.address.toLowerCase() as Hex).nonce);
          return authority.signAuthorization({
            chainId: random.of([0, CHAIN_ID, CHAIN_ID, CHAIN_ID + 1]),
            address: random.below(4) ? random.of(addresses) : toHex(random.below(2), { size: 20 }),
            nonce: known + (random.below(5) ? 0 : 1),
          });
        }),
      );
    const randomAccessList = () =>
      Array.from({ length: random.below(3) }, () => ({
        address: random.of(addresses),
        storageKeys: Array.from({ length: random.below(4) }, () => toHex(random.below(SLOTS), { size: 32 })),
      }));
    for (let i = 0; i < PROGRAMS; i++) {
      const code = randomProgram(random, addresses);
      const length = (code.length / 2).toString(16).padStart(4, "0");
      // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN
      await onBoth({ data: `0x61${length}80600a5f395ff3${code}`, gas: 1_500_000 });
    }
    for (let i = 0; i < CALLS; i++) {
      const gas = random.below(3) ? 1_000_000 : 40_000 + random.below(60_000);
      const value = BigInt(random.below(3));
      // Most call a program or a precompile; some run a program as init code.
      if (random.below(6) === 0) {
        await onBoth({ data: `0x${randomProgram(random, addresses)}`, value, gas: gas + 100_000 });
        continue;
      }
      const to = random.below(8) ? random.of(addresses) : toHex(random.of(PRECOMPILES), { size: 20 });
      await onBoth({ to, data: toHex(BigInt(random.below(2 ** 31)) ** 3n, { size: 32 }), value, gas });
    }
    const slots = Array.from({ length: SLOTS }, (_, slot) => toHex(slot, { size: 32 }));
    for (const address of [...addresses, from]) {
      const [balance, count, code, ...words] = await anvil.batch([
        ["eth_getBalance", address, "latest"],
        ["eth_getTransactionCount", address, "latest"],
        ["eth_getCode", address, "latest"],
        ...slots.map((slot) => ["eth_getStorageAt", address, slot, "latest"] as const),
      ]);
      const ours = chain.app.account(address);
      expect([ours.balance, ours.nonce]).toStrictEqual([balance, count].map((answer) => BigInt(answer?.result as Hex)));
      expect(toHex(chain.app.code(address))).toBe(code?.result);
      const ourWords = slots.map((slot) =>
        BigInt(`0x0${toHex(chain.app.storage(address, hexToBytes(slot))).slice(2)}`),
      );
      expect(ourWords).toStrictEqual(words.map((answer) => BigInt(answer?.result as Hex)));
    }
  });
});
