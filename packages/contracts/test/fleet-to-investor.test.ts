import {
  type Address,
  assets,
  market,
  pool,
  poolDayCount,
  poolPrincipal,
  poolStep,
  pools,
  usage,
} from "@ruffchain/abi";
import { receiptToBeSigned } from "@ruffchain/cose";
import { expect, test } from "vitest";
import { account, CHAIN_ID, eventOf, openChain } from "./chain.js";
import { ANYWHERE, installDevice, makeAsset, rateCard } from "./fleet.js";
import { makeCurrency } from "./money.js";

const [bank, firm, renter, senior, junior] = [account(0), account(1), account(2), account(3), account(4)];
const HOUR = 3_600n;

test("what renters pay reaches the investors of the pool that is the car's payee", async () => {
  const chain = await openChain([bank, firm, renter, senior, junior]);
  const currency = await makeCurrency(chain, bank, [renter, senior, junior], 1_000_000n);
  const car = await makeAsset(chain, firm, "car-1");
  const device = await installDevice(chain, firm, car, "p256");
  const from = chain.now() + 600n;
  const payday = from + 3n * HOUR;
  const step = (kind: number, target = 0) => ({ kind, target });
  const tranche = (symbol: string, face: bigint) => {
    return { name: symbol, symbol, face, rate: 0n, dayCount: poolDayCount.seconds365 };
  };
  const { events } = await chain.send(firm, pools, "create", [
    {
      name: "Cars",
      currency: currency.address,
      servicer: firm.id,
      seniorFee: 100n,
      servicingRate: 0n,
      reserve: 0n,
      overcollateralization: 0n,
      principalMode: poolPrincipal.sequential,
      recordLag: 60,
      initialValue: 10_000n,
      paymentDates: [payday],
      values: [0n],
      tranches: [tranche("SNR", 2_000n), tranche("JNR", 1_000n)],
      steps: [
        step(poolStep.seniorFees),
        step(poolStep.priorityPrincipal, 0),
        step(poolStep.priorityPrincipal, 1),
        step(poolStep.residual),
      ],
    },
  ]);
  const cars = pool((eventOf(events, "PoolCreated").pool as Address).toLowerCase() as Address);
  for (const [investor, rank, units] of [
    [senior, 0, 2_000n],
    [junior, 1, 1_000n],
  ] as const) {
    await chain.send(investor, currency, "approve", [cars.address, units]);
    await chain.send(investor, cars, "subscribe", [rank, units]);
  }
  await chain.send(firm, cars, "close", []);
  await chain.send(firm, assets, "setPayee", [car, cars.address]);

  const card = await chain.send(firm, market, "setRateCard", [car, rateCard(currency)]);
  await chain.send(renter, currency, "approve", [market.address, 1_000_000n]);
  await chain.send(renter, currency, "approve", [usage.address, 1_000_000n]);
  const id = eventOf(card.events, "RateCardSet").id as bigint;
  const booked = await chain.send(renter, market, "book", [id, from, from + 2n * HOUR, ANYWHERE]);
  const right = eventOf(booked.events, "Booked").right as bigint;
  await chain.send(renter, usage, "open", [right]);
  await chain.waitUntil(from + 2n * HOUR);
  const receipt = {
    ...{ device: device.id, sequence: 1n, right, time: from, odometer: 0n, energy: 0n },
    ...{ latitude: 525_200_000, longitude: 134_050_000, leftArea: false },
  };
  const returned = { ...receipt, sequence: 2n, time: from + 2n * HOUR, odometer: 10_000n };
  const checkOut = device.sign(receiptToBeSigned(CHAIN_ID, device.kind, "checkOut", receipt));
  await chain.send(firm, usage, "checkOut", [receipt, checkOut]);
  const checkIn = device.sign(receiptToBeSigned(CHAIN_ID, device.kind, "checkIn", returned));
  await chain.send(firm, usage, "checkIn", [returned, checkIn]);

  // Two hours at 12.00 and 10 km at 0.30 are 27.00: the fee of 1.00, the senior's 20.00, and 6.00 for the junior.
  const distributed = await chain.waitUntil(payday);
  expect(eventOf(distributed, "Distributed")).toMatchObject({ collected: 2_700n, fees: 100n, residual: 0n });
  await chain.send(senior, cars, "claim", [0]);
  await chain.send(junior, cars, "claim", [1]);
  await chain.send(firm, cars, "withdraw", []);
  expect(await chain.read(currency, "balanceOf", [senior.id])).toBe(1_000_000n);
  expect(await chain.read(currency, "balanceOf", [junior.id])).toBe(999_600n);
  expect(await chain.read(currency, "balanceOf", [firm.id])).toBe(3_100n);
  expect(await chain.read(currency, "balanceOf", [renter.id])).toBe(1_000_000n - 2_700n);
  expect(await chain.read(currency, "balanceOf", [cars.address])).toBe(0n);
});
