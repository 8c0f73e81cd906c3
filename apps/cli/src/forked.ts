import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  attackEvidence,
  encodeCommit,
  encodeHeader,
  encodeTrustedState,
  type ForkEvidence,
  type LightBlock,
  LightError,
  lightClientAttack,
  type Provider,
} from "@ruffchain/light";
import { BaseError, toHex } from "viem";
import { CliError } from "./cli-error.js";
import { failureText } from "./failure-text.js";
import { call, providerAt } from "./provider-at.js";

/** How long a node that is asked to take evidence is waited for to have the block after the fork's. */
const NEXT_BLOCK_SECONDS = 10;

/** Evidence against the block that one node shows, for the CometBFT of the other one. */
interface Accusation {
  readonly against: string;
  readonly reportTo: string;
  readonly evidence: object;
}

/**
 * What to say of a fork, once its evidence is in a file and, where that is wanted, was handed to both nodes: the one that
 * is on the chain's side takes it, and who signed the other block is slashed.
 */
export async function forked(
  fork: ForkEvidence,
  nodes: readonly [string, string],
  { folder = process.cwd(), report }: { readonly folder: string | undefined; readonly report: boolean },
): Promise<CliError> {
  const [rpc, witness] = nodes;
  const accusations = (await Promise.all([accuse(fork, 0, nodes), accuse(fork, 1, nodes)])).flat();
  const height = fork.ways[0].at(-1)?.header.height;
  const where = join(folder, `fork-${height}.json`);
  const written = {
    trusted: toHex(encodeTrustedState(fork.common)),
    ways: fork.ways.map((way, index) => ({ node: nodes[index], blocks: way.map(inHex) })),
    accusations,
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(where, `${JSON.stringify(written, null, 2)}\n`);
  const outcomes = report
    ? await Promise.all(accusations.map(handIn))
    : ["With --report both nodes are told, so that it is punished"];
  if (accusations.length < 2)
    outcomes.push("One of them cannot be told: it no longer answers, or no longer has another block");
  return new CliError(
    [
      `the chain has forked: ${rpc} and ${witness} have different blocks ${height}, and both are signed`,
      `Trust neither; the evidence is in ${where}`,
      ...outcomes,
    ].join(". "),
  );
}

/** Against one side of the fork, for the other. A node that no longer answers is told nothing, but the fork remains one. */
async function accuse(
  { common, ways }: ForkEvidence,
  accused: 0 | 1,
  nodes: readonly [string, string],
): Promise<Accusation[]> {
  const judge = accused === 0 ? 1 : 0;
  const [against, reportTo] = [nodes[accused], nodes[judge]];
  const node = providerAt(reportTo);
  try {
    await hasNext(node, ways[judge].at(-1)?.header.height ?? 0);
    const attack = await lightClientAttack(common, ways[accused], node);
    return attack ? [{ against, reportTo, evidence: attackEvidence(attack) }] : [];
  } catch (error) {
    if (error instanceof LightError || error instanceof BaseError) return [];
    throw error;
  }
}

async function hasNext(node: Provider, height: number): Promise<void> {
  for (let second = 0; second < NEXT_BLOCK_SECONDS; second++) {
    if ((await node.signedHeader("latest")).header.height > height) return;
    await sleep(1000);
  }
}

async function handIn({ against, reportTo, evidence }: Accusation): Promise<string> {
  try {
    await call(reportTo, "broadcast_evidence", [{ evidence }]);
    return `${reportTo} has taken the evidence against ${against}`;
  } catch (error) {
    return `${reportTo} does not take the evidence against ${against}: ${failureText(error)}`;
  }
}

function inHex({ header, commit }: LightBlock): object {
  return { header: toHex(encodeHeader(header)), commit: toHex(encodeCommit(commit)) };
}
