import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, keccak256, recoverAddress, recoverImplementations } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const ORDER = secp256k1.Point.Fn.ORDER;
const FIELD = secp256k1.Point.Fp.ORDER;

function word(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
}

function signatureOf(r: bigint, s: bigint): Uint8Array {
  return Buffer.concat([word(r), word(s)]);
}

/** What both implementations say, which must be the same. */
function recoverBoth(hash: Uint8Array, signature: Uint8Array, yParity: number): string | undefined {
  const { libsecp256k1, noble } = recoverImplementations;
  const results = [recoverAddress, noble, libsecp256k1].map((recover) => {
    const address = recover?.(hash, signature, yParity as 0 | 1);
    return address && bytesToHex(address);
  });
  if (libsecp256k1) expect(results[2]).toBe(results[1]);
  expect(results[0]).toBe(results[1]);
  return results[0];
}

// The signature of the ecrecover precompile tests of Ethereum; its s is high.
const hash = Buffer.from("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c", "hex");
const r = 0x73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75fn;
const highS = 0xeeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549n;
const s = ORDER - highS;
const signer = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";

describe("recoverAddress", () => {
  test("the native implementation is there on platforms that have a build", () => {
    const platforms = ["linux-x64", "darwin-arm64", "win32-x64"];
    const isBuilt = recoverImplementations.libsecp256k1 !== undefined;
    if (platforms.includes(`${process.platform}-${process.arch}`)) expect(isBuilt).toBe(true);
    expect(recoverAddress).toBe(recoverImplementations.libsecp256k1 ?? recoverImplementations.noble);
  });

  test("recovers the ecrecover vector with its low s", () => {
    expect(recoverBoth(hash, signatureOf(r, s), 0)).toBe(signer);
  });

  test("recovers the example of EIP-155", () => {
    const signingHash = Buffer.from("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53", "hex");
    const signature = signatureOf(
      18515461264373351373200002665853028612451056578545711640558177340181847433846n,
      46948507304638947509940763649030358759909902576025900602547168820602576006531n,
    );
    expect(recoverBoth(signingHash, signature, 0)).toBe("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  });

  // The smallest x that is no point of the curve.
  const isPoint = (x: bigint) => {
    try {
      secp256k1.Point.fromBytes(Buffer.concat([Buffer.of(2), word(x)]));
      return true;
    } catch {
      return false;
    }
  };
  let offCurve = 1n;
  while (isPoint(offCurve)) offCurve++;

  test.each([
    ["a high s (EIP-2)", signatureOf(r, highS), 1],
    ["s just above half of the order", signatureOf(r, ORDER / 2n + 1n), 0],
    ["r = 0", signatureOf(0n, s), 0],
    ["s = 0", signatureOf(r, 0n), 0],
    ["r = n", signatureOf(ORDER, s), 0],
    ["r > n", signatureOf(ORDER + 1n, s), 0],
    ["s = n", signatureOf(r, ORDER), 0],
    ["all bits set", signatureOf((1n << 256n) - 1n, (1n << 256n) - 1n), 0],
    ["r that is no point", signatureOf(offCurve, s), 0],
    ["parity 2", signatureOf(r, s), 2],
    ["parity 3", signatureOf(FIELD - ORDER - 1n, s), 3],
    ["parity -1", signatureOf(r, s), -1],
    ["63 bytes", signatureOf(r, s).subarray(1), 0],
    ["65 bytes", Buffer.concat([signatureOf(r, s), Buffer.of(0)]), 0],
  ])("refuses %s", (_, signature, yParity) => {
    expect(recoverBoth(hash, signature, yParity)).toBeUndefined();
  });

  test("refuses a hash that has not 32 bytes", () => {
    expect(recoverBoth(hash.subarray(1), signatureOf(r, s), 0)).toBeUndefined();
  });

  test("refuses a signature whose key is the point at infinity", () => {
    // Q = r⁻¹(sR − zG) with R = G and s = z is infinity.
    const z = 7n;
    const atInfinity = signatureOf(secp256k1.Point.BASE.x, z);
    const yParity = Number(secp256k1.Point.BASE.y % 2n);
    expect(recoverBoth(word(z), atInfinity, yParity)).toBeUndefined();
    expect(recoverBoth(word(z + 1n), atInfinity, yParity)).toBeDefined();
  });

  test("accepts the greatest s that EIP-2 allows", () => {
    expect(recoverBoth(hash, signatureOf(r, ORDER / 2n), 0)).toBeDefined();
  });

  test("gives back the signer of random signatures", () => {
    const key = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(word);
    fc.assert(
      fc.property(key, fc.uint8Array({ minLength: 32, maxLength: 32 }), (privateKey, message) => {
        const signed = secp256k1.sign(message, privateKey, { format: "recovered", prehash: false });
        const publicKey = secp256k1.getPublicKey(privateKey, false).subarray(1);
        const address = bytesToHex(keccak256(publicKey).subarray(12));
        expect(recoverBoth(message, signed.subarray(1), signed[0] as number)).toBe(address);
      }),
      { numRuns: 40 },
    );
  });

  test("both implementations agree on arbitrary bytes", () => {
    const scalar = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), fc.bigInt({ min: 1n, max: ORDER / 2n }));
    const anyHash = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(word(0n), word(ORDER), word((1n << 256n) - 1n)),
    );
    fc.assert(
      fc.property(anyHash, scalar, scalar, fc.constantFrom(0, 1), (message, anyR, anyS, yParity) => {
        recoverBoth(message, signatureOf(anyR, anyS), yParity);
      }),
      { numRuns: 100 },
    );
  });
});
