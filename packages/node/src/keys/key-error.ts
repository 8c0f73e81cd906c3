const REASONS = {
  notFound: (d: { path: string }) => `there is no key file ${d.path}`,
  exists: (d: { path: string }) => `${d.path} exists: move it away first, a key file is never overwritten`,
  insecurePermissions: (d: { path: string; mode: string }) =>
    `others can read ${d.path} (mode ${d.mode}): run chmod 600 on it, and make a new key if others may have seen it`,
  malformed: (d: { path: string; reason: string }) => `${d.path} is not a key file: ${d.reason}`,
  invalidPrivateKey: () => "a secp256k1 private key has 32 bytes and is between zero and the order of the curve",
  unsupportedKeystore: (d: { reason: string }) => `the keystore cannot be read: ${d.reason}`,
  wrongPassphrase: () => "the passphrase does not open this keystore",
} as const;

type Reasons = typeof REASONS;
export type KeyErrorCode = keyof Reasons;
export type KeyErrorDetails<C extends KeyErrorCode> = Parameters<Reasons[C]>;

/** A key cannot be read, opened or saved. Never contains anything of a secret. */
export class KeyError<C extends KeyErrorCode = KeyErrorCode> extends Error {
  override readonly name = "KeyError";
  readonly code: C;
  readonly details: KeyErrorDetails<C>[0];

  constructor(code: C, ...[details]: KeyErrorDetails<C>) {
    super((REASONS[code] as (details: unknown) => string)(details));
    this.code = code;
    this.details = details;
  }
}
