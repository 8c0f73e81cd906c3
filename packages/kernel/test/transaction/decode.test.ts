import {
  bytesToHex,
  decodeTransaction as decodeAny,
  decodeRlp,
  type EthereumTransaction,
  encodeRlp,
  hexToBytes,
  MAX_TX_BYTES,
  type RlpInput,
  type RlpItem,
  Senders,
  TransactionError,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { keccak256, serializeTransaction, type TransactionSerializable } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, test } from "vitest";
import { chainId, ethereumBlocks, sender } from "../ethereum-blocks.js";

/** The types that this test makes are Ethereum's. */
const decodeTransaction = (raw: Uint8Array) => decodeAny(raw) as EthereumTransaction;

const account = privateKeyToAccount(`0x${"46".repeat(32)}`);
const to = "0x3535353535353535353535353535353535353535";

describe("decodeTransaction", () => {
  test("the example of EIP-155", () => {
    const tx = decodeTransaction(
      hexToBytes(
        "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
      ),
    );
    expect(tx).toMatchObject({ type: 0, chainId: 1, nonce: 9, gasLimit: 21_000, to, value: 10n ** 18n, yParity: 0 });
    expect(tx.maxFeePerGas).toBe(20_000_000_000n);
    expect(bytesToHex(tx.signingHash())).toBe("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    expect(tx.hash).toBe("0x33469b22e9f636356c4160a87eb19df52b7412e8eac32a4a55ffe88ea8350788");
    expect(new Senders().get(tx)).toBe("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  });

  test.each(ethereumBlocks.flatMap(({ transactions }) => transactions))("what geth made: $hash", (expected) => {
    const { raw, succeeded, gasUsed, logs, ...fields } = expected;
    const tx = decodeTransaction(hexToBytes(raw));
    expect(tx).toMatchObject({ ...fields, chainId, data: hexToBytes(fields.data) });
    expect(bytesToHex(tx.raw)).toBe(raw);
    expect(new Senders().get(tx)).toBe(sender);
  });

  const hex = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytesToHex(bytes));
  const uint = (bits: number) =>
    fc.integer({ min: 0, max: bits }).chain((b) => fc.bigInt({ min: 0n, max: (1n << BigInt(b)) - 1n }));
  const common = {
    chainId: fc.integer({ min: 1, max: 2 ** 51 }),
    nonce: fc.maxSafeNat(),
    gas: fc.maxSafeNat().map(BigInt),
    to: fc.option(hex(20)),
    value: uint(256),
    data: fc.uint8Array({ maxLength: 200 }).map((bytes) => bytesToHex(bytes)),
  };
  const accessList = fc.array(fc.record({ address: hex(20), storageKeys: fc.array(hex(32), { maxLength: 3 }) }), {
    maxLength: 3,
  });
  const fees = fc
    .tuple(uint(256), uint(256))
    .map(([a, b]) =>
      a < b ? { maxPriorityFeePerGas: a, maxFeePerGas: b } : { maxPriorityFeePerGas: b, maxFeePerGas: a },
    );
  const transaction: fc.Arbitrary<TransactionSerializable> = fc.oneof(
    fc.record({ type: fc.constant("legacy" as const), gasPrice: uint(256), ...common }),
    fc.record({ type: fc.constant("eip2930" as const), gasPrice: uint(256), accessList, ...common }),
    fc
      .tuple(fc.record({ type: fc.constant("eip1559" as const), accessList, ...common }), fees)
      .map(([fields, fee]) => ({ ...fields, ...fee })),
  );

  test("what viem signs", async () => {
    await fc.assert(
      fc.asyncProperty(transaction, async (fields) => {
        const signed = await account.signTransaction(fields);
        const tx = decodeTransaction(hexToBytes(signed));
        expect(tx).toMatchObject({
          type: { legacy: 0, eip2930: 1, eip1559: 2 }[fields.type as string],
          chainId: fields.chainId,
          nonce: fields.nonce,
          gasLimit: Number(fields.gas),
          maxFeePerGas: fields.maxFeePerGas ?? fields.gasPrice,
          maxPriorityFeePerGas: fields.maxPriorityFeePerGas ?? fields.gasPrice,
          to: fields.to,
          value: fields.value,
          accessList: fields.accessList ?? [],
          hash: keccak256(signed),
        });
        expect(bytesToHex(tx.data)).toBe(fields.data);
        expect(bytesToHex(tx.signingHash())).toBe(keccak256(serializeTransaction(fields)));
        expect(new Senders().get(tx)).toBe(account.address.toLowerCase());
      }),
      { numRuns: 100 },
    );
  });

  test("arbitrary bytes decode or are refused with a TransactionError", async () => {
    const signed = await Promise.all(
      (["legacy", "eip2930", "eip1559"] as const).map((type) =>
        account.signTransaction({ type, chainId: 1, to, gas: 21_000n }),
      ),
    );
    const mutated = fc.tuple(fc.constantFrom(...signed), fc.nat(), fc.nat(255)).map(([raw, at, byte]) => {
      const bytes = Uint8Array.from(hexToBytes(raw));
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (raw) => {
        try {
          expect(decodeTransaction(raw).hash).toBe(keccak256(raw));
        } catch (error) {
          expect(error).toBeInstanceOf(TransactionError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("decodeTransaction refuses", () => {
  const r = Buffer.alloc(32, 1);
  const s = Buffer.alloc(32, 2);
  const recipient = Buffer.alloc(20, 3);
  const empty = new Uint8Array();
  const legacy = { nonce: 0, gasPrice: 1, gas: 21_000, to: recipient, value: 0, data: empty, v: 37, r, s };
  const dynamic = {
    chainId: 1,
    nonce: 0,
    tip: 1,
    fee: 2,
    gas: 21_000,
    to: recipient,
    value: 0,
    data: empty,
    accessList: [] as RlpInput,
    yParity: 0,
    r,
    s,
  };
  const encode = (type: number | undefined, fields: Record<string, RlpInput>) => {
    const list = encodeRlp(Object.values(fields));
    return type === undefined ? list : Buffer.concat([Buffer.of(type), list]);
  };
  const raw0 = (changes: Partial<Record<keyof typeof legacy, RlpInput>> = {}) =>
    encode(undefined, { ...legacy, ...changes });
  const raw2 = (changes: Partial<Record<keyof typeof dynamic, RlpInput>> = {}) => encode(2, { ...dynamic, ...changes });

  const authorization: readonly RlpInput[] = [1, recipient, 0, 1, r, s];
  const raw4 = (authorizations: readonly RlpInput[], changes: Partial<Record<keyof typeof dynamic, RlpInput>> = {}) => {
    const { yParity, r, s, ...fields } = { ...dynamic, ...changes };
    return encode(4, { ...fields, authorizations: authorizations as RlpInput, yParity, r, s });
  };
  const tipAboveFee = { maxPriorityFeePerGas: 3n, maxFeePerGas: 2n };

  test("nothing that is right", () => {
    expect(decodeTransaction(raw4([authorization]))).toMatchObject({
      type: 4,
      authorizationList: [{ chainId: 1n, address: bytesToHex(recipient), nonce: 0n, yParity: 1 }],
    });
    expect(decodeTransaction(raw0()).type).toBe(0);
    expect(decodeTransaction(raw2()).type).toBe(2);
  });

  const withoutLast = (raw: Uint8Array, from: number): RlpItem =>
    (decodeRlp(raw.subarray(from)) as RlpItem[]).slice(0, -1);
  test.each<[string, string, Uint8Array, Record<string, unknown> | undefined]>([
    ["no bytes", "malformed", empty, {}],
    ["a byte string", "malformed", encodeRlp(Buffer.from("no transaction")), {}],
    ["RLP that ends early", "malformed", raw2().subarray(0, -1), {}],
    ["a byte after the end", "malformed", Buffer.concat([raw2(), Buffer.of(0)]), {}],
    ["a field too few", "malformed", encodeRlp(withoutLast(raw0(), 0)), {}],
    ["a field too many", "malformed", encode(2, { ...dynamic, more: 0 }), {}],
    ["a list for a number", "malformed", raw0({ nonce: [] }), {}],
    ["a number with leading zeros", "malformed", raw0({ value: Buffer.of(0, 1) }), {}],
    ["zero written as a byte", "malformed", raw0({ value: Buffer.of(0) }), {}],
    ["a nonce of 2^53", "malformed", raw0({ nonce: 1n << 53n }), {}],
    ["a gas limit of 2^64", "malformed", raw0({ gas: 1n << 64n }), {}],
    ["a value of 2^256", "malformed", raw0({ value: 1n << 256n }), {}],
    ["a gas price of 2^256", "malformed", raw0({ gasPrice: 1n << 256n }), {}],
    ["a maximal fee of 2^256", "malformed", raw2({ fee: 1n << 256n }), {}],
    ["a chain id of 2^53", "malformed", raw2({ chainId: 1n << 53n }), {}],
    ["a recipient of 19 bytes", "malformed", raw0({ to: recipient.subarray(1) }), {}],
    ["data that is a list", "malformed", raw0({ data: [] }), {}],
    ["r of 33 bytes", "malformed", raw0({ r: Buffer.alloc(33, 1) }), {}],
    ["s with leading zeros", "malformed", raw2({ s: Buffer.alloc(32) }), {}],
    ["a parity of 2", "malformed", raw2({ yParity: 2 }), {}],
    ["v = 0", "malformed", raw0({ v: 0 }), {}],
    ["v = 36, which is chain 0", "malformed", raw0({ v: 36 }), {}],
    ["an access list that is no list", "malformed", raw2({ accessList: empty }), {}],
    ["an access list entry of three", "malformed", raw2({ accessList: [[recipient, [], []]] }), {}],
    ["an access list address of 21 bytes", "malformed", raw2({ accessList: [[Buffer.alloc(21), []]] }), {}],
    ["a storage key of 31 bytes", "malformed", raw2({ accessList: [[recipient, [Buffer.alloc(31)]]] }), {}],
    ["v = 27", "unprotected", raw0({ v: 27 }), {}],
    ["v = 28", "unprotected", raw0({ v: 28 }), {}],
    ["a tip above the fee", "tipAboveFee", raw2({ tip: 3 }), tipAboveFee],
    ["type 0x00", "unsupportedType", Buffer.from("00c0", "hex"), { type: 0 }],
    ["blobs", "unsupportedType", encode(3, dynamic), { type: 3 }],
    ["set code without a list of authorizations", "malformed", encode(4, dynamic), {}],
    ["set code with none in its list", "noAuthorizations", raw4([]), undefined],
    ["set code that creates", "setCodeCreates", raw4([authorization], { to: empty }), undefined],
    ["set code with a tip above the fee", "tipAboveFee", raw4([authorization], { tip: 3 }), tipAboveFee],
    ["an authorization of five fields", "malformed", raw4([authorization.slice(1)]), {}],
    ["an authorization for 19 bytes", "malformed", raw4([authorization.with(1, Buffer.alloc(19, 1))]), {}],
    ["an authorization for a nonce of 2^64", "malformed", raw4([authorization.with(2, 1n << 64n)]), {}],
    ["an authorization with a parity of 2^8", "malformed", raw4([authorization.with(3, 256)]), {}],
    ["an authorization for a chain of 2^256", "malformed", raw4([authorization.with(0, 1n << 256n)]), {}],
    ["type 0x77", "unsupportedType", encode(0x77, dynamic), { type: 0x77 }],
    ["type 0x7f", "unsupportedType", Buffer.of(0x7f), { type: 0x7f }],
  ])("%s", (_, code, raw, details) => {
    expect(() => decodeTransaction(raw)).toThrow(
      expect.objectContaining({
        name: "TransactionError",
        code,
        ...(code === "malformed" ? {} : { details: code === "unprotected" ? undefined : details }),
      }),
    );
  });

  test("more than MAX_TX_BYTES", () => {
    const overhead = raw2({ data: Buffer.alloc(MAX_TX_BYTES - 1000) }).length - (MAX_TX_BYTES - 1000);
    const largest = raw2({ data: Buffer.alloc(MAX_TX_BYTES - overhead) });
    expect(largest.length).toBe(MAX_TX_BYTES);
    expect(decodeTransaction(largest).data.length).toBe(MAX_TX_BYTES - overhead);
    const details = { size: MAX_TX_BYTES + 1, limit: MAX_TX_BYTES };
    expect(() => decodeTransaction(raw2({ data: Buffer.alloc(MAX_TX_BYTES - overhead + 1) }))).toThrow(
      expect.objectContaining({ code: "tooLarge", details }),
    );
  });

  test("the type by the words that clients look for", () => {
    expect(() => decodeTransaction(encode(0x77, dynamic))).toThrow(
      "transaction type not supported: unsupported transaction type 0x77",
    );
  });

  test("accepts the greatest numbers", () => {
    const tx = decodeTransaction(
      raw2({
        value: (1n << 256n) - 1n,
        fee: (1n << 256n) - 1n,
        tip: (1n << 256n) - 1n,
        nonce: Number.MAX_SAFE_INTEGER,
      }),
    );
    expect(tx.value).toBe((1n << 256n) - 1n);
    expect(tx.maxPriorityFeePerGas).toBe((1n << 256n) - 1n);
    expect(tx.nonce).toBe(Number.MAX_SAFE_INTEGER);
  });
});
