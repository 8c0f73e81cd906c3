import { randomUUID } from "node:crypto";
import { link, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EdgeError } from "../edge-error.js";
import { syncFolder } from "../files/replace-file.js";

/**
 * The text of a file that only its owner may read. If there is none, `create` makes the text and it is written first;
 * a file that is there is never replaced: a lost key is a lost identity. Throws EdgeError `keyReadableByOthers`.
 */
export async function readSecretFile(path: string, create: () => string): Promise<string> {
  if (!(await exists(path))) await writeNew(path, create());
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    const details = { file: path, mode: mode.toString(8) };
    throw new EdgeError("keyReadableByOthers", details, `${path} has mode ${details.mode}: run chmod 600 ${path}`);
  }
  return readFile(path, "utf8");
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}
