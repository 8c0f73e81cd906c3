import { keccak256, parseTransaction, recoverTransactionAddress } from "viem";
import { expect, test } from "vitest";
import { loadAccount, loadAccounts } from "../dist/load/account.js";
import { signTransaction } from "../dist/load/sign.js";
import { runLoad } from "../dist/load/transaction-load.js";
import { ACCOUNTS, signLanes } from "../dist/load/workload.js";
import { withPeer } from "../dist/peers/peer.js";
import { ruff } from "../dist/peers/ruff.js";
import { nativeTransfers } from "../dist/results/native-transfers.js";

test("viem reads from a signed transaction what was signed, and by whom", async () => {
  const account = loadAccount(3);
  const call = { to: loadAccount(4).address, value: 5n, data: "0xabcdef", gas: 60_000 } as const;
  for (const nonce of [0, 1]) {
    const { raw, hash } = signTransaction(7833, account, call);
    const { to, value, data, gas, chainId, nonce: signed = 0 } = parseTransaction(raw);
    expect({ to, value, data, gas: Number(gas), chainId, signed }).toEqual({ ...call, chainId: 7833, signed: nonce });
    const sender = await recoverTransactionAddress({ serializedTransaction: raw as `0x02${string}` });
    expect(sender.toLowerCase()).toBe(account.address);
    expect(hash).toBe(keccak256(raw));
  }
});

test("a load ends when the receipts of all its transactions were read", async () => {
  const accounts = loadAccounts(ACCOUNTS);
  const addresses = accounts.map(({ address }) => address);
  const figures = await withPeer(ruff, addresses, async (running) => {
    const call = await nativeTransfers.prepare(running, accounts);
    return runLoad(running.port, signLanes(running.chainId, accounts, 800, call));
  });
  expect(figures.transactions).toBe(800);
  expect(figures.lastBlock).toBeGreaterThanOrEqual(figures.firstBlock);
});

test("a load fails where the node refuses a transaction", async () => {
  const accounts = loadAccounts(ACCOUNTS);
  const refused = withPeer(ruff, [], async (running) => {
    const call = await nativeTransfers.prepare(running, accounts);
    return runLoad(running.port, signLanes(running.chainId, accounts, 400, call));
  });
  await expect(refused).rejects.toThrow(/^ruff: a transaction was refused/);
});
