export { type Batch, batchStatement, decodeBatch, MAX_BATCH_BYTES } from "./batch.js";
export { CoseError, type CoseErrorCode } from "./cose-error.js";
export { deviceId, deviceUrn, encodeCoseKey, KID_BYTES, PUBLIC_KEY_BYTES } from "./device-key.js";
export { algorithm, claim, header, type KeyKind, SENML_CBOR } from "./labels.js";
export { type Hash, inclusionProof, leafHash, merkleRoot, verifyInclusion } from "./merkle.js";
export { type Decimal, decodeSenml, encodeSenml, type SenmlPack, type SenmlRecord } from "./senml.js";
export { decodeProtected, decodeSign1, encodeSign1, type Sign1, type SignedSign1, toBeSigned } from "./sign1.js";
export {
  type AnchorFields,
  anchorStatement,
  anchorToBeSigned,
  type EnrolmentFields,
  enrolmentToBeSigned,
  type ReceiptFields,
  type ReceiptKind,
  receiptStatement,
  receiptToBeSigned,
} from "./statements.js";
