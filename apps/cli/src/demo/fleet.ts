import { readFileSync } from "node:fs";
import { assetClass, assets, devices, market, rightScope, rights, token, tokens } from "@ruffchain/abi";
import { type Area, areaToBytes, distanceMm } from "@ruffchain/geo";
import type { Address, Hex } from "viem";
import { toHex } from "viem";
import { money } from "./ledger.js";
import { hexIn, numberIn, type Person, type World } from "./world.js";

/** What everybody has of the currency when the story begins, in cents. */
const ENDOWMENT: Partial<Record<Person, bigint>> = {
  firm: 2_000_00n,
  anna: 500_00n,
  ben: 300_00n,
  senior: 600_000_00n,
  junior: 200_000_00n,
  funder: 5_000_00n,
};

/** The rate card, in cents. A right may be shown to the car for 10 seconds after its proof was made. */
export const card = {
  pricePerHour: 30_00n,
  pricePerKm: 50n,
  deposit: 100_00n,
  areaFee: 25_00n,
  maxAge: 10,
} as const;

const VIN = "WVWZZZ1JZXW000001";

/** Some 220 m to each side of where the car stands at first (Schramberg-Sulgen, in the Black Forest). */
export const area: Area = [
  { lat: 482_155_600, lon: 84_115_000 },
  { lat: 482_155_600, lon: 84_175_000 },
  { lat: 482_195_600, lon: 84_175_000 },
  { lat: 482_195_600, lon: 84_115_000 },
];

export interface Fleet {
  readonly currency: ReturnType<typeof token>;
  readonly asset: bigint;
  readonly device: Hex;
  readonly card: bigint;
  readonly area: Uint8Array;
  readonly areaHash: Hex;
}

export interface Enrolment {
  readonly device: Hex;
  readonly keyType: number;
  readonly publicKey: Hex;
  readonly signature: Hex;
  readonly account: Address;
}

export async function foundCurrency(world: World): Promise<Fleet["currency"]> {
  world.chapter("A currency");
  const created = await world.send("bank", tokens, "create", ["Euro on Ruff", "EURR", 2, false]);
  const currency = token(hexIn(created, "TokenCreated", "token"));
  for (const [person, amount] of Object.entries(ENDOWMENT) as [Person, bigint][]) {
    await world.send("bank", currency, "mint", [world.address(person), amount]);
    world.ledger.mint(world.address(person), amount);
  }
  world.tell(
    `the bank issues EURR, backed by euros, and pays out ${money(Object.values(ENDOWMENT).reduce((a, b) => a + b))}`,
  );
  return currency;
}

/** The firm registers a car and the device in it, and offers it. */
export async function registerFleet(world: World, currency: Fleet["currency"], enrolment: Enrolment): Promise<Fleet> {
  world.chapter("A car and its device");
  const registered = await world.send("firm", assets, "register", [assetClass.car, VIN]);
  const asset = numberIn(registered, "Registered", "id");
  world.tell(`the firm registers the car ${VIN} as asset ${asset}`);
  const { keyType, publicKey, signature, device } = enrolment;
  await world.send("firm", devices, "register", [keyType, publicKey, signature]);
  await world.send("firm", devices, "bind", [device, asset]);
  world.tell(`the device proves that it holds its P-256 key, and is bound to the car: ${device.slice(0, 18)}…`);
  const bytes = areaToBytes(area);
  const events = await world.send("firm", rights, "registerArea", [toHex(bytes)]);
  const areaHash = hexIn(events, "AreaRegistered", "hash");
  await world.send("firm", rights, "setGrantor", [market.address, true]);
  const { pricePerHour, pricePerKm, deposit, areaFee, maxAge } = card;
  const set = await world.send("firm", market, "setRateCard", [
    asset,
    {
      currency: currency.address,
      pricePerHour,
      pricePerKm,
      pricePerKwh: 0n,
      deposit,
      debtLimit: 0n,
      lateFeePerMinute: 50n,
      areaFee,
      minDuration: 1800,
      maxDuration: 86_400,
      area: areaHash,
      scope: rightScope.unlock | rightScope.lock | rightScope.start,
      maxAge,
    },
  ]);
  const id = numberIn(set, "RateCardSet", "id");
  world.tell(`it is offered at ${money(pricePerHour)} an hour and ${money(pricePerKm)} a kilometre, inside an area`);
  return { currency, asset, device, card: id, area: bytes, areaHash };
}

/** Metres of the way in an NMEA log, as the car's odometer will count them. */
export function metresOf(log: string): bigint {
  const fixes = readFileSync(log, "latin1")
    .split(/\r?\n/)
    .filter((line) => line.startsWith("$GNRMC") && line.split(",")[2] === "A")
    .map((line) => {
      const [, , , lat = "", north, lon = "", east] = line.split(",");
      return { lat: coordinate(lat, 2, north === "S"), lon: coordinate(lon, 3, east === "W") };
    });
  let millimetres = 0;
  for (let i = 1; i < fixes.length; i++) {
    millimetres += distanceMm(fixes[i - 1] as (typeof fixes)[0], fixes[i] as (typeof fixes)[0]);
  }
  return BigInt(Math.floor(millimetres / 1000));
}

/** ddmm.mmmm as 1e-7 degrees. */
function coordinate(text: string, degreeDigits: number, negative: boolean): number {
  const units = Number(text.slice(0, degreeDigits)) * 1e7 + Math.round((Number(text.slice(degreeDigits)) * 1e7) / 60);
  return negative ? -units : units;
}
