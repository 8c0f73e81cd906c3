import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { market, receivables, usage } from "@ruffchain/abi";
import { simulateCar } from "@ruffchain/edge/simulate";
import { Aedes } from "aedes";
import { type Address, createWalletClient, http, parseEther } from "viem";
import { CliError } from "../cli-error.js";
import { table } from "../output.js";
import { trustInGenesis } from "../trusted-header.js";
import { openCar, Phone, refuseStale } from "./access.js";
import { Child } from "./child.js";
import { verifyTelemetry } from "./evidence.js";
import { card, type Enrolment, foundCurrency, metresOf, registerFleet } from "./fleet.js";
import { money, roundHalfUp } from "./ledger.js";
import { collectAtMaturity, financeInvoice } from "./receivable.js";
import { rent } from "./rental.js";
import { distribute, securitize } from "./securitization.js";
import { checkOut, driveAndReturn, openSession } from "./usage.js";
import { cast, now, type Person, World } from "./world.js";

const LOG = fileURLToPath(import.meta.resolve("@ruffchain/edge/data/nl2008u.log"));
const BOARD = fileURLToPath(import.meta.resolve("@ruffchain/edge/boards/car.json"));
/** The pool pays so long after it is made: the rental has to be over by then. */
const LEAST_SECONDS_TO_PAYMENT = 20;
/** How much longer than what comes before the pool the story until its payment date takes, at most, on any machine. */
const PAYMENT_PACE = 4;
const MATURITY_AFTER_PAYMENT = 3n;
const EPOCHS_PER_SECOND = 3;

export interface Balance {
  readonly who: string;
  readonly before: string;
  readonly after: string;
  readonly expected: string;
  readonly ok: boolean;
}

export interface StoryReport {
  readonly rpc: string;
  readonly data: string;
  readonly seconds: number;
  readonly events: World["events"];
  readonly balances: readonly Balance[];
  readonly evidence: Awaited<ReturnType<typeof verifyTelemetry>>;
}

export interface Story {
  readonly report: StoryReport;
  readonly node: Child;
}

export interface NodeReady {
  readonly rpc: string;
  readonly operator: string;
  readonly chainId: string;
}

/** The node of the story as a process of its own, on the data that it has. */
export async function startStoryNode(data: string, rpcPort: number): Promise<{ node: Child; ready: NodeReady }> {
  const node = new Child([
    ...["node", "--dev", "--json", "--data", `${data}/node`, "--log-level", "warn"],
    ...["--rpc-port", String(rpcPort), "--operator-port", "0", "--block-time", "200", "--empty-block-time", "400"],
  ]);
  return { node, ready: await node.ready<NodeReady>() };
}

/** Tells the story from end to end. Whatever it started, but the node, has ended when this settles. */
export async function tellStory(data: string, rpcPort: number): Promise<Story> {
  const started = Date.now();
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const opened: (() => Promise<unknown>)[] = [];
  const { node, ready } = await startStoryNode(data, rpcPort);
  try {
    const report = await tell(data, node, ready.rpc, started, opened);
    return { report, node };
  } catch (error) {
    await node.stop();
    throw error;
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

async function tell(
  data: string,
  node: Child,
  rpc: string,
  started: number,
  opened: (() => Promise<unknown>)[],
): Promise<StoryReport> {
  const world = await World.open(rpc);
  const genesis = `${data}/node/genesis.json`;
  const edgeData = `${data}/car`;
  const broker = await openBroker(opened);
  const car = await simulateCar({
    brokerUrl: broker,
    log: readFileSync(LOG, "latin1"),
    epochsPerSecond: EPOCHS_PER_SECOND,
  });
  opened.push(() => car.close());

  const enrol = new Child([
    "edge",
    "enrol",
    "--data",
    edgeData,
    "--genesis",
    genesis,
    "--owner",
    world.address("firm"),
    "--json",
  ]);
  const [currency, enrolment] = await Promise.all([foundCurrency(world), enrol.ready<Enrolment>()]);
  await fundGas(world, enrolment.account);
  const fleet = await registerFleet(world, currency, enrolment);

  const board = { ...JSON.parse(readFileSync(BOARD, "utf8")), mqtt: { broker } };
  board.telemetry = { ...board.telemetry, batchSeconds: 2 };
  writeFileSync(`${data}/board.json`, JSON.stringify(board, null, 2));
  const edge = new Child([
    ...["edge", "run", "--json", "--data", edgeData, "--genesis", genesis, "--board", `${data}/board.json`],
    ...["--asset", String(fleet.asset), "--rpc", rpc, "--anchor-every", "3", "--log-level", "warn"],
  ]);
  opened.push(() => edge.stop());
  const starting = edge.ready<{ door: string }>();

  const people = Object.keys(cast) as Person[];
  const before = new Map(people.map((person) => [person, world.ledger.of(world.address(person))]));
  const secondsSoFar = (Date.now() - started) / 1000;
  const toPayment = Math.max(LEAST_SECONDS_TO_PAYMENT, Math.ceil(PAYMENT_PACE * secondsSoFar));
  const deal = await securitize(world, fleet, now() + BigInt(toPayment));
  const { right } = await rent(world, fleet, deal.pool.address);
  await openSession(world, fleet, right);
  const { door } = await starting;
  const phone = new Phone(world, fleet, door);
  const stale = { grant: await phone.grant(right), takenAt: Date.now() };

  const receivable = await financeInvoice(world, fleet, deal.paymentDate + MATURITY_AFTER_PAYMENT);
  await checkOut(world, await openCar(world, phone, node, right));
  const metres = metresOf(LOG);
  await driveAndReturn(world, phone, car, right, metres, deal.pool.address);
  await refuseStale(world, phone, right, stale);
  const evidence = await verifyTelemetry(world, fleet, phone, trustInGenesis(genesis));

  const earned = 2n * card.pricePerHour + roundHalfUp(metres * card.pricePerKm, 1000n) + card.areaFee;
  await distribute(world, deal, earned);
  await collectAtMaturity(world, receivable);

  world.chapter("The books");
  const balances = await compareBalances(world, currency, before, deal.pool.address);
  const wrong = balances.filter(({ ok }) => !ok);
  if (wrong.length > 0) {
    const rows = wrong.map(({ who, after, expected }) => ({ who, "on the chain": after, "in the story": expected }));
    throw new CliError(`the chain's balances are not the story's:\n${table(rows)}`);
  }
  world.tell("every balance is what the story says, to the cent");
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  return { rpc, data, seconds, events: world.events, balances, evidence };
}

async function openBroker(opened: (() => Promise<unknown>)[]): Promise<string> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** The device pays for its own anchors. */
async function fundGas(world: World, account: Address): Promise<void> {
  const wallet = createWalletClient({ account: world.account("firm"), transport: http(world.rpc) });
  const hash = await wallet.sendTransaction({
    to: account,
    value: parseEther("10"),
    chain: world.client.chain ?? null,
  } as never);
  await world.client.waitForTransactionReceipt({ hash });
}

async function compareBalances(
  world: World,
  currency: Awaited<ReturnType<typeof foundCurrency>>,
  before: ReadonlyMap<Person, bigint>,
  pool: Address,
): Promise<Balance[]> {
  const people = (Object.keys(cast) as Person[]).map(
    (person) => [cast[person], world.address(person), before.get(person)] as const,
  );
  const contracts = [
    ["Pool", pool, 0n],
    ["Market", market.address, 0n],
    ["Usage", usage.address, 0n],
    ["Receivables", receivables.address, 0n],
  ] as const;
  return Promise.all(
    [...people, ...contracts].map(async ([who, address, start]) => {
      const after = await world.read(currency, "balanceOf", [address]);
      const expected = world.ledger.of(address);
      return {
        who,
        before: money(start ?? 0n),
        after: money(after),
        expected: money(expected),
        ok: after === expected,
      };
    }),
  );
}
