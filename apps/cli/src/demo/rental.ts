import { market, rights } from "@ruffchain/abi";
import { CliError } from "../cli-error.js";
import { card, type Fleet } from "./fleet.js";
import { money } from "./ledger.js";
import { now, numberIn, type World } from "./world.js";

const HOUR = 3600n;
/** What Anna asks for her second hour, in cents. */
const RESALE_PRICE = 35_00n;

export interface Rental {
  /** Anna's hour. */
  readonly right: bigint;
  /** Ben's hour. */
  readonly later: bigint;
}

/** Anna books two hours and sells the second to Ben. */
export async function rent(world: World, fleet: Fleet, payee: `0x${string}`): Promise<Rental> {
  world.chapter("A right to use it");
  const { currency } = fleet;
  const price = 2n * card.pricePerHour;
  const from = now() - 30n;
  await world.send("anna", currency, "approve", [market.address, price]);
  const booked = await world.send("anna", market, "book", [fleet.card, from, from + 2n * HOUR, fleet.areaHash]);
  const right = numberIn(booked, "Booked", "right");
  world.ledger.move(world.address("anna"), payee, price);
  world.tell(`Anna books two hours inside the area and pays ${money(price)}: right ${right}`);
  await world.send("ben", currency, "approve", [market.address, price]);
  const overlap = await world.refusal("ben", market, "book", [
    fleet.card,
    from + HOUR,
    from + 2n * HOUR,
    fleet.areaHash,
  ]);
  world.tell(`nobody can book the same hours: Ben is refused with ${overlap}`);

  const divided = await world.send("anna", rights, "divide", [right, from + HOUR]);
  const later = numberIn(divided, "Divided", "later");
  await world.send("anna", rights, "approve", [market.address, later]);
  const offered = await world.send("anna", market, "offer", [later, currency.address, RESALE_PRICE]);
  await world.send("ben", currency, "approve", [market.address, RESALE_PRICE]);
  await world.send("ben", market, "buy", [numberIn(offered, "Offered", "id")]);
  world.ledger.move(world.address("ben"), world.address("anna"), RESALE_PRICE);
  const holder = await world.read(rights, "ownerOf", [later]);
  if (holder.toLowerCase() !== world.address("ben").toLowerCase()) throw new CliError("the second hour is not Ben's");
  world.tell(
    `she sells the second hour to Ben for ${money(RESALE_PRICE)}: right ${later} and money swap in one transaction`,
  );
  return { right, later };
}
