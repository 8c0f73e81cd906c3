import {
  decodeTransaction,
  hexToBytes,
  packSignatures,
  recoverSenders,
  SENDER_RECORD_BYTES,
  Senders,
  SIGNATURE_RECORD_BYTES,
  type Transaction,
  unpackSenders,
} from "@ruffchain/kernel";
import { describe, expect, test } from "vitest";
import { ethereumBlocks, sender } from "../ethereum-blocks.js";

const transactions = ethereumBlocks
  .flatMap((block) => block.transactions)
  .map(({ raw }) => decodeTransaction(hexToBytes(raw)));
const [first, second, third] = transactions as [Transaction, Transaction, Transaction];
const invalid = { ...second, signature: new Uint8Array(64) };
const refused = expect.objectContaining({ name: "TransactionError", code: "invalidSignature" });
const other = "0x00000000000000000000000000000000000000aa";

describe("recoverSenders", () => {
  test("recovers packed records in order", () => {
    const packed = packSignatures(transactions);
    expect(packed.length).toBe(transactions.length * SIGNATURE_RECORD_BYTES);
    const recovered = recoverSenders(packed);
    expect(recovered.length).toBe(transactions.length * SENDER_RECORD_BYTES);
    expect(unpackSenders(recovered)).toEqual(transactions.map(() => ({ sender })));
  });

  test("an invalid signature has no sender and does not disturb its neighbours", () => {
    expect(unpackSenders(recoverSenders(packSignatures([first, invalid, third])))).toEqual([
      { sender },
      refused,
      { sender },
    ]);
  });

  test("a parity that is neither 0 nor 1 has no sender", () => {
    const packed = packSignatures([first]);
    packed[97] = 27;
    expect(unpackSenders(recoverSenders(packed))).toEqual([refused]);
  });

  test("nothing gives nothing", () => {
    expect(unpackSenders(recoverSenders(packSignatures([])))).toEqual([]);
  });

  test("refuses half a record", () => {
    expect(() => recoverSenders(packSignatures([first]).subarray(1))).toThrow(RangeError);
  });
});

describe("Senders", () => {
  test("recovers and remembers", () => {
    let hashed = 0;
    const signingHash = () => {
      hashed++;
      return first.signingHash();
    };
    const counted = { ...first, signingHash };
    const senders = new Senders();
    expect(senders.get(counted)).toBe(sender);
    expect(senders.get(counted)).toBe(sender);
    expect(hashed).toBe(1);
    senders.delete(first.hash);
    expect(senders.get(counted)).toBe(sender);
    expect(hashed).toBe(2);
  });

  test("takes what a worker has recovered", () => {
    const senders = new Senders();
    senders.put(first.hash, other);
    expect(senders.get(first)).toBe(other);
  });

  test("refuses an invalid signature", () => {
    expect(() => new Senders().get(invalid)).toThrow(
      expect.objectContaining({ name: "TransactionError", code: "invalidSignature", number: 7 }),
    );
  });

  test("keeps at most its capacity and drops what was not used for longest", () => {
    const senders = new Senders(4);
    for (const tx of [first, second]) senders.put(tx.hash, other);
    senders.get(first);
    senders.put(third.hash, other);
    expect([first, third, second].map((tx) => senders.get(tx))).toEqual([other, other, sender]);
  });
});
