import type { telemetryAbi } from "@ruffchain/abi";
import type { ContractFunctionArgs, Hex } from "viem";

/** What `Telemetry` takes of a device: a root over batches, with meters and last position. */
export type Anchor = ContractFunctionArgs<typeof telemetryAbi, "nonpayable", "anchor">[0];

/** An anchor that is signed and kept: the same bytes are handed in however often it takes. */
export interface SignedAnchor {
  readonly anchor: Anchor;
  readonly signature: Hex;
  /** The sequence of the first batch under it; `anchor.count` follow each other. */
  readonly firstBatch: number;
}
