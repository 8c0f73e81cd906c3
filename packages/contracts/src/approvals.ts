import type { Address } from "@ruffchain/abi";
import { table } from "@ruffchain/kernel";

/** ERC-721's approvals: for one token, and by owner and operator for all of them. */
export const approvalTables = {
  approvals: table("uint256", "address"),
  operators: table(["address", "address"], "bool"),
};

interface Approvals {
  readonly approvals: { get(id: bigint): Address | undefined };
  readonly operators: { has(owner: Address, operator: Address): boolean };
}

/** Whether ERC-721 lets `who` move a token of `owner`. */
export function mayMove(tables: Approvals, owner: Address, who: Address, id: bigint): boolean {
  return who === owner || tables.operators.has(owner, who) || tables.approvals.get(id) === who;
}
