import { RlpError } from "../rlp.js";
import { TransactionError } from "./error.js";
import { TEMPO_TYPE, type Transaction } from "./transaction.js";
import { decodeAccessList } from "./types/access-list.js";
import { decodeDynamicFee } from "./types/dynamic-fee.js";
import { decodeLegacy } from "./types/legacy.js";
import { decodeSetCode } from "./types/set-code.js";
import { decodeTempo, FEE_PAYER_TYPE } from "./types/tempo.js";

/** Most bytes that an encoded transaction may have. */
export const MAX_TX_BYTES = 131_072;

/** The decoders of EIP-2718 types. */
const decoders = new Map<number, (raw: Uint8Array) => Transaction>([
  [0x01, decodeAccessList],
  [0x02, decodeDynamicFee],
  [0x04, decodeSetCode],
  [TEMPO_TYPE, decodeTempo],
]);

/** Of RLP: a legacy transaction is one, a typed one begins with its type. */
const FIRST_LIST_BYTE = 0xc0;

/** The type of an encoded transaction (EIP-2718); 0 for a legacy one. */
export function envelopeType(raw: Uint8Array): Transaction["type"] {
  const first = raw[0] as number;
  return first >= FIRST_LIST_BYTE ? 0 : (first as Transaction["type"]);
}

/** Decodes an EIP-2718 envelope or a legacy transaction. Throws TransactionError. */
export function decodeTransaction(raw: Uint8Array): Transaction {
  if (raw.length > MAX_TX_BYTES) throw new TransactionError("tooLarge", { size: raw.length, limit: MAX_TX_BYTES });
  try {
    return decoderOf(raw)(raw);
  } catch (error) {
    if (error instanceof RlpError) throw new TransactionError("malformed", { reason: error.message });
    throw error;
  }
}

function decoderOf(raw: Uint8Array): (raw: Uint8Array) => Transaction {
  const [type] = raw;
  if (type === undefined) throw new TransactionError("malformed", { reason: "it is empty" });
  if (type >= FIRST_LIST_BYTE) return decodeLegacy;
  if (type > 0x7f) throw new TransactionError("malformed", { reason: "it starts with neither a type nor a list" });
  const decoder = decoders.get(type);
  // What a sender of Tempo's transactions hands to a fee payer.
  if (type === FEE_PAYER_TYPE) throw new TransactionError("feePayerUnsigned");
  if (!decoder) throw new TransactionError("unsupportedType", { type });
  return decoder;
}
