import { createHash, randomBytes } from "node:crypto";
import { rightRecord } from "@ruffchain/abi";
import { nodeCrypto } from "@ruffchain/edge";
import { areaFromBytes, areaToBytes, containsWithMargin } from "@ruffchain/geo";
import { bytesToHex, keccak256, recordCodec } from "@ruffchain/kernel";
import {
  type AccessRequest,
  accessText,
  CHALLENGE_BYTES,
  type Crypto,
  type Device,
  decide,
  encodeCommit,
  encodeGrant,
  encodeHeader,
  encodeProof,
  hashValidators,
  type InnerOp,
  rightKey,
  trimCommit,
} from "@ruffchain/light";
import secp256k1 from "secp256k1";
import { loadAccount } from "../load/account.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { commitOf, headerWith, makeSigners } from "../signed-block.js";
import { medianMicroseconds } from "../time.js";

const VALIDATORS = 4;
/** Of a state with some million records. */
const PROOF_LEVELS = 20;
const ROUNDS = 500;
const WARM_UP_ROUNDS = 100;
const CHAIN_ID = "ruff-bench";
const RIGHT = 42n;
const ASSET = 7n;
const HEADER_TIME = 1_790_000_000;
const HERE = { latitude: 464_982_872, longitude: 75_678_901 };
const SHA256 = 1;
const LEAF = { hash: SHA256, prehashKey: SHA256, prehashValue: SHA256, length: 0, prefix: Uint8Array.of(0) };

/** What a car does when somebody shows it a grant, against the signature checks in it alone. */
export const accessGrant: Benchmark = async (_options, report) => {
  progress("e: access grants …");
  const { grant, request, device } = presentedGrant();
  const checks: (() => void)[] = [];
  const decision = decide({ grant, request, device }, recording(checks));
  if (!decision.open) throw new Error(`the grant was refused: ${decision.message}`);
  const check = () => decide({ grant, request, device }, nodeCrypto);
  const signaturesAlone = () => {
    for (const repeat of checks) repeat();
  };
  medianMicroseconds(WARM_UP_ROUNDS, check, signaturesAlone);
  const [figure = 0, peerFigure = 0] = medianMicroseconds(ROUNDS, check, signaturesAlone);
  const settings = { validators: VALIDATORS, proofLevels: PROOF_LEVELS, rounds: ROUNDS, figureIs: "median" };
  report({
    name: "e: check of an access grant",
    figure,
    unit: "us",
    better: "lower",
    peer: `its ${checks.length} signature checks alone`,
    peerFigure,
    settings,
  });
  const signatureBytes = checks.length * 64;
  report({
    name: "e: size of an access grant",
    figure: grant.length + request.signature.length,
    unit: "bytes",
    better: "lower",
    peer: "the signatures that are checked",
    peerFigure: signatureBytes,
    settings,
  });
};

/** The device's cryptography, which also notes every signature check so that it can be repeated. */
function recording(checks: (() => void)[]): Crypto {
  return {
    ...nodeCrypto,
    verifyEd25519: (...given) => {
      checks.push(() => nodeCrypto.verifyEd25519(...given));
      return nodeCrypto.verifyEd25519(...given);
    },
    recoverSecp256k1: (...given) => {
      checks.push(() => nodeCrypto.recoverSecp256k1(...given));
      return nodeCrypto.recoverSecp256k1(...given);
    },
  };
}

function presentedGrant(): { readonly grant: Uint8Array; readonly request: AccessRequest; readonly device: Device } {
  const holder = loadAccount(0);
  const area = squareAround(HERE);
  const record = recordCodec(rightRecord).encode({
    asset: ASSET,
    holder: holder.address,
    from: BigInt(HEADER_TIME - 3600),
    until: BigInt(HEADER_TIME + 3600),
    area: bytesToHex(sha256(area)),
    scope: 7,
    maxAge: 3600,
    terms: 3n,
    ticket: 99n,
  });
  const { proof, root } = proofOf(rightKey(RIGHT), record);
  const signers = makeSigners(VALIDATORS);
  const validatorsHash = hashValidators(signers, nodeCrypto);
  const header = headerWith({ chainId: CHAIN_ID, time: HEADER_TIME, appHash: root, validatorsHash });
  const commit = trimCommit(commitOf(header, signers), signers);
  const grant = encodeGrant({ header: encodeHeader(header), commit: encodeCommit(commit), proof, area });
  const challenge = randomBytes(CHALLENGE_BYTES);
  const text = accessText({ chainId: CHAIN_ID, asset: ASSET, right: RIGHT, command: "unlock", challenge });
  const signature = personalSignature(holder.privateKey, text);
  const device: Device = {
    chainId: CHAIN_ID,
    asset: ASSET,
    validators: signers,
    newestHeaderTime: HEADER_TIME - 60,
    headerSlack: 600,
    maxGrantAge: 86_400,
    clock: { lo: HEADER_TIME + 5, hi: HEADER_TIME + 6 },
    position: { ...HERE, accuracyMetres: 5, age: 2 },
    contains: (bytes, { latitude: lat, longitude: lon, accuracyMetres }) =>
      containsWithMargin(areaFromBytes(bytes), { lat, lon }, accuracyMetres * 1000),
    challenge: { nonce: challenge, age: 3, used: false },
  };
  return { grant, request: { right: RIGHT, command: "unlock", challenge, algorithm: "eip191", signature }, device };
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

/** Some kilometre wide. */
function squareAround({ latitude, longitude }: typeof HERE): Uint8Array {
  const reach = 50_000;
  return areaToBytes([
    { lat: latitude - reach, lon: longitude - reach },
    { lat: latitude - reach, lon: longitude + reach },
    { lat: latitude + reach, lon: longitude + reach },
    { lat: latitude + reach, lon: longitude - reach },
  ]);
}

/** A proof as a full tree of that height gives it, and the root it leads to. */
function proofOf(key: Uint8Array, value: Uint8Array): { readonly proof: Uint8Array; readonly root: Uint8Array } {
  const position = sha256(key);
  let root = sha256(LEAF.prefix, position, sha256(value));
  const path: InnerOp[] = [];
  for (let level = PROOF_LEVELS - 1; level >= 0; level--) {
    const sibling = randomBytes(32);
    const isRight = ((position[level >> 3] ?? 0) >> (7 - (level & 7))) & 1;
    const nothing = new Uint8Array();
    const [prefix, suffix] = isRight ? [sibling, nothing] : [nothing, sibling];
    root = sha256(prefix, root, suffix);
    path.push({ hash: SHA256, prefix, suffix });
  }
  return { proof: encodeProof({ existence: { key, value, leaf: LEAF, path }, nonExistence: undefined }), root };
}

/** As wallets sign by ERC-191. */
function personalSignature(privateKey: Uint8Array, text: string): Uint8Array {
  const message = Buffer.from(`\x19Ethereum Signed Message:\n${text.length}${text}`);
  const { signature, recid } = secp256k1.ecdsaSign(keccak256(message), privateKey);
  return Buffer.concat([signature, Uint8Array.of(27 + recid)]);
}
