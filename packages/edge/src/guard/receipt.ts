import type { usageAbi } from "@ruffchain/abi";
import type { ReceiptKind } from "@ruffchain/cose";
import type { ContractFunctionArgs, Hex } from "viem";

/** What a device says of the begin or the end of a use, as `Usage` takes it: seconds, metres, watt-hours, 1e-7 degrees. */
export type Receipt = ContractFunctionArgs<typeof usageAbi, "nonpayable", "checkOut">[0];

export interface SignedReceipt {
  readonly kind: ReceiptKind;
  readonly receipt: Receipt;
  readonly signature: Hex;
}
