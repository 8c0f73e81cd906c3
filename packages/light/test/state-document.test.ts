import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  commitVote,
  decodeCommit,
  decodeHeader,
  decodeRecord,
  decodeRight,
  hashHeader,
  hashValidators,
  rightKey,
  validatorAddress,
  verifyCommit,
  verifyMembership,
  verifyNonMembership,
  voteSignBytes,
} from "@ruffchain/light";
import { describe, expect, test } from "vitest";

const page = readFileSync(new URL("../../../docs/state.md", import.meta.url), "utf8");

/**
 * The bytes of the page's examples by their names. A line is a name or spaces, then bytes in hex, then, behind two spaces,
 * what a person may want to know.
 */
const examples = new Map<string, Buffer>();
let name = "";
for (const [, block] of page.slice(0, page.indexOf("## On disk")).matchAll(/^```text\n(.*?)^```/gms)) {
  for (const line of (block ?? "").trimEnd().split("\n")) {
    const [, newName, hex] = /^(\S+(?: \S+)?)? {2,}((?: ?[0-9a-f]+)+)(?: {2}|$)/.exec(line) ?? [];
    if (hex === undefined) throw new Error(`an example has a line that is no bytes: ${line}`);
    if (newName !== undefined && examples.has(newName)) throw new Error(`there are two of ${newName}`);
    name = newName ?? name;
    examples.set(
      name,
      Buffer.concat([examples.get(name) ?? Buffer.alloc(0), Buffer.from(hex.replaceAll(" ", ""), "hex")]),
    );
  }
}

function example(name: string): Buffer {
  const bytes = examples.get(name);
  if (!bytes) throw new Error(`the page has no example ${name}`);
  return bytes;
}

const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafOf = (key: Uint8Array, value: Uint8Array) => sha256(Buffer.alloc(1), sha256(key), sha256(value));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const fields = ["asset", "holder", "from", "until", "area", "scope", "maxAge", "terms", "ticket"];

describe("the examples of docs/state.md", () => {
  const right = Buffer.concat(fields.map(example));
  const root = example("root");

  test("a right", () => {
    expect(hex(rightKey(1n))).toBe(hex(example("key")));
    expect(decodeRight(right)).toEqual({
      asset: 7n,
      holder: `0x${"11".repeat(20)}`,
      from: 1793570000n,
      until: 1793577200n,
      area: `0x${"a5".repeat(32)}`,
      scope: 7,
      maxAge: 3600,
      terms: 2n,
      ticket: (1793577200n << 64n) | 5n,
    });
  });

  test("two leaves and their root", () => {
    const account = example("account value");
    expect(decodeRecord({ nonce: "uint64", balance: "uint256", codeHash: "bytes" }, account)).toEqual({
      nonce: 1n,
      balance: 10n ** 18n,
      codeHash: "0x",
    });
    expect(hex(sha256(example("key")))).toBe(hex(example("right path")));
    expect(hex(leafOf(example("key"), right))).toBe(hex(example("right leaf")));
    expect(hex(sha256(example("account key")))).toBe(hex(example("account path")));
    expect(hex(leafOf(example("account key"), account))).toBe(hex(example("account leaf")));
    const inner = sha256(example("account leaf"), example("right leaf"));
    expect(hex(sha256(inner, Buffer.alloc(32)))).toBe(hex(root));
  });

  test("the proof of the right, and of the account that its holder does not have", () => {
    expect(() => verifyMembership(root, example("key"), right, example("proof"))).not.toThrow();
    expect(() => verifyMembership(sha256(root), example("key"), right, example("proof"))).toThrow();
    const absent = Buffer.concat([example("absent"), example("proof").subarray(3)]);
    const account = Buffer.concat([Buffer.alloc(1), example("holder")]);
    expect(() => verifyNonMembership(root, account, absent)).not.toThrow();
    expect(() => verifyNonMembership(sha256(root), account, absent)).toThrow();
  });

  test("the signed header with the root", () => {
    const validators = [{ publicKey: example("validator"), power: 10n }];
    const header = decodeHeader(example("header"));
    const commit = decodeCommit(example("commit"));
    const [slot] = commit.signatures;
    if (!slot) throw new Error("the commit is empty");
    expect(hex(header.appHash)).toBe(hex(root));
    expect(hex(header.validatorsHash)).toBe(hex(hashValidators(validators)));
    expect(hex(validatorAddress(example("validator")))).toBe(hex(example("address")));
    expect(hex(hashHeader(header))).toBe(hex(example("hash")));
    expect(hex(voteSignBytes("ruff-1", commitVote(commit, slot)))).toBe(hex(example("signed")));
    expect(() => verifyCommit(validators, "ruff-1", header, commit)).not.toThrow();
    expect(() => verifyCommit(validators, "ruff-2", header, commit)).toThrow();
    expect(() => verifyCommit(validators, "ruff-1", { ...header, appHash: sha256(root) }, commit)).toThrow();
  });
});
