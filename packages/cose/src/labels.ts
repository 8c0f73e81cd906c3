/** Header parameters and claims. Private ones are below -65536, as IANA asks; the README lists them for makers. */
export const header = { alg: 1, contentType: 3, kid: 4, cwtClaims: 15 } as const;

export const claim = {
  issuer: 1,
  issuedAt: 6,
  cwtId: 7,
  bootCount: 267,
  previous: -70001,
  timeQuality: -70002,
  command: -70020,
  odometer: -70030,
  energy: -70031,
  position: -70032,
  sequence: -70033,
  root: -70034,
  count: -70035,
  from: -70036,
  until: -70037,
  right: -70038,
  leftArea: -70039,
  owner: -70040,
} as const;

/** How a device signs. */
export type KeyKind = "p256" | "ed25519";

/** RFC 9864: ESP256 and Ed25519, fully specified. */
export const algorithm = { p256: -9, ed25519: -19 } as const satisfies Record<KeyKind, number>;

/** CoAP content format of SenML in CBOR (RFC 8428). */
export const SENML_CBOR = 112;
