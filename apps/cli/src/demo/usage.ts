import { usage } from "@ruffchain/abi";
import type { SimulatedCar } from "@ruffchain/edge/simulate";
import { CliError } from "../cli-error.js";
import { type DeviceReceipt, expectDone, expectRefusal, type Phone } from "./access.js";
import { card, type Fleet } from "./fleet.js";
import { money, roundHalfUp } from "./ledger.js";
import { numberIn, type World } from "./world.js";

/** Anna pays the deposit and tells the chain that she takes the car. */
export async function openSession(world: World, { currency }: Fleet, right: bigint): Promise<void> {
  await world.send("anna", currency, "approve", [usage.address, card.deposit]);
  await world.send("anna", usage, "open", [right]);
  world.ledger.move(world.address("anna"), usage.address, card.deposit);
  world.tell(`Anna leaves a deposit of ${money(card.deposit)}`);
}

export async function checkOut(world: World, { receipt, signature }: DeviceReceipt): Promise<void> {
  await world.send("anna", usage, "checkOut", [receiptOf(receipt), signature]);
  world.tell("the car's signed receipt of the check-out is on the chain");
}

/** The car drives, leaves the area, is refused there, and is returned; the meters settle the price. */
export async function driveAndReturn(
  world: World,
  phone: Phone,
  car: SimulatedCar,
  right: bigint,
  metres: bigint,
  payee: `0x${string}`,
): Promise<void> {
  world.chapter("A drive");
  await car.drive();
  const status = (await phone.get("/v1/status")) as { session?: { leftArea: boolean; secondsOutside: number } };
  if (!status.session?.leftArea) throw new CliError("the car did not notice that it left the area");
  world.tell("the car drives its real way, and records that it leaves the area");
  await settled(phone);
  expectDone(await phone.access(await phone.grant(right), "lock", await phone.sign("anna", right, "lock")));
  const outside = await phone.access(await phone.grant(right), "unlock", await phone.sign("anna", right, "unlock"));
  world.tell(`outside its area it does not open again: refused, ${expectRefusal(outside, "outsideArea")}`);

  const returned = expectDone(await phone.return(await phone.sign("anna", right, "lock")));
  if (!returned) throw new CliError("the car gave no receipt of the return");
  const events = await world.send("anna", usage, "checkIn", [receiptOf(returned.receipt), returned.signature]);
  const fee = roundHalfUp(metres * card.pricePerKm, 1000n) + card.areaFee;
  const paid = numberIn(events, "Settled", "paid");
  if (paid !== fee) throw new CliError(`the use costs ${paid}, by the log's ${metres} m it is ${fee}`);
  world.ledger.move(usage.address, payee, fee);
  world.ledger.move(usage.address, world.address("anna"), card.deposit - fee);
  world.tell(
    `the car is returned after ${metres} m: ${money(fee)} by its meters, ${money(card.deposit - fee)} of the deposit goes back`,
  );
}

/** The speed must be that of a standing car before it lets itself be locked. */
async function settled(phone: Phone): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const { moving } = (await phone.get("/v1/status")) as { moving: boolean };
    if (!moving) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new CliError("the car still moves");
}

/** The door's JSON has integers above 48 bits as text. */
function receiptOf(json: Readonly<Record<string, unknown>>) {
  const { device, sequence, right, time, odometer, energy, latitude, longitude, leftArea } = json as Record<
    string,
    never
  >;
  return {
    device,
    sequence: BigInt(sequence ?? 0),
    right: BigInt(right ?? 0),
    time: BigInt(time ?? 0),
    odometer: BigInt(odometer ?? 0),
    energy: BigInt(energy ?? 0),
    latitude: Number(latitude),
    longitude: Number(longitude),
    leftArea: leftArea === true,
  } as never;
}
