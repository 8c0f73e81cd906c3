/** A call failed by its own decision; `data` is the ABI-encoded error. What it did is undone, gas is spent. */
export class Revert extends Error {
  readonly code = "reverted";
  readonly data: Uint8Array;
  constructor(data: Uint8Array, message: string) {
    super(message);
    this.data = data;
  }
}

/** The call used up its gas. What it did is undone and all of its gas is spent. */
export class OutOfGas extends Error {
  readonly code = "outOfGas";
  constructor() {
    super("out of gas");
  }
}
