/** Key of what an engine keeps of a height, in the bucket of the engine. */
export function heightKey(height: number): Uint8Array {
  const key = Buffer.alloc(8);
  key.writeUIntBE(height, 2, 6);
  return key;
}
