import { chainParameter, proposalState } from "@ruffchain/abi";
import type { Revert } from "@ruffchain/kernel";
import { nextNumber } from "../next-number.js";
import { disagreement, RATE_ONE } from "./parameters.js";
import { definitionOf, ONLY, type Proposal, parameterValue, proposalOf, type View, type Write } from "./tables.js";
import { tally } from "./tally.js";

/** Proposals that are voted on at one time. */
export const MAX_OPEN_PROPOSALS = 16;
/** Lengths in UTF-16 units. */
export const MAX_TITLE_LENGTH = 128;
export const MAX_DOCUMENT_LENGTH = 256;
export const MAX_UPGRADE_NAME_LENGTH = 32;
/** Heights are 48 bits in the kernel's parameters. */
export const MAX_UPGRADE_HEIGHT = 2n ** 48n - 1n;
/** Parameters that one proposal changes. */
export const MAX_CHANGES = 16;

const COUNTER = 0;

type Tally = ReturnType<typeof tally>;

export interface Change {
  readonly parameter: number;
  readonly value: bigint;
}

export interface Proposed {
  readonly changes: readonly Change[];
  readonly upgradeName: string;
  readonly upgradeHeight: bigint;
}

export function openProposals(ctx: View): bigint[] {
  return [...ctx.tables.proposals.rowsBy("byState", [proposalState.voting])].map(({ key: [id] }) => id);
}

/** Opens the vote; what was sent along is the deposit. */
export function propose(ctx: Write, title: string, document: string, proposed: Proposed): bigint {
  if (title.length === 0 || title.length > MAX_TITLE_LENGTH) throw ctx.error("BadTitle", title, MAX_TITLE_LENGTH);
  if (document.length > MAX_DOCUMENT_LENGTH) throw ctx.error("BadDocument", document, MAX_DOCUMENT_LENGTH);
  const least = parameterValue(ctx, definitionOf(ctx, chainParameter.minDeposit));
  if (ctx.value < least) throw ctx.error("DepositTooLow", ctx.value, least);
  const problem = problemOf(ctx, proposed);
  if (problem) throw problem;
  if (openProposals(ctx).length >= MAX_OPEN_PROPOSALS) makeRoom(ctx, ctx.value);

  const id = nextNumber(ctx.tables.counters, COUNTER);
  const votingEnd = ctx.time + parameterValue(ctx, definitionOf(ctx, chainParameter.votingPeriod));
  const { changes, upgradeName, upgradeHeight } = proposed;
  ctx.tables.proposals.set(id, {
    proposer: ctx.sender,
    state: proposalState.voting,
    votingEnd,
    deposit: ctx.value,
    title,
    document,
    parameters: changes.map(({ parameter }) => parameter),
    values: changes.map(({ value }) => value),
    upgradeName,
    upgradeHeight,
    active: 0n,
    yes: 0n,
    no: 0n,
    abstain: 0n,
    veto: 0n,
  });
  ctx.schedule(votingEnd, "close", id);
  ctx.emit("Proposed", id, ctx.sender, title, document, changes, upgradeName, upgradeHeight, votingEnd, ctx.value);
  return id;
}

/**
 * Displaces the open proposal with the lowest deposit, the newest of those, for one that has at least twice as much: nobody
 * shuts out others at the price of the minimum. Only those go whose deposit would be burnt as the votes are now.
 */
function makeRoom(ctx: Write, deposit: bigint): void {
  const open = openProposals(ctx).map((id) => ({ id, proposal: proposalOf(ctx, id) }));
  const lower = open.filter(({ proposal }) => deposit > 0n && 2n * proposal.deposit <= deposit).reverse();
  for (const { id, proposal } of lower.sort((a, b) => Number(a.proposal.deposit - b.proposal.deposit))) {
    const counted = tally(ctx, id);
    if (isBurnt(outcomeOf(ctx, counted))) return close(ctx, id, proposal, counted, proposalState.displaced);
  }
  throw ctx.error("TooManyProposals", MAX_OPEN_PROPOSALS);
}

/** Why a proposal cannot be carried out now. */
function problemOf(ctx: View, { changes, upgradeName, upgradeHeight }: Proposed): Revert | undefined {
  for (const { parameter, value } of changes) {
    const { lowest, highest } = definitionOf(ctx, parameter);
    if (value < lowest || value > highest) return ctx.error("ParameterOutOfRange", parameter, value, lowest, highest);
  }
  const changed = new Map(changes.map(({ parameter, value }) => [parameter, value]));
  const pair = disagreement((number) => changed.get(number) ?? parameterValue(ctx, definitionOf(ctx, number)));
  if (pair) return ctx.error("ParametersDisagree", ...pair);
  if (upgradeName === "") return undefined;
  const earliest = BigInt(ctx.height) + 1n;
  if (upgradeHeight < earliest) return ctx.error("UpgradeTooEarly", upgradeHeight, earliest);
  return upgradeHeight > MAX_UPGRADE_HEIGHT
    ? ctx.error("UpgradeTooLate", upgradeHeight, MAX_UPGRADE_HEIGHT)
    : undefined;
}

export function changesOf({ parameters, values }: Proposal): Change[] {
  return parameters.map((parameter, i) => ({ parameter, value: values[i] as bigint }));
}

/** Counts the votes, and does what was decided. Those that were displaced are closed already. */
export function closeVote(ctx: Write, id: bigint, proposal: Proposal): void {
  if (proposal.state !== proposalState.voting) return;
  const counted = tally(ctx, id);
  let state: number = outcomeOf(ctx, counted);
  const proposed = { ...proposal, changes: changesOf(proposal) };
  if (state === proposalState.passed) {
    if (problemOf(ctx, proposed) || !carriesOut(ctx, proposed)) state = proposalState.failed;
  }
  const burns = isBurnt(state);
  if (burns && proposal.deposit > 0n) {
    ctx.chain.burn(proposal.deposit);
    ctx.tables.burnt.set(ONLY, (ctx.tables.burnt.get(ONLY) ?? 0n) + proposal.deposit);
    ctx.emit("DepositBurnt", id, proposal.deposit);
  }
  close(ctx, id, burns ? { ...proposal, deposit: 0n } : proposal, counted, state);
}

function close(ctx: Write, id: bigint, proposal: Proposal, counted: Tally, state: number): void {
  ctx.tables.proposals.set(id, { ...proposal, ...counted, state });
  ctx.emit("Closed", id, state, counted);
}

/** Whether the deposit is. */
function isBurnt(state: number): boolean {
  return state === proposalState.quorumMissed || state === proposalState.vetoed;
}

function outcomeOf(ctx: View, { active, yes, no, abstain, veto }: Tally) {
  const reaches = (part: bigint, whole: bigint, rate: number) =>
    part * RATE_ONE >= whole * parameterValue(ctx, definitionOf(ctx, rate));
  const turnout = yes + no + abstain + veto;
  if (turnout === 0n || !reaches(turnout, active, chainParameter.quorum)) return proposalState.quorumMissed;
  if (reaches(veto, turnout, chainParameter.veto)) return proposalState.vetoed;
  const decided = yes + no + veto;
  // More than half, where the threshold is a half.
  const passes = yes > no + veto && reaches(yes, decided, chainParameter.threshold);
  return passes ? proposalState.passed : proposalState.rejected;
}

/** Does what was decided: all of it, or nothing where the kernel does not take its part, so that the vote is closed still. */
function carriesOut(ctx: Write, { changes, upgradeName, upgradeHeight }: Proposed): boolean {
  let forKernel: Parameters<Write["chain"]["setParameters"]>[0] =
    changes.length > 0 ? {} : { upgradeName, upgradeHeight: Number(upgradeHeight) };
  for (const { parameter, value } of changes) {
    const definition = definitionOf(ctx, parameter);
    if (definition.keptBy === "kernel") forKernel = { ...forKernel, ...definition.set(value) };
  }
  try {
    ctx.chain.setParameters(forKernel);
  } catch {
    return false;
  }
  for (const { parameter, value } of changes) {
    if (definitionOf(ctx, parameter).keptBy === "governance") ctx.tables.parameters.set(parameter, value);
    ctx.emit("ParameterChanged", parameter, value);
  }
  if (changes.length === 0) ctx.emit("UpgradeDecided", upgradeName, upgradeHeight);
  return true;
}
