import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { KeyError } from "./key-error.js";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** Reads a file that only its owner may read. Throws KeyError notFound, insecurePermissions. */
export function readSecretFile(path: string): string {
  const file = open(path, "r", "ENOENT", "notFound");
  try {
    const mode = fstatSync(file).mode & 0o777;
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new KeyError("insecurePermissions", { path, mode: mode.toString(8).padStart(4, "0") });
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** Makes a file that only its owner may read; on disk when this returns. Throws KeyError exists. */
export function writeSecretFile(path: string, text: string): void {
  const file = open(path, "wx", "EEXIST", "exists");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function open(path: string, flags: string, errorCode: string, code: "notFound" | "exists"): number {
  try {
    return openSync(path, flags, OWNER_ONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === errorCode) throw new KeyError(code, { path });
    throw error;
  }
}
