// Plain JavaScript, for the child process of the kill test runs it as it is.
import { Bucket } from "@ruffchain/kernel";

const SLOTS = 300;
const KEPT = 20;

function encode(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function decode(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function numbersIn(store, bucket) {
  return Array.from(store.range(bucket, { start: new Uint8Array() }), ([, value]) => decode(value));
}

export function numberedBatch(n) {
  const writes = [{ bucket: Bucket.meta, key: encode(0), value: encode(n) }];
  for (let slot = 0; slot < SLOTS; slot++) writes.push({ bucket: Bucket.state, key: encode(slot), value: encode(n) });
  const large = new Uint8Array(9000);
  large.set(encode(n));
  writes.push({ bucket: Bucket.blocks, key: encode(n), value: large });
  writes.push({ bucket: Bucket.undo, key: encode(n), value: encode(n) });
  if (n > KEPT) writes.push({ bucket: Bucket.undo, key: encode(n - KEPT), value: null });
  return writes;
}

export function newestWholeBatch(store) {
  const meta = store.get(Bucket.meta, encode(0));
  const newest = meta ? decode(meta) : 0;
  const upTo = Array.from({ length: newest }, (_, i) => i + 1);
  const expected = [newest === 0 ? [] : Array(SLOTS).fill(newest), upTo, upTo.slice(-KEPT)];
  const found = [Bucket.state, Bucket.blocks, Bucket.undo].map((bucket) => numbersIn(store, bucket));
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`batch ${newest} is not whole`);
  return newest;
}
