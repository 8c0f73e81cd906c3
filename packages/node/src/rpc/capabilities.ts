import type { Backend } from "./backend.js";
import { quantity } from "./quantity.js";

/** From what height on this node can answer what, for those who share calls out among nodes. */
export function capabilitiesOf({ application }: Backend) {
  const { blocks, head, oldestState } = application;
  const since = (oldestBlock: number) => ({ disabled: false, oldestBlock: quantity(oldestBlock) });
  const kept = since(blocks.first);
  return {
    head: { number: quantity(head.height), hash: blocks.hashOf(head.height) },
    state: since(oldestState),
    tx: kept,
    logs: kept,
    receipts: kept,
    blocks: kept,
    // Ethereum's proofs: ours are ruff_getProof's.
    stateproofs: { disabled: true },
  };
}
