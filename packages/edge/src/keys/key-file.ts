import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { KeyKind } from "@ruffchain/cose";
import { EdgeError } from "../edge-error.js";
import { readSecretFile } from "./secret-file.js";
import type { Signer } from "./signer.js";

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The signer of a key in a file (PKCS #8, PEM, mode 600). A key of the given kind is made if there is no file. Throws
 * EdgeError `keyReadableByOthers` or `invalidFile`; neither says anything of the content.
 */
export async function openKeyFile(path: string, kind: KeyKind = "p256"): Promise<Signer> {
  const pem = await readSecretFile(path, () => generate(kind).export({ type: "pkcs8", format: "pem" }).toString());
  const key = parseKey(path, pem);
  const jwk = createPublicKey(key).export({ format: "jwk" });
  const coordinate = (text: string | undefined) => Buffer.from(text ?? "", "base64url");
  if (key.asymmetricKeyType === "ed25519") {
    return { kind: "ed25519", publicKey: coordinate(jwk.x), sign: async (message) => sign(null, message, key) };
  }
  if (jwk.crv !== "P-256") throw unreadable(path);
  return {
    kind: "p256",
    publicKey: Buffer.concat([coordinate(jwk.x), coordinate(jwk.y)]),
    sign: async (message) => lowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
  };
}

function generate(kind: KeyKind): KeyObject {
  return kind === "p256"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
    : generateKeyPairSync("ed25519").privateKey;
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw unreadable(path); // without the cause: it may quote the key
  }
}

function unreadable(file: string): EdgeError<"invalidFile"> {
  const problem = "it is not a P-256 or Ed25519 key in PKCS #8 PEM";
  return new EdgeError("invalidFile", { file, problem }, `${file}: ${problem}; restore it`);
}

/** Of the two signatures that ECDSA allows, the one that the chain accepts. */
function lowS(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.toString("hex", 32)}`);
  if (s <= P256_ORDER / 2n) return signature;
  signature.write((P256_ORDER - s).toString(16).padStart(64, "0"), 32, "hex");
  return signature;
}
