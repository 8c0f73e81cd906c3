/** EIP-1559: a full or an empty block changes the base fee by at most 1/8. */
const BASE_FEE_CHANGE_DENOMINATOR = 8n;

interface ParentBlock {
  /** In wei per gas. */
  readonly parentBaseFee: bigint;
  readonly parentGasUsed: number;
  /** Gas of a block that leaves the fee as it is; above 0. */
  readonly gasTarget: number;
  /** The fee never falls below. */
  readonly minimum: bigint;
  /** Nor rises above. */
  readonly maximum: bigint;
}

/** The base fee of the next block by EIP-1559, in wei per gas. */
export function nextBaseFee({ parentBaseFee, parentGasUsed, gasTarget, minimum, maximum }: ParentBlock): bigint {
  const target = BigInt(gasTarget);
  const excess = BigInt(parentGasUsed) - target;
  // Division rounds towards zero, as the EIP's does on the absolute difference.
  const change = (parentBaseFee * excess) / target / BASE_FEE_CHANGE_DENOMINATOR;
  const next = parentBaseFee + (excess > 0n && change === 0n ? 1n : change);
  if (next < minimum) return minimum;
  return next > maximum ? maximum : next;
}
