import { assetClass, assets, rightScope, rights } from "@ruffchain/abi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { account, type Chain, eventOf, GENESIS_TIME, openChain, Reverted } from "./chain.js";

const [firm, ann, bob] = [account(0), account(1), account(2)];
const CAR = 1n;
const START = GENESIS_TIME + 100n;

/** What may go wrong with a step that takes no account of what is there. */
const REFUSALS = [
  ...["Overlap", "BadWindow", "NotHolder", "RightEnded", "NotInside", "NotMergeable"],
  ...["ERC721NonexistentToken", "ERC721IncorrectOwner", "ERC721InsufficientApproval"],
];

/** A right by its place among those that were made; a step of a stranger is not sent by the holder. */
const existing = { pick: fc.nat({ max: 20 }), stranger: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) };
const seconds = fc.bigInt({ min: 0n, max: 300n });
const step = fc.oneof(
  fc.record({ name: fc.constant("grant" as const), from: seconds, length: seconds }),
  fc.record({ name: fc.constant("divide" as const), ...existing, at: seconds }),
  fc.record({ name: fc.constant("merge" as const), ...existing, next: fc.boolean() }),
  fc.record({ name: fc.constant("surrender" as const), ...existing }),
  fc.record({ name: fc.constant("transfer" as const), ...existing }),
  fc.record({ name: fc.constant("wait" as const), seconds: fc.bigInt({ min: 1n, max: 60n }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Each kind of step succeeds here, whatever chance brings: the parts of a divided right are merged again. */
const EACH_STEP: Step[] = [
  { name: "grant", from: 100n, length: 100n },
  { name: "divide", pick: 0, stranger: false, at: 50n },
  { name: "merge", pick: 0, stranger: false, next: true },
  { name: "transfer", pick: 0, stranger: false },
  { name: "wait", seconds: 30n },
  { name: "surrender", pick: 0, stranger: false },
];

/** Who may use the car in each second: the whole truth about rights, kept as naively as can be. */
type Model = Map<bigint, string>;

function assign(model: Model, from: bigint, until: bigint, holder: string | undefined): void {
  for (let second = from; second < until; second++) {
    if (holder === undefined) model.delete(second);
    else model.set(second, holder);
  }
}

async function perform(chain: Chain, one: Step, ids: bigint[], model: Model): Promise<void> {
  if (one.name === "wait") {
    await chain.waitUntil(chain.now() + one.seconds);
    return;
  }
  if (one.name === "grant") {
    const [from, until] = [START + one.from, START + one.from + one.length];
    const terms = { area: `0x${"00".repeat(32)}`, scope: rightScope.unlock, maxAge: 60, terms: 0n } as const;
    const { events } = await chain.send(firm, rights, "grant", [{ asset: CAR, holder: ann.id, from, until, ...terms }]);
    for (let second = from; second < until; second++) expect(model.has(second)).toBe(false);
    assign(model, from, until, ann.address);
    ids.push(eventOf(events, "Granted").id as bigint);
    return;
  }
  const id = ids[one.pick % ids.length] ?? 1n;
  const right = await chain.read(rights, "right", [id]);
  const holder = right.holder === ann.address ? ann : bob;
  const other = holder === ann ? bob : ann;
  const sender = one.stranger ? other : holder;
  if (one.name === "divide") {
    const at = right.from + (one.at % (right.until - right.from + 1n));
    const { events } = await chain.send(sender, rights, "divide", [id, at]);
    ids.push(eventOf(events, "Divided").later as bigint);
  } else if (one.name === "merge") {
    const later = one.next ? (await chain.read(rights, "rightAt", [CAR, right.until])).id : id;
    await chain.send(sender, rights, "merge", [id, later]);
  } else if (one.name === "surrender") {
    await chain.send(sender, rights, "surrender", [id]);
    const now = chain.now();
    assign(model, now > right.from ? now : right.from, right.until, undefined);
  } else {
    await chain.send(sender, rights, "transferFrom", [holder.id, other.id, id]);
    assign(model, right.from, right.until, other.address);
  }
}

/** The same as the model, read from the rights. */
async function covered(chain: Chain, ids: readonly bigint[]): Promise<Model> {
  const model: Model = new Map();
  for (const id of ids) {
    if (!(await chain.read(rights, "exists", [id]))) continue;
    const { from, until, holder } = await chain.read(rights, "right", [id]);
    expect(from).toBeLessThan(until);
    for (let second = from; second < until; second++) expect(model.has(second), `overlap at ${second}`).toBe(false);
    assign(model, from, until, holder);
  }
  return model;
}

test("whatever is called, rights never overlap, and time changes hands but is neither made nor lost", async () => {
  const done = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const chain = await openChain([firm, ann, bob]);
      await chain.send(firm, assets, "register", [assetClass.other, "S1"]);
      const ids: bigint[] = [];
      const model: Model = new Map();
      for (const one of steps) {
        try {
          await perform(chain, one, ids, model);
          done.set(one.name, (done.get(one.name) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof Reverted) || ![...REFUSALS, "NoRightAt"].includes(error.errorName)) throw error;
        }
      }
      const bySecond = (model: Model) => [...model].sort(([a], [b]) => Number(a - b));
      expect(bySecond(await covered(chain, ids))).toEqual(bySecond(model));
    }),
    { numRuns: 25, examples: [[EACH_STEP]] },
  );
  // The steps of the example, at least, were not refused.
  expect([...done.keys()].sort()).toEqual(["divide", "grant", "merge", "surrender", "transfer", "wait"]);
});
