import { sha256 } from "../crypto/sha256.js";
import { Bucket, type Store, type Write } from "../store.js";
import type { Journal } from "./journal.js";
import { keyBytes, keyFromBytes } from "./keys.js";
import type { StateKey, StateReader } from "./reader.js";

export interface Staged {
  readonly height: number;
  readonly root: Uint8Array;
  readonly writes: readonly Write[];
}

export class State {
  #head: { height: number; root: Uint8Array };
  readonly #store: Store;
  readonly newest: StateReader;
  private constructor(store: Store, head: { height: number; root: Uint8Array }) {
    this.#store = store;
    this.#head = head;
    this.newest = {
      get: (key) => store.get(Bucket.state, keyBytes(key)),
      *range(start, end, reverse = false) {
        for (const [key, value] of store.range(Bucket.state, { start: keyBytes(start), end: keyBytes(end), reverse })) {
          yield [keyFromBytes(key), value] as const;
        }
      },
    };
  }
  static open(store: Store, _options: { window?: number; archive?: boolean } = {}): State {
    const meta = store.get(Bucket.meta, Buffer.from("head"));
    const head = meta ? { height: Buffer.from(meta).readUIntBE(0, 6), root: meta.slice(6) } : { height: 0, root: new Uint8Array(32) };
    return new State(store, head);
  }
  get head(): { readonly height: number; readonly root: Uint8Array } {
    return this.#head;
  }
  stage(height: number, journal: Journal<unknown>): Staged {
    const all = new Map<StateKey, Uint8Array>();
    for (const [key, value] of journal.range("\x00", "\x80")) all.set(key, value);
    const root = sha256(Buffer.concat([...all].flatMap(([key, value]) => [sha256(keyBytes(key)), sha256(value)])));
    const writes: Write[] = [...journal.changes()].map(([key, value]) => ({ bucket: Bucket.state, key: keyBytes(key), value }));
    const meta = Buffer.alloc(38);
    meta.writeUIntBE(height, 0, 6);
    meta.set(root, 6);
    writes.push({ bucket: Bucket.meta, key: Buffer.from("head"), value: meta });
    return { height, root, writes };
  }
  applied(staged: Staged): void {
    this.#head = { height: staged.height, root: staged.root };
  }
  view(_height: number): StateReader {
    return this.newest;
  }
  prove(_height: number, _key: StateKey): Uint8Array {
    throw new Error("no proofs yet");
  }
}
