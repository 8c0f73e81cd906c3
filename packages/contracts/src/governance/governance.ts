import { addresses, governance, governanceAbi, proposalState, staking, voteChoice } from "@ruffchain/abi";
import { type Contract, contract, GenesisError } from "@ruffchain/kernel";
import { disagreement, parameterDefinitions } from "./parameters.js";
import { changesOf, closeVote, MAX_CHANGES, MAX_UPGRADE_NAME_LENGTH, openProposals, propose } from "./proposals.js";
import {
  definitionOf,
  ONLY,
  type Proposal,
  parameterValue,
  proposalOf,
  tables,
  type View,
  type Write,
} from "./tables.js";
import { addShares, type Choice, isChoice, setValidatorVote, tally } from "./tally.js";

function votingOn(ctx: View, id: bigint): void {
  const { state, votingEnd } = proposalOf(ctx, id);
  if (state !== proposalState.voting || ctx.time >= votingEnd) throw ctx.error("NotVoting", id);
}

function choiceOf(ctx: View, choice: number): Choice {
  if (!isChoice(choice)) throw ctx.error("BadChoice", choice);
  return choice;
}

function viewOf(ctx: View, id: bigint, proposal: Proposal) {
  const { proposer, title, document, state, votingEnd, deposit, upgradeName, upgradeHeight } = proposal;
  const { active, yes, no, abstain, veto } = state === proposalState.voting ? tally(ctx, id) : proposal;
  return {
    id,
    proposer,
    title,
    document,
    state,
    votingEnd,
    deposit,
    changes: changesOf(proposal),
    upgradeName,
    upgradeHeight,
    tally: { active, yes, no, abstain, veto },
  };
}

/** Takes the parameters of the genesis file. */
function writeGenesisParameters(ctx: Write, parameters: Readonly<Record<string, bigint>>): void {
  const own = parameterDefinitions.filter((one) => one.keptBy === "governance");
  for (const [name, value] of Object.entries(parameters)) {
    const path = `app_state.parameters.${name}`;
    const definition = own.find((one) => one.name === name);
    if (!definition) {
      throw new GenesisError(path, `is unknown: parameters are ${own.map((one) => one.name).join(", ")}`);
    }
    const { lowestAtGenesis, highest } = definition;
    const lowest = lowestAtGenesis ?? definition.lowest;
    if (value < lowest || value > highest) throw new GenesisError(path, `must be from ${lowest} to ${highest}`);
    ctx.tables.parameters.set(definition.number, value);
  }
  const pair = disagreement((number) => parameterValue(ctx, definitionOf(ctx, number)));
  if (!pair) return;
  const [one, other] = pair.map((number) => definitionOf(ctx, number).name);
  throw new GenesisError(`app_state.parameters.${one}`, `does not go together with ${other}`);
}

/** What all nodes are set to, and how they change it. */
export const governanceContract: Contract = contract({
  name: "Governance",
  address: governance.address,
  abi: governanceAbi,
  tables,
  functions: {
    proposeParameters(ctx, title, document, changes) {
      if (changes.length === 0 || changes.length > MAX_CHANGES) {
        throw ctx.error("BadChangeCount", BigInt(changes.length), MAX_CHANGES);
      }
      return propose(ctx, title, document, { changes, upgradeName: "", upgradeHeight: 0n });
    },

    /** An empty name takes back what was decided. */
    proposeUpgrade(ctx, title, document, name, height) {
      if (name.length > MAX_UPGRADE_NAME_LENGTH) throw ctx.error("BadUpgradeName", name, MAX_UPGRADE_NAME_LENGTH);
      return propose(ctx, title, document, {
        changes: [],
        upgradeName: name,
        upgradeHeight: name === "" ? 0n : height,
      });
    },

    vote(ctx, id, choice, validator) {
      votingOn(ctx, id);
      const chosen = choiceOf(ctx, choice);
      const { shares } = ctx.read(staking, "delegation", ctx.sender, validator);
      if (shares === 0n) throw ctx.error("NoStake", ctx.sender, validator);
      const before = ctx.tables.votes.get(id, validator, ctx.sender);
      if (before) addShares(ctx, id, validator, before.choice as Choice, -before.shares);
      addShares(ctx, id, validator, chosen, shares);
      ctx.tables.votes.set(id, validator, ctx.sender, { choice, shares });
      ctx.emit("Voted", id, ctx.sender, validator, choice, shares);
    },

    voteAsValidator(ctx, id, choice) {
      votingOn(ctx, id);
      ctx.read(staking, "validator", ctx.sender);
      setValidatorVote(ctx, id, ctx.sender, choiceOf(ctx, choice));
      ctx.emit("ValidatorVoted", id, ctx.sender, choice);
    },

    withdrawDeposit(ctx, id) {
      const proposal = proposalOf(ctx, id);
      const { deposit, proposer, state } = proposal;
      if (state === proposalState.voting || deposit === 0n) throw ctx.error("NothingToWithdraw", id);
      ctx.tables.proposals.set(id, { ...proposal, deposit: 0n });
      ctx.send(proposer, deposit);
      ctx.emit("DepositReturned", id, proposer, deposit);
    },

    /** Whoever moves stake away votes with the rest. */
    stakeReduced(ctx, delegator, validator, shares) {
      if (ctx.sender !== addresses.staking) throw ctx.error("OnlyStaking", ctx.sender);
      for (const id of openProposals(ctx)) {
        const vote = ctx.tables.votes.get(id, validator, delegator);
        if (!vote || vote.shares <= shares) continue;
        addShares(ctx, id, validator, vote.choice as Choice, shares - vote.shares);
        ctx.tables.votes.set(id, validator, delegator, { ...vote, shares });
        ctx.emit("Voted", id, delegator, validator, vote.choice, shares);
      }
    },

    parameter: (ctx, number) => parameterValue(ctx, definitionOf(ctx, number)),

    parameters: (ctx) =>
      parameterDefinitions.map((definition) => {
        const { name, number, lowest, highest } = definition;
        return { parameter: number, name, value: parameterValue(ctx, definition), lowest, highest };
      }),

    upgrade(ctx) {
      const { upgradeName, upgradeHeight } = ctx.chain.parameters();
      return [upgradeName, BigInt(upgradeHeight)] as const;
    },

    proposal: (ctx, id) => viewOf(ctx, id, proposalOf(ctx, id)),

    proposals(ctx, cursor, limit) {
      const page = ctx.tables.proposals.page([], { cursor, limit, reverse: true });
      return [page.rows.map(({ key: [id], value }) => viewOf(ctx, id, value)), page.cursor] as const;
    },

    openProposals,

    voteOf(ctx, id, validator, delegator) {
      const { choice, shares } = ctx.tables.votes.get(id, validator, delegator) ?? {
        choice: voteChoice.none,
        shares: 0n,
      };
      return [choice, shares] as const;
    },

    validatorVoteOf: (ctx, id, validator) => ctx.tables.validatorVotes.get(id, validator)?.choice ?? voteChoice.none,

    tally(ctx, id) {
      return viewOf(ctx, id, proposalOf(ctx, id)).tally;
    },

    burnt: (ctx) => ctx.tables.burnt.get(ONLY) ?? 0n,
  },
  scheduled: {
    close(ctx, id) {
      closeVote(ctx, id, proposalOf(ctx, id));
    },
  },
  chain: {
    genesis: (ctx, { parameters }) => writeGenesisParameters(ctx, parameters),
  },
});
