import { bls12_381 } from "@noble/curves/bls12-381.js";

const { G1, G2 } = bls12_381;

/** [τ]G2 of Ethereum's KZG ceremony: all of the trusted setup that checking one point needs. */
const TAU_G2 = G2.Point.fromHex(
  "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2",
);
const FIELD = bls12_381.fields.Fr;

/**
 * Whether the polynomial behind a commitment has the value y at z (EIP-4844, verify_kzg_proof). All are 0x hex: points of
 * 48 bytes, scalars of 32. Throws where one of them is not valid.
 */
export function verifyKzgProof(commitment: string, z: string, y: string, proof: string): boolean {
  const [c, p] = [point(commitment), point(proof)];
  const [zScalar, yScalar] = [scalar(z), scalar(y)];
  // e(C - [y]G1, G2) = e(proof, [τ - z]G2)
  const left = c.subtract(times(G1.Point.BASE, yScalar));
  const right = TAU_G2.subtract(times(G2.Point.BASE, zScalar));
  const product = bls12_381.pairingBatch(
    [
      { g1: left, g2: G2.Point.BASE.negate() },
      { g1: p, g2: right },
    ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0()),
  );
  return bls12_381.fields.Fp12.eql(product, bls12_381.fields.Fp12.ONE);
}

function point(hex: string) {
  const decoded = G1.Point.fromHex(hex.slice(2));
  decoded.assertValidity();
  return decoded;
}

function scalar(hex: string): bigint {
  const value = BigInt(hex);
  if (!FIELD.isValid(value)) throw new RangeError("a scalar is not below the order of the group");
  return value;
}

function times<P extends { multiplyUnsafe(scalar: bigint): P }>(base: P, factor: bigint): P {
  return base.multiplyUnsafe(factor);
}
