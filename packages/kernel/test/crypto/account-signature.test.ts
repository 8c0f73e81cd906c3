import { p256 } from "@noble/curves/nist.js";
import {
  gasSchedule,
  hexToBytes,
  MAX_WEBAUTHN_BYTES,
  recoverSigner,
  signatureGas,
  signatureType,
} from "@ruffchain/kernel";
import fc from "fast-check";
import { Address, Base64, Bytes, Hash, Hex, P256, Secp256k1, WebAuthnP256 } from "ox";
import { SignatureEnvelope } from "ox/tempo";
import { describe, expect, test } from "vitest";

const HASH = Hash.keccak256("0x01");
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ORDER = p256.Point.Fn.ORDER;

const address = (publicKey: Parameters<typeof Address.fromPublicKey>[0]) =>
  Address.fromPublicKey(publicKey).toLowerCase();
const signer = (hash: Hex.Hex, signature: Hex.Hex) => {
  const found = recoverSigner(hexToBytes(hash), hexToBytes(signature));
  return found && Hex.fromBytes(found);
};

const secp256k1 = (hash: Hex.Hex, privateKey: Hex.Hex = KEY) =>
  SignatureEnvelope.serialize({ type: "secp256k1", signature: Secp256k1.sign({ payload: hash, privateKey }) });
const p256Envelope = (hash: Hex.Hex, prehash: boolean, privateKey: Hex.Hex = KEY) =>
  SignatureEnvelope.serialize({
    type: "p256",
    prehash,
    publicKey: P256.getPublicKey({ privateKey }),
    signature: P256.sign({ payload: hash, privateKey, hash: prehash }),
  });

interface WebAuthnOptions {
  readonly clientData?: string;
  readonly authenticatorData?: Hex.Hex;
  readonly flag?: number;
  readonly privateKey?: Hex.Hex;
}

/** Signs whatever clientDataJSON and authenticatorData are given, as an authenticator would. */
function webAuthn(hash: Hex.Hex, options: WebAuthnOptions = {}): Hex.Hex {
  const { privateKey = KEY, flag = 5 } = options;
  const { metadata } = WebAuthnP256.getSignPayload({
    challenge: hash,
    rpId: "localhost",
    origin: "http://localhost",
    flag,
  });
  const { clientData = metadata.clientDataJSON, authenticatorData = metadata.authenticatorData as Hex.Hex } = options;
  const payload = Hex.concat(authenticatorData, Hash.sha256(Hex.fromString(clientData)));
  return SignatureEnvelope.serialize({
    type: "webAuthn",
    metadata: { authenticatorData, clientDataJSON: clientData },
    publicKey: P256.getPublicKey({ privateKey }),
    signature: P256.sign({ payload, privateKey, hash: true }),
  });
}

const challenge = Base64.fromHex(HASH, { pad: false, url: true });

describe("recoverSigner", () => {
  const secpAddress = address(Secp256k1.getPublicKey({ privateKey: KEY }));
  const p256Address = address(P256.getPublicKey({ privateKey: KEY }));

  test("accepts each kind as ox encodes it", () => {
    expect(signer(HASH, secp256k1(HASH))).toBe(secpAddress);
    expect(signer(HASH, p256Envelope(HASH, false))).toBe(p256Address);
    expect(signer(HASH, p256Envelope(HASH, true))).toBe(p256Address);
    expect(signer(HASH, webAuthn(HASH))).toBe(p256Address);
  });

  test("agrees with ox for any key and hash", () => {
    const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Hex.fromBytes(bytes));
    const keys = fc.bigInt({ min: 1n, max: 2n ** 255n }).map((key) => Hex.fromNumber(key, { size: 32 }));
    fc.assert(
      fc.property(keys, bytes32, fc.constantFrom("secp256k1", "p256", "prehash", "webAuthn"), (key, hash, kind) => {
        const signature = {
          secp256k1: () => secp256k1(hash, key),
          p256: () => p256Envelope(hash, false, key),
          prehash: () => p256Envelope(hash, true, key),
          webAuthn: () => webAuthn(hash, { privateKey: key }),
        }[kind]();
        const envelope = SignatureEnvelope.deserialize(signature);
        const expected = SignatureEnvelope.extractAddress({ payload: hash, signature: envelope }).toLowerCase();
        expect(SignatureEnvelope.verify(envelope, { payload: hash, address: expected as Hex.Hex })).toBe(true);
        expect(signer(hash, signature)).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  test("takes v as 0 and 1 and as 27 and 28", () => {
    const signature = secp256k1(HASH);
    const v = Number(Hex.slice(signature, 64));
    expect(signer(HASH, Hex.concat(Hex.slice(signature, 0, 64), Hex.fromNumber(v - 27, { size: 1 })))).toBe(
      secpAddress,
    );
    for (const wrong of [2, 26, 29, 255]) {
      expect(signer(HASH, Hex.concat(Hex.slice(signature, 0, 64), Hex.fromNumber(wrong, { size: 1 })))).toBeUndefined();
    }
  });

  test("takes what browsers add to clientDataJSON", () => {
    const clientData = `{"type":"webauthn.get","challenge":"${challenge}","origin":"http://localhost:8080","crossOrigin":false,"other_keys_can_be_added_here":"{}"}`;
    expect(signer(HASH, webAuthn(HASH, { clientData }))).toBe(p256Address);
  });

  const other = Hash.keccak256("0x02");
  const highS = (signature: Hex.Hex, at: number) => {
    const s = ORDER - BigInt(Hex.slice(signature, at, at + 32));
    return Hex.concat(Hex.slice(signature, 0, at), Hex.fromNumber(s, { size: 32 }), Hex.slice(signature, at + 32));
  };
  const flipped = (signature: Hex.Hex, at: number) => {
    const bytes = Bytes.fromHex(signature);
    const place = at < 0 ? bytes.length + at : at;
    return Hex.fromBytes(bytes.map((byte, i) => (i === place ? byte ^ 1 : byte)));
  };
  const p = p256Envelope(HASH, false);
  const pre = p256Envelope(HASH, true);
  const w = webAuthn(HASH);
  const authenticatorData = WebAuthnP256.getAuthenticatorData({ rpId: "localhost" });

  test.each<[string, Hex.Hex]>([
    ["nothing", "0x"],
    ["64 bytes", Hex.slice(secp256k1(HASH), 0, 64)],
    ["66 bytes", Hex.concat(secp256k1(HASH), "0x00")],
    ["an unknown type", Hex.concat("0x06", Hex.slice(p, 1))],
    ["an access key's envelope", Hex.concat("0x04", secpAddress as Hex.Hex, secp256k1(HASH))],
    ["P-256 of another hash", p256Envelope(other, false)],
    ["P-256 with a byte too much", Hex.concat(p, "0x00")],
    ["P-256 with a byte too few", Hex.slice(p, 0, 129)],
    ["P-256 with high s", highS(p, 33)],
    ["P-256 with high s, hashed", highS(pre, 33)],
    ["P-256 with r = 0", Hex.concat("0x01", Hex.padLeft("0x", 32), Hex.slice(p, 33))],
    ["P-256 with a key that is no point", flipped(p, 128)],
    ["P-256 hashed with a key that is no point", flipped(pre, 128)],
    ["P-256 that says that it is hashed", Hex.concat(Hex.slice(p, 0, 129), "0x01")],
    ["P-256 hashed that does not say so", Hex.concat(Hex.slice(pre, 0, 129), "0x00")],
    ["P-256 with prehash 2", Hex.concat(Hex.slice(pre, 0, 129), "0x02")],
    ["WebAuthn with another challenge", webAuthn(other)],
    [
      "WebAuthn of a registration",
      webAuthn(HASH, { clientData: `{"type":"webauthn.create","challenge":"${challenge}"}` }),
    ],
    ["WebAuthn without a type", webAuthn(HASH, { clientData: `{"challenge":"${challenge}"}` })],
    [
      "WebAuthn with the challenge deeper",
      webAuthn(HASH, { clientData: `{"type":"webauthn.get","x":{"challenge":"${challenge}"}}` }),
    ],
    [
      "WebAuthn with a padded challenge",
      webAuthn(HASH, { clientData: `{"type":"webauthn.get","challenge":"${challenge}="}` }),
    ],
    ["WebAuthn without the user's presence", webAuthn(HASH, { flag: 4 })],
    ["WebAuthn with an attested key", webAuthn(HASH, { flag: 0x41 })],
    ["WebAuthn with extensions", webAuthn(HASH, { flag: 0x81 })],
    [
      "WebAuthn with longer authenticatorData",
      webAuthn(HASH, { authenticatorData: Hex.concat(authenticatorData, "0x20") }),
    ],
    ["WebAuthn with high s", highS(w, Hex.size(w) - 96)],
    ["WebAuthn with another key", flipped(w, -1)],
    ["WebAuthn with a changed counter", flipped(w, 37)],
    ["WebAuthn without data", Hex.concat("0x02", Hex.slice(w, Hex.size(w) - 128))],
    ["WebAuthn with null", webAuthnRaw("null")],
    ["WebAuthn that is no JSON", webAuthnRaw(`{"type":"webauthn.get","challenge":"${challenge}"`)],
    [
      "WebAuthn that is no UTF-8",
      webAuthnRaw(`{"type":"webauthn.get","challenge":"${challenge}","x":"\u0080"}`, "latin1"),
    ],
    [
      "WebAuthn above MAX_WEBAUTHN_BYTES",
      webAuthn(HASH, {
        clientData: `{"type":"webauthn.get","challenge":"${challenge}","x":"${"x".repeat(MAX_WEBAUTHN_BYTES)}"}`,
      }),
    ],
  ])("refuses %s", (_, signature) => {
    expect(signer(HASH, signature)).toBeUndefined();
  });

  test("takes a WebAuthn signature of MAX_WEBAUTHN_BYTES", () => {
    const length = MAX_WEBAUTHN_BYTES - 128 - 37 - `{"type":"webauthn.get","challenge":"${challenge}","x":""}`.length;
    const sized = (n: number) =>
      webAuthn(HASH, { clientData: `{"type":"webauthn.get","challenge":"${challenge}","x":"${"x".repeat(n)}"}` });
    expect(signer(HASH, sized(length))).toBe(p256Address);
    expect(signer(HASH, sized(length + 1))).toBeUndefined();
  });

  test("has a price for each kind", () => {
    const price = (signature: Hex.Hex) => signatureGas(hexToBytes(signature));
    expect(price(secp256k1(HASH))).toBe(gasSchedule.recoverSecp256k1);
    expect(price(p)).toBe(gasSchedule.verifyP256Digest);
    expect(price(pre)).toBe(gasSchedule.verifyP256);
    expect(price(w)).toBe(gasSchedule.verifyP256 + gasSchedule.hash + gasSchedule.hashByte * Hex.size(w));
    expect(price("0x06")).toBe(gasSchedule.hash);
    expect(signatureType(hexToBytes("0x06"))).toBeUndefined();
  });
});

/** Signs bytes that need not be JSON in place of clientDataJSON. */
function webAuthnRaw(clientData: string, encoding: BufferEncoding = "utf8"): Hex.Hex {
  const authenticatorData = WebAuthnP256.getAuthenticatorData({ rpId: "localhost" });
  const bytes = Hex.fromBytes(Buffer.from(clientData, encoding));
  const publicKey = P256.getPublicKey({ privateKey: KEY });
  const { r, s } = P256.sign({
    payload: Hex.concat(authenticatorData, Hash.sha256(bytes)),
    privateKey: KEY,
    hash: true,
  });
  const words = [r, s, publicKey.x, publicKey.y].map((word) => Hex.fromNumber(word, { size: 32 }));
  return Hex.concat("0x02", authenticatorData, bytes, ...words);
}
