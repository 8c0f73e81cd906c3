import { type ReceiptKind, receiptToBeSigned } from "@ruffchain/cose";
import { bytesToHex, type Hex } from "viem";
import type { Clock } from "../clock/clock.js";
import type { Meters } from "../device/meters.js";
import type { Journal } from "../journal/journal.js";
import type { Signer } from "../keys/signer.js";
import type { SignedReceipt } from "./receipt.js";

export interface ReceiptSigner {
  readonly device: Hex;
  /** The id by EIP-155. */
  readonly evmChainId: number;
  readonly boot: number;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly meters: () => Meters;
}

/**
 * Makes the function that signs receipts over the meters as they are, and resolves when a receipt is durable. Sequences
 * are boot count × 2^32 + a count: they grow even if the log was lost, because the boot count was written before.
 */
export function receiptSigner(by: ReceiptSigner) {
  let count = 0n;
  return async (kind: ReceiptKind, right: bigint, leftArea: boolean): Promise<SignedReceipt> => {
    const { device, evmChainId, boot, signer, clock, journal, meters } = by;
    count += 1n;
    const sequence = (BigInt(boot) << 32n) + count;
    const receipt = { device, sequence, right, time: BigInt(clock.seconds()), ...meters(), leftArea };
    const signature = await signer.sign(receiptToBeSigned(evmChainId, signer.kind, kind, receipt));
    const signed = { kind, receipt, signature: bytesToHex(signature) };
    await journal.addReceipt(signed);
    return signed;
  };
}
