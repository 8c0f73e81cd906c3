import { assets, pool, poolDayCount, poolPrincipal, poolStep, pools } from "@ruffchain/abi";
import { CliError } from "../cli-error.js";
import type { Fleet } from "./fleet.js";
import { money, roundHalfUp } from "./ledger.js";
import { hexIn, type World } from "./world.js";

const SENIOR = { name: "Swift Cars 2026 A", symbol: "SWA", face: 600_000_00n, rate: 5_000_000n } as const;
const JUNIOR = { name: "Swift Cars 2026 B", symbol: "SWB", face: 200_000_00n, rate: 12_000_000n } as const;
const SENIOR_FEE = 1_00n;
/** A year's fee on the pool's value, in 1e-8; a twelfth is due on each payment date. */
const SERVICING_RATE = 10_000n;
const INITIAL_VALUE = 1_000_000_00n;
/** What the cars are worth on the payment dates: notes are paid down as they lose value. */
const VALUE = 999_950_00n;
const TARGET = 200_000_00n;
const RATE_SCALE = 100_000_000n;
const YEAR = 31_536_000n;
const MONTH = 30n * 86_400n;

export interface Deal {
  readonly pool: ReturnType<typeof pool>;
  readonly paymentDate: bigint;
  readonly closedAt: bigint;
}

/** The firm sells the cars' revenue to a pool, and investors buy its two tranches. */
export async function securitize(world: World, { currency, asset }: Fleet, paymentDate: bigint): Promise<Deal> {
  world.chapter("A pool and its investors");
  const dayCount = poolDayCount.seconds365;
  const created = await world.send("firm", pools, "create", [
    {
      name: "Swift Cars 2026",
      currency: currency.address,
      servicer: world.address("firm"),
      seniorFee: SENIOR_FEE,
      servicingRate: SERVICING_RATE,
      reserve: 0n,
      overcollateralization: TARGET,
      principalMode: poolPrincipal.proRata,
      recordLag: 1,
      initialValue: INITIAL_VALUE,
      paymentDates: [paymentDate, paymentDate + MONTH],
      values: [VALUE, VALUE],
      tranches: [
        { ...SENIOR, dayCount },
        { ...JUNIOR, dayCount },
      ],
      steps: [
        { kind: poolStep.seniorFees, target: 0 },
        { kind: poolStep.servicingFee, target: 0 },
        { kind: poolStep.classInterest, target: 0 },
        { kind: poolStep.classInterest, target: 1 },
        { kind: poolStep.regularPrincipal, target: 0 },
        { kind: poolStep.residual, target: 0 },
      ],
    },
  ]);
  const deal = pool(hexIn(created, "PoolCreated", "pool"));
  for (const [tranche, person, face] of [
    [0, "senior", SENIOR.face],
    [1, "junior", JUNIOR.face],
  ] as const) {
    await world.send(person, currency, "approve", [deal.address, face]);
    await world.send(person, deal, "subscribe", [tranche, face]);
    world.ledger.move(world.address(person), deal.address, face);
  }
  await world.send("firm", deal, "close", []);
  const { closedAt } = await world.read(deal, "status", []);
  const paid = await world.send("firm", deal, "withdraw", []);
  if (paid.length === 0) throw new CliError("the firm received nothing");
  world.ledger.move(deal.address, world.address("firm"), SENIOR.face + JUNIOR.face);
  await world.send("firm", assets, "setPayee", [asset, deal.address]);
  world.tell(`investors pay ${money(SENIOR.face)} for the senior and ${money(JUNIOR.face)} for the junior tranche`);
  world.tell("the car's revenue goes to the pool from now on");
  return { pool: deal, paymentDate, closedAt };
}

/** On the payment date the scheduler splits the pool's cash; holders claim. `collected` is what the story paid in. */
export async function distribute(
  world: World,
  { pool: deal, paymentDate, closedAt }: Deal,
  collected: bigint,
): Promise<void> {
  world.chapter("The payment date");
  await world.until(paymentDate + 1n);
  const report = await world.read(deal, "report", [1]);
  if (report.collected !== collected) throw new CliError(`the pool collected ${report.collected}, not ${collected}`);
  world.tell(`the scheduler splits the ${money(collected)} that the car earned`);

  const seconds = paymentDate - closedAt;
  let cash = collected;
  const pay = (due: bigint) => {
    const paid = due < cash ? due : cash;
    cash -= paid;
    return paid;
  };
  const fees = pay(SENIOR_FEE) + pay(roundHalfUp(INITIAL_VALUE * SERVICING_RATE, RATE_SCALE * 12n));
  const interest = [SENIOR, JUNIOR].map(({ face, rate }) => pay(roundHalfUp(face * rate * seconds, RATE_SCALE * YEAR)));
  const principal = pay(SENIOR.face + JUNIOR.face - (VALUE - TARGET));
  // In proportion to the balances, 3 to 1; a cent that is left over goes to the larger remainder.
  const seniorPrincipal = (principal * 3n + 2n) / 4n;
  const claims = [(interest[0] ?? 0n) + seniorPrincipal, (interest[1] ?? 0n) + principal - seniorPrincipal];
  for (const [tranche, person] of [
    [0, "senior"],
    [1, "junior"],
  ] as const) {
    await world.send(person, deal, "claim", [tranche]);
    world.ledger.move(deal.address, world.address(person), claims[tranche] ?? 0n);
  }
  await world.send("firm", deal, "withdraw", []);
  world.ledger.move(deal.address, world.address("firm"), fees + cash);
  world.tell(
    `senior ${money(claims[0] ?? 0n)}, junior ${money(claims[1] ?? 0n)}, fees ${money(fees)} and the rest ${money(cash)} to the firm`,
  );
}
