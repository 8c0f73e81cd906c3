import { MAX_BLOCK_BYTES } from "../../genesis/genesis.js";
import { ProtobufError } from "./protobuf.js";

/** Longest message from CometBFT: the largest block that it allows, and the rest of the request. */
export const MAX_FRAME_BYTES = MAX_BLOCK_BYTES + 2 ** 20;
/** Bytes of the longest length that is allowed. */
const MAX_LENGTH_BYTES = 4;

/** Cuts a stream of bytes into messages: each has its length before it, as unsigned varint. */
export class Frames {
  /** What has come of the message that is not whole yet, with its length. */
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** How much must be there before it is worth looking again. */
  #wanted = 1;

  /** Whether a message has begun and not ended. */
  get pending(): boolean {
    return this.#buffered > 0;
  }

  /** The messages that are whole with this chunk. Throws ProtobufError for one that is too long. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#wanted) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    const messages: Buffer[] = [];
    let at = 0;
    for (;;) {
      const header = readLength(bytes, at);
      const end = header ? header.end + header.length : bytes.length + 1;
      if (!header || end > bytes.length) {
        this.#chunks = at < bytes.length ? [bytes.subarray(at)] : [];
        this.#buffered = bytes.length - at;
        this.#wanted = end - at;
        return messages;
      }
      messages.push(bytes.subarray(header.end, end));
      at = end;
    }
  }
}

/** The length at a place and where it ends; undefined where it has not come whole. */
function readLength(bytes: Buffer, start: number): { length: number; end: number } | undefined {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) {
      if (length > MAX_FRAME_BYTES) break;
      return { length, end: start + i + 1 };
    }
  }
  throw new ProtobufError(`a message is longer than MAX_FRAME_BYTES, ${MAX_FRAME_BYTES}`);
}
