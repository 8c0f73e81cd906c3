import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { DoorError } from "./door-error.js";

/** Largest body of a request: in hex, a header with its whole commit and both sets of 200 validators. */
export const MAX_BODY_BYTES = 98_304;

/** The JSON body of a request; throws DoorError. */
export async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json(;|$)/.test(request.headers["content-type"] ?? "")) {
    throw new DoorError(415, "notJson", "send JSON, with content-type application/json");
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new DoorError(413, "tooLarge", `a body may have ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const parsed = schema.safeParse(parse(Buffer.concat(chunks).toString("utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join(".") || "the body";
  throw new DoorError(400, "badRequest", `${where}: ${issue?.message}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DoorError(400, "badRequest", "the body is not JSON");
  }
}
