import { createHash } from "node:crypto";
import { realpath, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EdgeError } from "../edge-error.js";

/**
 * Holds a folder for this process until the returned function is called or the process ends, however it ends: the
 * lock is a listening socket, so that no number left behind in a file can keep a device from starting. Throws
 * EdgeError `folderInUse`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const name = createHash("sha256")
    .update(await realpath(folder))
    .digest("hex");
  const path = join(tmpdir(), `ruff-edge-${name.slice(0, 32)}.sock`);
  if (await answers(path)) {
    throw new EdgeError("folderInUse", { folder }, `${folder} is in use by another process: end that one first`);
  }
  await rm(path, { force: true });
  const server = await listen(path);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on("error", reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}
