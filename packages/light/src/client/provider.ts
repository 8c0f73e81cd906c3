import { hexToBytes } from "@noble/hashes/utils.js";
import { decodeCommit } from "../comet/commit.js";
import { decodeHeader } from "../comet/header.js";
import type { SignedHeader } from "../comet/light-block.js";
import type { Validator } from "../comet/validator.js";
import { LightError } from "../light-error.js";

/** Where blocks come from: a node that is not trusted. */
export interface Provider {
  /** The signed header of a height, or the newest one. */
  signedHeader(height: number | "latest"): Promise<SignedHeader>;
  /** The validators of a height, in CometBFT's order. */
  validators(height: number): Promise<readonly Validator[]>;
}

/** A node's JSON-RPC (docs/rpc.md) as a provider. What it answers is read strictly: else LightError `malformed`. */
export function rpcProvider(request: (method: string, params: readonly unknown[]) => Promise<unknown>): Provider {
  return {
    signedHeader: async (height) => {
      const tag = height === "latest" ? height : `0x${height.toString(16)}`;
      const { header, commit } = record(await request("ruff_getCommit", [tag]));
      return { header: decodeHeader(readHex(header)), commit: decodeCommit(readHex(commit)) };
    },
    validators: async (height) => {
      const { validators } = record(await request("ruff_getValidators", [`0x${height.toString(16)}`]));
      if (!Array.isArray(validators)) throw malformed("it has no list of validators");
      return validators.map((validator) => {
        const { publicKey, power } = record(validator);
        if (typeof power !== "string" || !/^\d{1,19}$/.test(power)) throw malformed("a power is no decimal number");
        return { publicKey: readHex(publicKey), power: BigInt(power) };
      });
    },
  };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw malformed("it is no object");
  return value as Record<string, unknown>;
}

function readHex(value: unknown): Uint8Array {
  if (typeof value !== "string" || !/^0x([0-9a-f]{2})*$/i.test(value)) throw malformed("a field is no 0x hex");
  return hexToBytes(value.slice(2));
}

function malformed(problem: string): LightError<"malformed"> {
  return new LightError("malformed", { what: "the node's answer", problem }, `the node's answer is wrong: ${problem}`);
}
