/** Longest serial number of an asset that is not a car. */
export const MAX_SERIAL_LENGTH = 64;

/** ISO 3779: 17 characters, without I, O and Q. */
const VIN = /^[A-HJ-NPR-Z0-9]{17}$/;
const PRINTABLE = /^[\x21-\x7e]+$/;

export function isVin(identifier: string): boolean {
  return VIN.test(identifier);
}

/** Printable ASCII without spaces, up to MAX_SERIAL_LENGTH. */
export function isSerial(identifier: string): boolean {
  return identifier.length <= MAX_SERIAL_LENGTH && PRINTABLE.test(identifier);
}

const CHECK_DIGIT_POSITION = 8;
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/** Values of the letters; digits are their own. I, O and Q do not occur. */
const VALUES: Readonly<Record<string, number>> = {
  ...{ A: 1, B: 2, C: 3, D: 4, E: 5, F: 6, G: 7, H: 8 },
  ...{ J: 1, K: 2, L: 3, M: 4, N: 5, P: 7, R: 9 },
  ...{ S: 2, T: 3, U: 4, V: 5, W: 6, X: 7, Y: 8, Z: 9 },
};

/** Where the ninth character is a check digit: North America (49 CFR 565) and China (GB 16735). */
export function hasCheckDigit(vin: string): boolean {
  return /^[1-5L]/.test(vin);
}

/** The check digit that a VIN must have: 0 to 9 or X. */
export function checkDigitOf(vin: string): string {
  let sum = 0;
  for (const [i, weight] of WEIGHTS.entries()) {
    const character = vin.charAt(i);
    sum += (VALUES[character] ?? Number(character)) * weight;
  }
  const remainder = sum % 11;
  return remainder === 10 ? "X" : `${remainder}`;
}

export function checkDigitIn(vin: string): string {
  return vin.charAt(CHECK_DIGIT_POSITION);
}
