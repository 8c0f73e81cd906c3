import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { addresses, rightRecord } from "@ruffchain/abi";
import { LightError } from "../light-error.js";
import { decodeRecord, type RecordOf } from "../record.js";

/** A record of the Rights table: see `rightRecord` of packages/abi. */
export type RightRecord = RecordOf<typeof rightRecord>;

/** What records of system contracts' tables begin their key with. */
const TABLE_KEYS = Uint8Array.of(3);
const RIGHTS_TABLE = Uint8Array.of(0);

/** The state key of a right: 0x03 ‖ address of Rights ‖ table number ‖ id (uint256) as 32 bytes. */
export function rightKey(id: bigint): Uint8Array {
  if (id !== BigInt.asUintN(256, id)) {
    throw new LightError("malformed", { what: "right id", problem: "it is not a uint256" }, `${id} is not a right id`);
  }
  const words = hexToBytes(id.toString(16).padStart(64, "0"));
  return concatBytes(TABLE_KEYS, hexToBytes(addresses.rights.slice(2)), RIGHTS_TABLE, words);
}

/** Reads a right from its record; throws LightError `malformed`. */
export function decodeRight(record: Uint8Array): RightRecord {
  return decodeRecord(rightRecord, record);
}
