import type { governanceAbi } from "@ruffchain/abi";
import { type Context, table, type ViewContext } from "@ruffchain/kernel";
import { type ParameterDefinition, parameterDefinitions } from "./parameters.js";

/** Key of tables with one row. */
export const ONLY = 0;

export const tables = {
  /** Those that Governance keeps and that are not as they were initially. */
  parameters: table("uint8", "uint256"),
  proposals: table(
    "uint64",
    {
      proposer: "address",
      state: "uint8",
      votingEnd: "uint64",
      /** What the proposer can still have back. */
      deposit: "uint256",
      title: "string",
      document: "string",
      parameters: "uint8[]",
      values: "uint256[]",
      upgradeName: "string",
      upgradeHeight: "uint64",
      /** Wei of stake at the end of the vote. */
      active: "uint256",
      yes: "uint256",
      no: "uint256",
      abstain: "uint256",
      veto: "uint256",
    },
    { indexes: { byState: ["state"] } },
  ),
  /** By proposal, validator and delegator. */
  votes: table(["uint64", "address", "address"], { choice: "uint8", shares: "uint256" }),
  /** By proposal and validator: how the validator votes, and the shares of those who voted themselves. */
  validatorVotes: table(["uint64", "address"], {
    choice: "uint8",
    yes: "uint256",
    no: "uint256",
    abstain: "uint256",
    veto: "uint256",
  }),
  counters: table("uint8", "uint64"),
  /** Wei of burnt deposits. */
  burnt: table("uint8", "uint256"),
};

export type View = ViewContext<typeof governanceAbi, typeof tables>;
export type Write = Context<typeof governanceAbi, typeof tables>;
export type Proposal = NonNullable<ReturnType<Write["tables"]["proposals"]["get"]>>;

export function definitionOf(ctx: View, number: number): ParameterDefinition {
  const definition = parameterDefinitions[number];
  if (!definition) throw ctx.error("UnknownParameter", number);
  return definition;
}

export function parameterValue(ctx: View, definition: ParameterDefinition): bigint {
  if (definition.keptBy === "kernel") return definition.get(ctx.chain.parameters());
  return ctx.tables.parameters.get(definition.number) ?? definition.initial;
}

export function proposalOf(ctx: View, id: bigint): Proposal {
  const proposal = ctx.tables.proposals.get(id);
  if (!proposal) throw ctx.error("UnknownProposal", id);
  return proposal;
}
