import { readdirSync, readFileSync } from "node:fs";
import { NobleBN254 } from "@ethereumjs/evm";
import { bn254 as curve } from "@noble/curves/bn254.js";
import { EthereumJsEvm } from "@ruffchain/evm";
import fc from "fast-check";
import { type Hex, hexToBytes, toHex } from "viem";
import { beforeAll, describe, expect, test } from "vitest";
import { openChain } from "../../kernel/test/execution/chain.js";

const GAS = 1_000_000;

let chain: Awaited<ReturnType<typeof openChain>>;
beforeAll(async () => {
  chain = await openChain({ contracts: [], evm: new EthereumJsEvm() }, []);
});

async function run(at: number, input: Uint8Array) {
  const { ok, output, gasUsed } = await chain.app.call({ to: toHex(at, { size: 20 }), data: input, gas: GAS });
  return ok ? { output: toHex(output), gasUsed } : undefined;
}

/** Of EIP-2537 itself (assets/eip-2537, CC0). */
describe("BLS12-381", () => {
  const folder = new URL("data/eip-2537/", import.meta.url);
  const addresses: Record<string, number> = {
    "add_G1_bls.json": 0x0b,
    "msm_G1_bls.json": 0x0c,
    "mul_G1_bls.json": 0x0c,
    "add_G2_bls.json": 0x0d,
    "msm_G2_bls.json": 0x0e,
    "mul_G2_bls.json": 0x0e,
    "pairing_check_bls.json": 0x0f,
    "map_fp_to_G1_bls.json": 0x10,
    "map_fp2_to_G2_bls.json": 0x11,
  };
  interface Vector {
    readonly Name: string;
    readonly Input: string;
    readonly Expected?: string;
    readonly Gas?: number;
  }

  test.each(readdirSync(folder))("%s", async (file) => {
    const at = addresses[file.replace("fail-", "")] as number;
    const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    expect(vectors.length).toBeGreaterThan(0);
    for (const { Name, Input, Expected, Gas } of vectors) {
      const expected = Expected === undefined ? undefined : { output: `0x${Expected}`, gasUsed: Gas };
      expect(await run(at, hexToBytes(`0x${Input}`)), Name).toStrictEqual(expected);
    }
  });
});

/** Against another implementation of the same interface. */
describe("BN254", () => {
  const other = new NobleBN254();
  const { G1, G2 } = curve;
  const { ORDER } = curve.fields.Fr;
  const word = (value: bigint): Hex => toHex(value, { size: 32 });
  const scalar = fc.bigInt({ min: 1n, max: ORDER - 1n });
  const any = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
  const g1 = fc.oneof(
    scalar.map((k) => {
      const { x, y } = G1.Point.BASE.multiply(k).toAffine();
      return [x, y];
    }),
    fc.constant([0n, 0n]),
    fc.constant([1n, 2n + curve.fields.Fp.ORDER]),
    fc.tuple(any, any),
  );
  const g2 = scalar.map((k) => {
    const { x, y } = G2.Point.BASE.multiply(k).toAffine();
    return [x.c1, x.c0, y.c1, y.c0];
  });
  const encode = (...words: readonly bigint[]) => hexToBytes(`0x${words.map((each) => word(each).slice(2)).join("")}`);
  const expected = (method: "add" | "mul" | "pairing", input: Uint8Array) => {
    try {
      return toHex(other[method](input));
    } catch {
      return undefined;
    }
  };

  test("adds and multiplies, and refuses what is not on the curve", async () => {
    await fc.assert(
      fc.asyncProperty(g1, g1, any, async (a, b, k) => {
        const sum = encode(...a, ...b);
        expect((await run(6, sum))?.output).toBe(expected("add", sum));
        const product = encode(...a, k);
        expect((await run(7, product))?.output).toBe(expected("mul", product));
      }),
      { numRuns: 40 },
    );
  });

  test("checks pairings", async () => {
    await fc.assert(
      fc.asyncProperty(g1, g2, scalar, async (a, b, k) => {
        const input = encode(...a, ...b);
        expect((await run(8, input))?.output).toBe(expected("pairing", input));
        // e(kP, Q) = e(P, kQ), so with -P their product is one; with another point it is not.
        const [p, q] = [G1.Point.BASE.multiply(k).toAffine(), G2.Point.BASE.toAffine()];
        const minus = G1.Point.BASE.negate().toAffine();
        const kq = G2.Point.BASE.multiply(k).toAffine();
        const of = ({ x, y }: typeof q) => [x.c1, x.c0, y.c1, y.c0];
        const one = encode(p.x, p.y, ...of(q), minus.x, minus.y, ...of(kq));
        expect((await run(8, one))?.output).toBe(word(1n));
      }),
      { numRuns: 5 },
    );
  });
});

/** Of go-ethereum's tests: a commitment with a proof that is no point at infinity. */
test("point evaluation (EIP-4844) takes a true proof and refuses a false one", async () => {
  const versioned = "01e798154708fe7789429634053cbf9f99b619f9f084048927333fce637f549b";
  const z = "564c0a11a0f704f4fc3e8acfe0f8245f0ad1347b378fbf96e206da11a5d36306";
  const y = "24d25032e67a7e6a4910df5834b8fe70e6bcfeeac0352434196bdf4b2485d5a1";
  const commitment = "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7";
  const proof = "873033e038326e87ed3e1276fd140253fa08e9fc25fb2d9a98527fc22a2c9612fbeafdad446cbc7bcdbdcd780af2c16a";
  const evaluate = (z: string, y: string, proof: string) =>
    run(10, hexToBytes(`0x${versioned}${z}${y}${commitment}${proof}`));
  expect(await evaluate(z, y, proof)).toMatchObject({
    output:
      "0x000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
  });
  expect(await evaluate(y, z, proof)).toBeUndefined();
  expect(await evaluate(z, y, commitment)).toBeUndefined();
  expect(await evaluate(z, y, `c0${"00".repeat(47)}`)).toBeUndefined();
  expect(await evaluate(z, y, "ff".repeat(48))).toBeUndefined();
  expect(await evaluate("ff".repeat(32), y, proof)).toBeUndefined();
});
