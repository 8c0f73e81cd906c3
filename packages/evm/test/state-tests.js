// Runs state tests of Ethereum's execution specs (a folder of GeneralStateTests) on the kernel with the EVM:
//   node packages/evm/test/state-tests.js <folder> [part of a path]
// Each result's logs hash and state root are compared; the root is that of an MPT made here from our accounts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Hardfork } from "@ethereumjs/common";
import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { EthereumJsEvm } from "@ruffchain/evm";
import {
  bytesToHex,
  decodeTransaction,
  HISTORY_STORAGE_ADDRESS,
  hexToBytes,
  intrinsicGas,
  Journal,
  keccak256,
  readAccount,
  TransactionError,
  ValueRangeError,
  writeAccount,
  writeCode,
  writeStorage,
} from "@ruffchain/kernel";
// What the kernel's public interface has behind an Application: state tests choose every field of the block.
import { addBalance } from "../../kernel/dist/execution/account.js";
import { finishTransaction, runNative, startTransaction } from "../../kernel/dist/execution/execute-transaction.js";
import { Machine } from "../../kernel/dist/execution/machine.js";
import { Registry } from "../../kernel/dist/execution/registry.js";
import { validateStateless } from "../../kernel/dist/execution/validate-transaction.js";

const FORKS = { Cancun: Hardfork.Cancun, Prague: Hardfork.Prague, Osaka: Hardfork.Osaka };
const EMPTY_STATE = { get: () => undefined, range: () => [] };
const quantity = (hex) => (hex === "0x" ? 0n : BigInt(hex.replace("0x:bigint ", "")));
const bytes = (hex) => hexToBytes(hex.length % 2 ? `0x0${hex.slice(2)}` : hex);
const word = (hex) => Buffer.concat([Buffer.alloc(32), bytes(hex)]).subarray(-32);
const stripped = (value) => value.subarray([...value, 1].findIndex((byte) => byte !== 0));

async function stateRoot(journal) {
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

/** Undefined where a case passes, else why not. */
async function runCase(test, post, fork) {
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
    if (account.nonce === 0n && account.balance === 0n && code === "0x") return "pre-state: an empty account";
    writeAccount(journal, address, account);
    if (code !== "0x") writeCode(journal, address, bytes(code));
    else if (Object.keys(storage).length > 0) return "pre-state: storage without code";
    for (const [slot, value] of Object.entries(storage))
      writeStorage(journal, address, word(slot), stripped(word(value)));
  }
  const block = { height, time: quantity(env.currentTimestamp), chainId: 1, baseFee, gasLimit: blockGasLimit };
  const machine = new Machine(new Registry([]), journal, { ...block, proposer: env.currentCoinbase });
  let tx;
  let started;
  try {
    tx = transactionOf(test, post);
    validateStateless(tx, { chainId: 1, blockGasLimit }, true);
    started = startTransaction(machine, tx, transaction.sender, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof ValueRangeError) return "nonces beyond 2^53";
    if (!(error instanceof TransactionError)) throw error;
    if (error.code === "unsupportedType") return "transactions of type 3 (blobs)";
    return post.expectException ? undefined : `refused: ${error.message}`;
  }
  if (post.expectException) return `not refused: ${post.expectException}`;
  const message = { sender: started.sender, to: tx.to, value: tx.value, data: tx.data };
  const outcome = started.codeAtTarget
    ? await new EthereumJsEvm(FORKS[fork]).run(machine, message)
    : runNative(machine, started);
  if (outcome.fault) return `fault: ${outcome.fault.stack}`;
  const { gasUsed, tip } = finishTransaction(machine, started, outcome);
  addBalance(journal, env.currentCoinbase, tip);
  const { logs } = journal;
  const root = await stateRoot(journal);
  if (root === post.hash && logsHash(logs) === post.logs) return undefined;
  if (fork === "Cancun" && gasUsed === intrinsicGas(tx).floor) return "calldata floor of EIP-7623 (Prague)";
  if (logsHash(logs) !== post.logs) return `other logs: gas used ${gasUsed}`;
  return `other state: gas used ${gasUsed}`;
}

const [folder, part = ""] = process.argv.slice(2);
if (!folder) throw new Error("say which folder: node packages/evm/test/state-tests.js <folder> [part of a path]");
const reasons = new Map();
let [passed, failed] = [0, 0];
for (const file of readdirSync(folder, { recursive: true }).sort()) {
  if (!file.endsWith(".json") || !file.includes(part)) continue;
  for (const [name, test] of Object.entries(JSON.parse(readFileSync(join(folder, file), "utf8")))) {
    const fork = Object.keys(FORKS).findLast((known) => test.post?.[known]);
    for (const post of test.post?.[fork] ?? []) {
      const { data, gas, value } = post.indexes;
      const reason = await runCase(test, post, fork);
      if (reason === undefined) {
        passed++;
        continue;
      }
      failed++;
      const kind = reason.split(":")[0];
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
      if (reason.includes(":")) console.log(`${file} ${name} d${data}g${gas}v${value}: ${reason}`);
    }
  }
}
console.log(`${passed} of ${passed + failed} pass ${JSON.stringify(Object.fromEntries(reasons))}`);
