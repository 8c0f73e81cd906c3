import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bls } from "./curves.js";

const { G1, G2 } = bls12_381;
const FIELD = bls12_381.fields.Fr;
/** Bytes of a coordinate in EIP-2537: 16 zeros before the 48 of the number. */
const COORDINATE_BYTES = 64;
const SCALAR_BYTES = 32;

/** [τ]G2 of Ethereum's KZG ceremony: all of the trusted setup that checking one point needs. */
const TAU_G2 = encodeG2(
  G2.Point.fromHex(
    "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2",
  ),
);
const MINUS_G2 = encodeG2(G2.Point.BASE.negate());
const BASE_G1 = encodeG1(G1.Point.BASE);

/**
 * Whether the polynomial behind a commitment has the value y at z (EIP-4844, verify_kzg_proof). All are 0x hex: points of
 * 48 bytes, scalars of 32. Throws where one of them is not valid.
 */
export function verifyKzgProof(commitment: string, z: string, y: string, proof: string): boolean {
  const [c, p] = [point(commitment), point(proof)];
  const [zScalar, yScalar] = [scalar(z), scalar(y)];
  // e(C - [y]G1, G2) = e(proof, [τ - z]G2), with all that depends on the input moved into G1.
  const sum = bls.msmG1(Buffer.concat([c, number(1n), BASE_G1, number(FIELD.neg(yScalar)), p, number(zScalar)]));
  return bls.pairingCheck(Buffer.concat([sum, MINUS_G2, p, TAU_G2])).at(-1) === 1;
}

/** Checked to be on the curve and in its subgroup. */
function point(hex: string): Uint8Array {
  const decoded = G1.Point.fromHex(hex.slice(2));
  decoded.assertValidity();
  return encodeG1(decoded);
}

function scalar(hex: string): bigint {
  const value = BigInt(hex);
  if (!FIELD.isValid(value)) throw new RangeError("a scalar is not below the order of the group");
  return value;
}

/** By EIP-2537, as all below; infinity is all zeros. */
function encodeG1(decoded: InstanceType<typeof G1.Point>): Uint8Array {
  if (decoded.is0()) return new Uint8Array(2 * COORDINATE_BYTES);
  const { x, y } = decoded.toAffine();
  return Buffer.concat([x, y].map((each) => number(each, COORDINATE_BYTES)));
}

function encodeG2(decoded: InstanceType<typeof G2.Point>): Uint8Array {
  const { x, y } = decoded.toAffine();
  return Buffer.concat([x.c0, x.c1, y.c0, y.c1].map((each) => number(each, COORDINATE_BYTES)));
}

function number(value: bigint, bytes = SCALAR_BYTES): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");
}
