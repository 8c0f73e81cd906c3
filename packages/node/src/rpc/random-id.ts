import { randomBytes } from "node:crypto";
import type { Hex } from "@ruffchain/abi";
import { quantity } from "./quantity.js";

/** An id that nobody guesses, in the form that the API gives to ids of filters: no leading zeros. */
export function randomId(): Hex {
  return quantity(BigInt(`0x${randomBytes(16).toString("hex")}`));
}
