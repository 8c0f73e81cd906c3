import { moveReason, receivableState, receivables } from "@ruffchain/abi";
import { zeroHash } from "viem";
import { CliError } from "../cli-error.js";
import type { Fleet } from "./fleet.js";
import { money, roundHalfUp } from "./ledger.js";
import { now, numberIn, type Person, type World } from "./world.js";

const AMOUNT = 1_190_00n;
const TO_PARTS_MAKER = 400_00n;
const TO_FUNDER = 500_00n;
/** Discount a year, in 1e-8: 6 %. */
const RATE = 6_000_000n;
const DAYS_PER_YEAR = 365n;

export interface Receivable {
  readonly id: bigint;
  readonly due: bigint;
  /** Holdings and whose they are. */
  readonly holdings: readonly (readonly [holder: Person, holding: bigint, amount: bigint])[];
}

/** The garage's invoice: confirmed by the firm, passed on in part, sold in part. */
export async function financeInvoice(world: World, { currency }: Fleet, due: bigint): Promise<Receivable> {
  world.chapter("A supplier's receivable");
  const invoice = {
    buyer: world.address("firm"),
    number: "2026-0815",
    issueDate: now(),
    dueDate: due,
    currency: currency.address,
    amount: AMOUNT,
    document: zeroHash,
  };
  const id = numberIn(await world.send("garage", receivables, "register", [invoice]), "Registered", "id");
  const refused = await world.refusal("garage", receivables, "register", [invoice]);
  world.tell(`the garage registers its invoice over ${money(AMOUNT)}; a second time it is refused with ${refused}`);
  await world.send("firm", currency, "approve", [receivables.address, AMOUNT]);
  const first = numberIn(await world.send("firm", receivables, "confirm", [id]), "Confirmed", "holding");
  world.tell("the firm confirms that it will pay at maturity");

  const passed = await world.send("garage", receivables, "move", [
    first,
    world.address("parts"),
    TO_PARTS_MAKER,
    moveReason.payment,
  ]);
  world.tell(`the garage pays its own supplier with ${money(TO_PARTS_MAKER)} of it`);
  await world.send("garage", receivables, "ask", [first, TO_FUNDER, RATE]);
  const price = TO_FUNDER - roundHalfUp(TO_FUNDER * RATE, 100_000_000n * DAYS_PER_YEAR);
  await world.send("funder", currency, "approve", [receivables.address, price]);
  const sold = await world.send("funder", receivables, "finance", [first, TO_FUNDER, price]);
  world.ledger.move(world.address("funder"), world.address("garage"), price);
  world.tell(`and sells ${money(TO_FUNDER)} to the factor for ${money(price)} today`);
  return {
    id,
    due,
    holdings: [
      ["garage", first, AMOUNT - TO_PARTS_MAKER - TO_FUNDER],
      ["parts", numberIn(passed, "Moved", "created"), TO_PARTS_MAKER],
      ["funder", numberIn(sold, "Moved", "created"), TO_FUNDER],
    ],
  };
}

/** At maturity the scheduler takes the sum from the firm's balance; the holders claim it. */
export async function collectAtMaturity(world: World, { id, due, holdings }: Receivable): Promise<void> {
  world.chapter("Maturity");
  await world.until(due + 1n);
  const { state } = await world.read(receivables, "receivable", [id]);
  if (state !== receivableState.settled) throw new CliError(`the receivable is in state ${state}, not settled`);
  world.ledger.move(world.address("firm"), receivables.address, AMOUNT);
  world.tell(`the scheduler takes ${money(AMOUNT)} from the firm's balance`);
  for (const [holder, holding, amount] of holdings) {
    await world.send(holder, receivables, "claim", [holding]);
    world.ledger.move(receivables.address, world.address(holder), amount);
  }
  world.tell(`garage, parts maker and factor claim ${holdings.map(([, , amount]) => money(amount)).join(", ")}`);
}
