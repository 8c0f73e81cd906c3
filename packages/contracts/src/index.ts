import type { Contract } from "@ruffchain/kernel";
import { assetsContract } from "./assets/assets.js";
import { rightsContract } from "./rights/rights.js";
import { tokenContract } from "./tokens/token.js";
import { tokensContract } from "./tokens/tokens.js";

/** All system contracts, to be run by the kernel. */
export const systemContracts: readonly Contract[] = [tokensContract, tokenContract, assetsContract, rightsContract];

export { MAX_SERIAL_LENGTH } from "./assets/identifier.js";
export { MAX_DECIMALS, MAX_NAME_LENGTH, MAX_SYMBOL_LENGTH } from "./tokens/tokens.js";
