import { hashInto as hashIntoJs } from "@chainsafe/as-sha256";

/**
 * SHA-256 of each block of 64 bytes of the input, 32 bytes each into the output: a level of a Merkle tree in one call.
 * The input's length is a multiple of 64 and twice the output's.
 */
export type HashPairs = (input: Uint8Array, output: Uint8Array) => void;

const native: HashPairs | undefined = await import("@chainsafe/hashtree").then(
  (hashtree) => hashtree.hashInto,
  () => undefined, // no build for this platform: JavaScript does it
);

/** Blocks that the JavaScript implementation takes in one go. */
const JS_BATCH = 512;

const javascript: HashPairs = (input, output) => {
  for (let at = 0; at < input.length; at += JS_BATCH * 64) {
    const end = Math.min(at + JS_BATCH * 64, input.length);
    hashIntoJs(input.subarray(at, end), output.subarray(at / 2, end / 2));
  }
};

/** Both implementations; `native` is undefined where it has no build for this platform. */
export const hashPairsImplementations: { readonly native: HashPairs | undefined; readonly javascript: HashPairs } = {
  native,
  javascript,
};

/** Natively where there is a build (some 45 ns a pair), else in JavaScript. */
export const hashPairs: HashPairs = native ?? javascript;
