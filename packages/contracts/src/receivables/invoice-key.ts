import type { Address, Hex } from "@ruffchain/abi";

/** Longest invoice number, in characters. */
export const MAX_INVOICE_NUMBER_LENGTH = 64;

interface KeyedInvoice {
  readonly buyer: Address;
  readonly number: string;
  readonly issueDate: bigint;
  readonly currency: Address;
  readonly amount: bigint;
}

/** Printable ASCII, so that a number has one spelling in bytes; it must have a letter or digit to be compared by. */
export function isInvoiceNumber(number: string): boolean {
  return number.length <= MAX_INVOICE_NUMBER_LENGTH && /^[\x20-\x7e]*$/.test(number) && /[0-9A-Za-z]/.test(number);
}

/** What an invoice's key is the SHA-256 of: seller ‖ buyer ‖ currency ‖ issue date (8) ‖ amount (32) ‖ number. */
export function invoicePreimage(seller: Address, invoice: KeyedInvoice): Hex {
  const { buyer, number, issueDate, currency, amount } = invoice;
  return `0x${parties(seller, buyer)}${currency.slice(2)}${fixed(issueDate, 8)}${fixed(amount, 32)}${ascii(number)}`;
}

/**
 * The same for finding invoices that differ only in amount, date or the spelling of the number ("INV-0042" and
 * "inv 42"): seller ‖ buyer ‖ normalised number.
 */
export function similarPreimage(seller: Address, { buyer, number }: KeyedInvoice): Hex {
  return `0x${parties(seller, buyer)}${ascii(normaliseNumber(number))}`;
}

function normaliseNumber(number: string): string {
  return number
    .replaceAll(/(?<!\d)0+(?=\d)/g, "")
    .replaceAll(/[^0-9A-Za-z]/g, "")
    .toUpperCase();
}

function parties(seller: Address, buyer: Address): string {
  return seller.slice(2) + buyer.slice(2);
}

function fixed(value: bigint, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, "0");
}

function ascii(text: string): string {
  return Buffer.from(text, "latin1").toString("hex");
}
