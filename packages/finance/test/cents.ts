/** Cents of "1234.50" or "-1,234.50". */
export function cents(text: string): bigint {
  return BigInt(text.replace(/[.,]/g, ""));
}

/** "1234.50" of cents. */
export function decimal(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
