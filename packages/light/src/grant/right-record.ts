import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { addresses } from "@ruffchain/abi";
import { LightError } from "../light-error.js";
import { decodeRecord, type RecordOf } from "../record.js";

/**
 * The first fields of a record of the Rights table: what a device must know. `from` and `until` are seconds since 1970,
 * `area` is SHA-256 of the encoded area or zero for none, `scope` is the sum of the allowed commands, `maxAge` is how
 * old in seconds a header may be to prove the right: the revocation delay that the asset's owner accepts.
 */
export const rightFields = {
  asset: "uint256",
  holder: "address",
  from: "uint64",
  until: "uint64",
  area: "bytes32",
  scope: "uint8",
  maxAge: "uint32",
} as const;

export type RightRecord = RecordOf<typeof rightFields>;

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
  return decodeRecord(rightFields, record);
}
