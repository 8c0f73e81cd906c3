import { NO_POSITION } from "@ruffchain/abi";
import type { AccessBoard } from "../board/board.js";
import type { Thing } from "../thing/thing.js";
import type { Fix } from "../thing/value.js";

/** What is settled by: metres, watt-hours, and where it is in 1e-7 degrees. */
export interface Meters {
  readonly odometer: bigint;
  readonly energy: bigint;
  readonly latitude: number;
  readonly longitude: number;
}

/** A thing's meters as they are now, with its last position; one that has no energy meter has used none. */
export function readMeters(thing: Thing, access: AccessBoard): Meters {
  const odometer = thing.property(access.odometer).latest?.value;
  const position = thing.property(access.position).latest?.value as Fix | undefined; // the board was checked
  return {
    odometer: typeof odometer === "number" ? BigInt(Math.floor(odometer)) : 0n,
    energy: 0n,
    latitude: position?.latitude ?? NO_POSITION,
    longitude: position?.longitude ?? NO_POSITION,
  };
}
