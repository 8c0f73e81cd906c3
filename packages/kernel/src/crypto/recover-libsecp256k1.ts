import { createRequire } from "node:module";
import type { RecoverPublicKey } from "./recover-noble.js";

type Bindings = Pick<typeof import("secp256k1"), "ecdsaRecover">;

/** The native bindings alone: the package's main module would fall back to another JavaScript library. */
function load(): Bindings | undefined {
  try {
    return createRequire(import.meta.url)("secp256k1/bindings.js");
  } catch {
    return undefined; // no build for this platform
  }
}

const bindings = load();
const output = new Uint8Array(65);
const publicKey = output.subarray(1);

/** Recovery by libsecp256k1, or undefined where it has no build for this platform. */
export const recoverLibsecp256k1: RecoverPublicKey | undefined =
  bindings &&
  ((hash, signature, yParity) => {
    try {
      bindings.ecdsaRecover(signature, yParity, hash, false, output);
      return publicKey;
    } catch {
      return undefined; // r is no point of the curve, or the key is the point at infinity
    }
  });
