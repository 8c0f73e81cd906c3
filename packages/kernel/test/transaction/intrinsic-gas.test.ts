import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createFeeMarket1559Tx } from "@ethereumjs/tx";
import { bytesToHex, intrinsicGas } from "@ruffchain/kernel";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const to = "0x3535353535353535353535353535353535353535";
const call = { to, data: new Uint8Array(), accessList: [] } as const;

describe("intrinsicGas", () => {
  test.each([
    ["a transfer", call, 21_000, 21_000],
    ["a zero byte (EIP-2028, EIP-7623)", { ...call, data: Buffer.of(0) }, 21_004, 21_010],
    ["another byte", { ...call, data: Buffer.of(1) }, 21_016, 21_040],
    ["a creation (EIP-2)", { ...call, to: null }, 53_000, 21_000],
    ["a word of initcode (EIP-3860)", { ...call, to: null, data: Buffer.alloc(32) }, 53_130, 21_320],
    ["a word and a byte of initcode", { ...call, to: null, data: Buffer.alloc(33) }, 53_136, 21_330],
    ["an access list entry (EIP-2930)", { ...call, accessList: [{ address: to, storageKeys: [] }] }, 23_400, 21_000],
  ] as const)("%s", (_, tx, gas, floor) => {
    expect(intrinsicGas({ calls: [tx], accessList: tx.accessList })).toEqual({ gas, floor });
  });

  test("is what ethereumjs says", () => {
    const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes));
    const entry = fc.record({ address: fc.constant(to), storageKeys: fc.array(key, { maxLength: 4 }) });
    const data = fc
      .array(fc.oneof(fc.constant(0), fc.nat(255)), { maxLength: 300 })
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(data, fc.array(entry, { maxLength: 4 }), fc.boolean(), (data, accessList, creates) => {
        const reference = createFeeMarket1559Tx(
          { data, accessList, gasLimit: 10_000_000, ...(creates ? {} : { to }) },
          { common },
        );
        expect(intrinsicGas({ calls: [{ to: creates ? null : to, data }], accessList }).gas).toBe(
          Number(reference.getIntrinsicGas()),
        );
      }),
    );
  });
});
