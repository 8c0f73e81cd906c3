import {
  decodeRlp,
  decodeTransaction,
  EXPIRING_NONCE_KEY,
  encodeRlp,
  hexToBytes,
  MAX_KEY_LIMITS,
  MAX_KEY_TARGETS,
  MAX_SCOPE_ENTRIES,
  MAX_TRANSACTION_CALLS,
  packSignatures,
  type RlpInput,
  type RlpItem,
  recoverSenders,
  type TempoTransaction,
  unpackSenders,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { Hex } from "ox";
import { TxEnvelopeTempo } from "ox/tempo";
import { describe, expect, test } from "vitest";
import {
  accessKey,
  authorization,
  type Fields,
  hashOf,
  type Key,
  p256Key,
  secp256k1Key,
  signTempo,
  webAuthnKey,
} from "../account/tempo.js";

const keys = [secp256k1Key(), p256Key(), p256Key(false), webAuthnKey()] as [Key, Key, Key, Key];
const [alice, , , carol] = keys;
const firm = secp256k1Key();
const to = `0x${"35".repeat(20)}` as const;
const decode = (raw: Uint8Array) => decodeTransaction(raw) as TempoTransaction;

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Hex.fromBytes(bytes));
const bytes = fc.uint8Array({ maxLength: 80 }).map((data) => Hex.fromBytes(data));
const amount = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 128n }));
const calls = fc.array(fc.record({ to: address, value: amount, data: bytes }), { minLength: 1, maxLength: 5 });
const fields: fc.Arbitrary<Fields> = fc.record({
  calls,
  gas: fc.bigInt({ min: 0n, max: 2n ** 40n }),
  nonce: fc.bigInt({ min: 0n, max: 2n ** 48n }),
  nonceKey: fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 2n ** 256n - 2n })),
  validAfter: fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined }),
  validBefore: fc.option(fc.integer({ min: 1_001, max: 2 ** 40 }), { nil: undefined }),
}) as never;

describe("type 0x76", () => {
  test("is what ox has encoded, with its signers, by the worker too", () => {
    fc.assert(
      fc.property(fields, fc.constantFrom(...keys), fc.boolean(), fc.boolean(), (any, key, sponsored, keychain) => {
        const signer = keychain ? accessKey(key, to) : key;
        const raw = signTempo(signer, any, sponsored ? firm : undefined);
        const tx = decode(raw);
        const ours = { calls: tx.calls.map((call) => ({ ...call, data: Hex.fromBytes(call.data) })) };
        expect(ours.calls).toEqual(any.calls);
        expect(tx).toMatchObject({
          type: 0x76,
          nonce: Number(any.nonce),
          nonceKey: any.nonceKey,
          gasLimit: Number(any.gas),
          validAfter: any.validAfter ?? 0,
          hash: hashOf(raw),
        });
        expect(tx.validBefore).toBe(any.validBefore);
        const expected = {
          sender: keychain ? to : key.address,
          ...(sponsored && { feePayer: firm.address }),
          ...(keychain && { accessKey: key.address }),
        };
        expect(tx.signers()).toEqual(expected);
        expect(unpackSenders(recoverSenders(packSignatures([tx])))).toEqual([expected]);
        const envelope = TxEnvelopeTempo.deserialize(Hex.fromBytes(raw) as never);
        expect(Hex.fromBytes(tx.signingHash())).toBe(TxEnvelopeTempo.getSignPayload(envelope as never));
      }),
      { numRuns: 60 },
    );
  });

  test("is what ox has encoded of a key authorization", () => {
    const entry = fc.record({ token: address, limit: amount, period: fc.option(fc.nat(), { nil: undefined }) });
    const selector = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((data) => Hex.fromBytes(data));
    const scope = fc.record({ address, selector, recipients: fc.array(address, { minLength: 1, maxLength: 3 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...keys),
        fc.option(fc.integer({ min: 1, max: 2 ** 40 }), { nil: undefined }),
        fc.option(fc.uniqueArray(entry, { maxLength: 4, selector: ({ token }) => token }), { nil: undefined }),
        fc.option(fc.array(scope, { maxLength: 4 }), { nil: undefined }),
        (key, expiry, limits, scopes) => {
          const keyAuthorization = authorization(carol, key, { expiry, limits, scopes } as never);
          const { keyAuthorization: decoded, signers } = decode(signTempo(carol, { keyAuthorization }));
          expect(decoded?.grant).toMatchObject({ keyId: key.address, type: key.type });
          expect(decoded?.grant.expiry).toBe(expiry === undefined ? 2n ** 64n - 1n : BigInt(expiry));
          expect(decoded?.grant.limits).toEqual(
            limits?.map(({ token, limit, period }) => ({ token, amount: limit, period: BigInt(period ?? 0) })),
          );
          const rules = decoded?.grant.scopes?.flatMap(({ target, selectorRules }) =>
            selectorRules.map((rule) => `${target} ${rule.selector} ${rule.recipients}`),
          );
          expect(rules?.sort()).toEqual(
            scopes?.map((each) => `${each.address} ${each.selector} ${each.recipients}`).sort(),
          );
          expect(signers().sender).toBe(carol.address);
        },
      ),
      { numRuns: 40 },
    );
  });

  /** The envelope with one of its items changed. */
  const changed = (raw: Uint8Array, change: (items: RlpItem[]) => RlpInput[]) =>
    Buffer.concat([Buffer.of(0x76), encodeRlp(change([...(decodeRlp(raw.subarray(1)) as RlpItem[])]))]);
  const at = (index: number, value: RlpInput) => (items: RlpItem[]) =>
    items.map((item, i) => (i === index ? value : item)) as RlpInput[];
  const plain = signTempo(alice, {});
  const sponsored = signTempo(alice, {}, firm);
  const grants = (grant: object) => signTempo(alice, { keyAuthorization: authorization(alice, carol, grant) });
  const header = Buffer.concat([Buffer.of(4), hexToBytes(to)]);
  const addresses = (count: number) => Array.from({ length: count }, (_, i) => Hex.fromNumber(i + 1, { size: 20 }));

  test.each<[string, string, () => Uint8Array, unknown]>([
    ["a fee token", "unsupportedField", () => signTempo(alice, { feeToken: to }), { field: "feeToken" }],
    [
      "an authorization list",
      "unsupportedField",
      () => changed(plain, at(12, [[1, hexToBytes(to), 0, new Uint8Array(65)]])),
      { field: "authorizationList" },
    ],
    [
      "a fee payer that has not signed",
      "feePayerUnsigned",
      () => signTempo(alice, { feePayerSignature: null }),
      undefined,
    ],
    [
      "a sender in the fee payer's place",
      "feePayerUnsigned",
      () => changed(sponsored, at(11, hexToBytes(to))),
      undefined,
    ],
    ["no signature", "malformed", () => changed(plain, (items) => items.slice(0, -1)), expect.anything()],
    ["no calls", "malformed", () => changed(plain, at(4, [])), { reason: "it has no calls" }],
    [
      "more than MAX_TRANSACTION_CALLS calls",
      "malformed",
      () => signTempo(alice, { calls: Array.from({ length: MAX_TRANSACTION_CALLS + 1 }, () => ({ to })) }),
      { reason: `it has ${MAX_TRANSACTION_CALLS + 1} calls, the limit is ${MAX_TRANSACTION_CALLS}` },
    ],
    [
      "a creation that is not the first call",
      "malformed",
      () => signTempo(alice, { calls: [{ to }, { data: "0x00" }] }),
      { reason: "only its first call may create a contract" },
    ],
    [
      "an empty window",
      "malformed",
      () => changed(signTempo(alice, { validAfter: 5, validBefore: 6 }), at(9, 6)),
      { reason: "validBefore is not above validAfter" },
    ],
    [
      "an expiring nonce that does not expire",
      "malformed",
      () => signTempo(alice, { nonceKey: EXPIRING_NONCE_KEY }),
      { reason: "an expiring nonce needs validBefore" },
    ],
    ["a tip above the fee", "tipAboveFee", () => changed(plain, at(1, 11_000_000_000)), expect.anything()],
    [
      "a witness",
      "unsupportedField",
      () => grants({ witness: Hex.padLeft("0x1", 32) }),
      { field: "keyAuthorization.witness" },
    ],
    ["an admin key", "unsupportedField", () => grants({ isAdmin: true }), { field: "keyAuthorization.isAdmin" }],
    ["an account of the key", "unsupportedField", () => grants({ account: to }), { field: "keyAuthorization.account" }],
    [
      "a key of another kind",
      "unsupportedField",
      () => grants({ type: "configurable", account: to }),
      { field: "keyAuthorization.account" },
    ],
    [
      "more than MAX_KEY_LIMITS limits",
      "malformed",
      () => grants({ limits: addresses(MAX_KEY_LIMITS + 1).map((token) => ({ token, limit: 1n })) }),
      expect.objectContaining({ reason: expect.stringContaining("limits") }),
    ],
    [
      "more than MAX_KEY_TARGETS targets",
      "malformed",
      () => grants({ scopes: addresses(MAX_KEY_TARGETS + 1).map((address) => ({ address })) }),
      expect.objectContaining({ reason: expect.stringContaining("scopes") }),
    ],
    [
      "more than MAX_SCOPE_ENTRIES recipients",
      "malformed",
      () => grants({ scopes: [{ address: to, selector: "0x12345678", recipients: addresses(MAX_SCOPE_ENTRIES + 1) }] }),
      expect.objectContaining({ reason: expect.stringContaining("recipients") }),
    ],
  ])("refuses %s", (_, code, make, details) => {
    expect(() => decodeTransaction(make())).toThrow(
      expect.objectContaining({ name: "TransactionError", code, details }),
    );
  });

  test.each<[string, string, () => Uint8Array]>([
    ["a sender's signature that is none", "invalidSignature", () => changed(plain, at(13, new Uint8Array(65)))],
    [
      "an access key's signature that is none",
      "invalidSignature",
      () => changed(plain, at(13, Buffer.concat([header, new Uint8Array(65)]))),
    ],
    [
      "an access key's signature in another one's",
      "invalidSignature",
      () => changed(plain, at(13, Buffer.concat([header, header, new Uint8Array(65)]))),
    ],
    ["a fee payer's signature that is none", "invalidFeePayer", () => changed(sponsored, at(11, [0, 1, 0]))],
    [
      "a key authorization that another has signed",
      "invalidKeyAuthorization",
      () => signTempo(alice, { keyAuthorization: authorization(firm, carol) }),
    ],
  ])("refuses %s, by the worker too", (_, code, make) => {
    const tx = decode(make());
    expect(() => tx.signers()).toThrow(expect.objectContaining({ code }));
    expect(unpackSenders(recoverSenders(packSignatures([tx])))).toEqual([expect.objectContaining({ code })]);
  });

  test("another than the fee payer that was asked has another address", () => {
    const [one, two] = [signTempo(alice, { nonce: 1n }, firm), signTempo(alice, { nonce: 2n }, firm)];
    const stolen = (decodeRlp(two.subarray(1)) as RlpItem[])[11] as RlpInput;
    expect(decode(changed(one, at(11, stolen))).signers().feePayer).not.toBe(firm.address);
  });
});
