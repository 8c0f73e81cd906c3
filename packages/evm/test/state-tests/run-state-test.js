import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { EthereumJsEvm } from "@ruffchain/evm";
import {
  bytesToHex,
  decodeTransaction,
  HISTORY_STORAGE_ADDRESS,
  hexToBytes,
  Journal,
  keccak256,
  MAX_EVM_TRANSACTION_GAS,
  readAccount,
  TransactionError,
  ValueRangeError,
  writeAccount,
  writeCode,
  writeStorage,
} from "@ruffchain/kernel";
// What the kernel's public interface has behind an Application: state tests choose every field of the block.
import { addBalance } from "../../../kernel/dist/execution/account.js";
import { finishTransaction, runNative, startTransaction } from "../../../kernel/dist/execution/execute-transaction.js";
import { Machine } from "../../../kernel/dist/execution/machine.js";
import { Registry } from "../../../kernel/dist/execution/registry.js";
import { validateStateless } from "../../../kernel/dist/execution/validate-transaction.js";

/** The rules of this chain: what a test says of others is left aside. */
const RULES = "Osaka";
const EMPTY_STATE = { get: () => undefined, range: () => [] };
const quantity = (hex) => (hex === "0x" ? 0n : BigInt(hex.replace("0x:bigint ", "")));
const bytes = (hex) => hexToBytes(hex.length % 2 ? `0x0${hex.slice(2)}` : hex);
const word = (hex) => Buffer.concat([Buffer.alloc(32), bytes(hex)]).subarray(-32);
const stripped = (value) => value.subarray([...value, 1].findIndex((byte) => byte !== 0));

/** Accounts and their storage, as what was written says. */
function accountsOf(journal) {
  const accounts = new Map();
  const of = (key) => {
    const address = `0x${Buffer.from(key.slice(1, 21), "latin1").toString("hex")}`;
    if (!accounts.has(address)) accounts.set(address, new Map());
    return accounts.get(address);
  };
  for (const [key, value] of journal.changes()) {
    if (value === null) continue;
    if (key[0] === "\x00") of(key);
    if (key[0] === "\x02") of(key).set(key.slice(21), value);
  }
  accounts.delete(HISTORY_STORAGE_ADDRESS);
  return accounts;
}

/** The root of Ethereum's trie over our accounts. */
async function stateRoot(journal, accounts) {
  const trie = new MerklePatriciaTrie({ useKeyHashing: true });
  for (const [address, slots] of accounts) {
    const { nonce, balance, codeHash } = readAccount(journal, address);
    const storage = new MerklePatriciaTrie({ useKeyHashing: true });
    for (const [slot, value] of slots) await storage.put(Buffer.from(slot, "latin1"), RLP.encode(value));
    const hash = codeHash === "0x" ? keccak256(new Uint8Array()) : hexToBytes(codeHash);
    await trie.put(hexToBytes(address), RLP.encode([nonce, balance, storage.root(), hash]));
  }
  return bytesToHex(trie.root());
}

/** The first account that is not as the test expects it, with both sides; undefined if none is. */
function differingAccount(journal, accounts, expected) {
  for (const address of new Set([...accounts.keys(), ...Object.keys(expected)])) {
    const { nonce, balance, codeHash } = readAccount(journal, address);
    const slots = [...(accounts.get(address) ?? [])].map(([slot, value]) => [
      BigInt(bytesToHex(Buffer.from(slot, "latin1"))),
      BigInt(bytesToHex(value)),
    ]);
    const ours = [nonce, balance, codeHash, new Map(slots)];
    const {
      nonce: n,
      balance: b,
      code,
      storage,
    } = expected[address] ?? { nonce: "0x", balance: "0x", code: "0x", storage: {} };
    const hash = code === "0x" ? "0x" : bytesToHex(keccak256(bytes(code)));
    const theirs = [
      quantity(n),
      quantity(b),
      hash,
      new Map(Object.entries(storage).map(([k, v]) => [BigInt(k), BigInt(v)])),
    ];
    const text = (side) =>
      JSON.stringify(side, (_, value) =>
        value instanceof Map ? [...value].sort() : typeof value === "bigint" ? String(value) : value,
      );
    if (text(ours) !== text(theirs)) return `${address} is ${text(ours)}, not ${text(theirs)}`;
  }
  return undefined;
}

function logsHash(logs) {
  const list = logs.map(({ address, topics, data }) => [hexToBytes(address), topics.map(hexToBytes), data]);
  return bytesToHex(keccak256(RLP.encode(list)));
}

/** Typed transactions are decoded as the chain does; legacy ones of the tests lack EIP-155. */
function transactionOf(test, { indexes, txbytes }) {
  const { transaction } = test;
  const raw = bytes(txbytes);
  if (raw[0] < 0xc0) return decodeTransaction(raw);
  return {
    type: 0,
    chainId: 1,
    nonce: Number(quantity(transaction.nonce)),
    gasLimit: Number(quantity(transaction.gasLimit[indexes.gas])),
    maxFeePerGas: quantity(transaction.gasPrice),
    maxPriorityFeePerGas: quantity(transaction.gasPrice),
    to: transaction.to === "" ? null : transaction.to,
    value: quantity(transaction.value[indexes.value]),
    data: bytes(transaction.data[indexes.data]),
    accessList: [],
    hash: bytesToHex(keccak256(raw)),
    raw,
  };
}

/** What a test expects by the rules of this chain, a result for each variant of its transaction. */
export function resultsOf(test) {
  return test.post?.[RULES] ?? [];
}

/**
 * Runs one variant of a state test on the kernel with the EVM. Undefined where logs and state are as expected, else why
 * not: a reason without a colon is a difference that docs/evm.md lists.
 */
export async function runStateTest(test, post) {
  const { env, pre, transaction } = test;
  const journal = new Journal(EMPTY_STATE);
  const height = Number(quantity(env.currentNumber));
  const blockGasLimit = Math.min(Number(quantity(env.currentGasLimit)), Number.MAX_SAFE_INTEGER);
  const txGasLimit = Number(quantity(transaction.gasLimit[post.indexes.gas]));
  if (!Number.isSafeInteger(txGasLimit)) return "gas limits beyond 2^53";
  const baseFee = quantity(env.currentBaseFee ?? "0x0a");
  for (let block = Math.max(0, height - 256); block < height; block++) {
    const slot = Buffer.alloc(32);
    slot.writeUInt32BE(block % 8191, 28);
    writeStorage(journal, HISTORY_STORAGE_ADDRESS, slot, keccak256(Buffer.from(String(block))));
  }
  for (const [address, { nonce, balance, code, storage }] of Object.entries(pre)) {
    const account = { nonce: quantity(nonce), balance: quantity(balance), codeHash: "0x" };
    if (account.nonce === 0n && account.balance === 0n && code === "0x")
      return "an empty account before the transaction";
    writeAccount(journal, address, account);
    if (code !== "0x") writeCode(journal, address, bytes(code));
    else if (account.nonce === 0n && Object.keys(storage).length > 0) return "storage without code and nonce";
    for (const [slot, value] of Object.entries(storage))
      writeStorage(journal, address, word(slot), stripped(word(value)));
  }
  const block = { height, time: quantity(env.currentTimestamp), chainId: 1, baseFee, gasLimit: blockGasLimit };
  const machine = new Machine(new Registry([]), journal, { ...block, proposer: env.currentCoinbase });
  if (Object.keys(pre).some((address) => machine.isNative(address))) return "an account where a system contract stands";
  let tx;
  let started;
  try {
    tx = transactionOf(test, post);
    validateStateless(tx, { chainId: 1, blockGasLimit }, true);
    started = startTransaction(machine, tx, transaction.sender, MAX_EVM_TRANSACTION_GAS);
  } catch (error) {
    if (error instanceof ValueRangeError) return "nonces beyond 2^53";
    if (!(error instanceof TransactionError)) throw error;
    if (error.code === "unsupportedType" && error.message.includes("3")) return "transactions of type 3 (blobs)";
    return post.expectException ? undefined : `refused: ${error.message}`;
  }
  if (post.expectException) {
    if (post.expectException.includes("GAS_LIMIT_EXCEEDS_MAXIMUM") && !started.codeAtTarget) {
      return "EIP-7825 for a transaction that the EVM does not run";
    }
    return `not refused: ${post.expectException}`;
  }
  const message = { sender: started.sender, to: tx.to, value: tx.value, data: tx.data };
  const outcome = started.codeAtTarget
    ? await new EthereumJsEvm().run(machine, message)
    : runNative(machine, started.sender, tx);
  if (outcome.fault) return `fault: ${outcome.fault.stack}`;
  const { gasUsed, tip } = finishTransaction(machine, started, outcome);
  addBalance(journal, env.currentCoinbase, tip);
  const { logs } = journal;
  const accounts = accountsOf(journal);
  const differing = post.state && differingAccount(journal, accounts, post.state);
  if (logsHash(logs) === post.logs && !differing && (await stateRoot(journal, accounts)) === post.hash)
    return undefined;
  if (quantity(env.currentGasLimit) > Number.MAX_SAFE_INTEGER) return "gas limits beyond 2^53";
  if (quantity(env.currentRandom ?? "0x0") !== 0n) return "randomness";
  return `${logsHash(logs) === post.logs ? "" : "other logs, "}${differing ?? "other state"}: gas used ${gasUsed}`;
}
