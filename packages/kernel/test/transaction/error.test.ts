import { REVERTED, TransactionError } from "@ruffchain/kernel";
import {
  FeeCapTooLowError,
  InsufficientFundsError,
  IntrinsicGasTooLowError,
  NonceTooHighError,
  NonceTooLowError,
  TipAboveFeeCapError,
} from "viem";
import { describe, expect, test } from "vitest";

const sender = "0x7435ed30a8b4aeb0877cef0c6e8cffe834eb865f";
const hash = `0x${"ab".repeat(32)}` as const;

const errors = [
  new TransactionError("malformed", { reason: "it is empty" }),
  new TransactionError("tooLarge", { size: 200_000, limit: 131_072 }),
  new TransactionError("unsupportedType", { type: 3 }),
  new TransactionError("unprotected"),
  new TransactionError("wrongChainId", { have: 1, want: 2 }),
  new TransactionError("invalidSignature"),
  new TransactionError("senderNotExternallyOwned", { sender }),
  new TransactionError("tipAboveFee", { maxPriorityFeePerGas: 2n, maxFeePerGas: 1n }),
  new TransactionError("feeTooLow", { maxFeePerGas: 1n, baseFee: 2n }),
  new TransactionError("intrinsicGasTooLow", { gasLimit: 1, needed: 21_000 }),
  new TransactionError("gasLimitTooHigh", { gasLimit: 2, limit: 1 }),
  new TransactionError("initcodeTooLarge", { size: 2, limit: 1 }),
  new TransactionError("nonceTooLow", { sender, nonce: 1, expected: 2 }),
  new TransactionError("nonceTooHigh", { sender, nonce: 2, expected: 1 }),
  new TransactionError("insufficientFunds", { sender, have: 1n, want: 2n }),
  new TransactionError("alreadyKnown", { hash }),
  new TransactionError("underpricedReplacement", { hash, minimumFeePerGas: 3n }),
  new TransactionError("poolFull", { limit: 1 }),
  new TransactionError("senderLimit", { sender, limit: 1 }),
  new TransactionError("creationUnsupported"),
  new TransactionError("blockFull", { gasLimit: 2, left: 1 }),
] as const;

describe("TransactionError", () => {
  test("the numbers are fixed: they are ABCI codes", () => {
    expect(Object.fromEntries(errors.map(({ code, number }) => [code, number]))).toEqual({
      malformed: 2,
      tooLarge: 3,
      unsupportedType: 4,
      unprotected: 5,
      wrongChainId: 6,
      invalidSignature: 7,
      senderNotExternallyOwned: 8,
      tipAboveFee: 9,
      feeTooLow: 10,
      intrinsicGasTooLow: 11,
      gasLimitTooHigh: 12,
      initcodeTooLarge: 13,
      nonceTooLow: 14,
      nonceTooHigh: 15,
      insufficientFunds: 16,
      alreadyKnown: 17,
      underpricedReplacement: 18,
      poolFull: 19,
      senderLimit: 20,
      creationUnsupported: 21,
      blockFull: 22,
    });
    expect(REVERTED).toBe(1);
  });

  // What geth says and clients match on.
  test.each([
    ["tooLarge", "oversized data"],
    ["unsupportedType", "transaction type not supported"],
    ["unprotected", "only replay-protected (EIP-155) transactions allowed"],
    ["wrongChainId", "invalid chain id for signer: have 1 want 2"],
    ["invalidSignature", "invalid sender"],
    ["senderNotExternallyOwned", "sender not an eoa"],
    ["tipAboveFee", "max priority fee per gas higher than max fee per gas"],
    ["feeTooLow", "max fee per gas less than block base fee"],
    ["intrinsicGasTooLow", "intrinsic gas too low"],
    ["gasLimitTooHigh", "exceeds block gas limit"],
    ["initcodeTooLarge", "max initcode size exceeded"],
    ["nonceTooLow", "nonce too low"],
    ["nonceTooHigh", "nonce too high"],
    ["insufficientFunds", "insufficient funds for gas * price + value"],
    ["alreadyKnown", "already known"],
    ["underpricedReplacement", "replacement transaction underpriced"],
    ["poolFull", "txpool is full"],
    ["senderLimit", "account limit exceeded"],
  ])("%s says %j", (code, words) => {
    expect(errors.find((error) => error.code === code)?.message).toContain(words);
  });

  test.each([
    ["tipAboveFee", TipAboveFeeCapError],
    ["feeTooLow", FeeCapTooLowError],
    ["intrinsicGasTooLow", IntrinsicGasTooLowError],
    ["nonceTooLow", NonceTooLowError],
    ["nonceTooHigh", NonceTooHighError],
    ["insufficientFunds", InsufficientFundsError],
    ["alreadyKnown", NonceTooLowError],
  ])("viem knows %s by its words", (code, { nodeMessage }) => {
    expect(errors.find((error) => error.code === code)?.message).toMatch(nodeMessage);
  });
});
