import { CborWriter } from "./cbor-writer.js";
import { KID_BYTES } from "./device-key.js";
import { algorithm, claim, type KeyKind } from "./labels.js";
import { protectedHeader, type Sign1, toBeSigned } from "./sign1.js";

/**
 * What devices state to the chain. A contract gets the fields as arguments and rebuilds these bytes, so they must be the
 * same everywhere: all integers, claims in the order of their encoding. Each kind has its own content type, and all name
 * the chain, so that a signature holds for one thing only. Ids and hashes are 0x hex, meters metres and watt-hours,
 * positions 1e-7 degrees, times seconds since 1970.
 */
type Hex = `0x${string}`;

/** Latitude and longitude of a device that does not know where it is. */
const NO_POSITION = -0x80000000;

interface Measured {
  readonly odometer: bigint;
  readonly energy: bigint;
  readonly latitude: number;
  readonly longitude: number;
}

/** The Merkle root over a device's batches. */
export interface AnchorFields extends Measured {
  /** 32 bytes. */
  readonly device: Hex;
  readonly sequence: bigint;
  readonly previous: Hex;
  readonly root: Hex;
  readonly count: number;
  readonly from: bigint;
  readonly until: bigint;
}

/** The begin or the end of a use. */
export interface ReceiptFields extends Measured {
  readonly device: Hex;
  readonly sequence: bigint;
  readonly right: bigint;
  readonly time: bigint;
  readonly leftArea: boolean;
}

/** 1 begins a use, 3 ends it. */
export const receiptCommand = { checkOut: 1, checkIn: 3 } as const;
export type ReceiptKind = keyof typeof receiptCommand;

/** A device agrees to be its owner's. */
export interface EnrolmentFields {
  readonly device: Hex;
  readonly owner: Hex;
}

function issuer(chainId: number): string {
  return `ruff:${chainId}`;
}

function kid(device: Hex): string {
  return device.slice(0, 2 + 2 * KID_BYTES);
}

function hasPosition({ latitude, longitude }: Measured): boolean {
  return latitude !== NO_POSITION || longitude !== NO_POSITION;
}

function writeMeters(writer: CborWriter, measured: Measured): void {
  writer.int(claim.odometer).uint(measured.odometer).int(claim.energy).uint(measured.energy);
  if (hasPosition(measured)) writer.int(claim.position).array(2).int(measured.latitude).int(measured.longitude);
}

export function anchorStatement(chainId: number, kind: KeyKind, anchor: AnchorFields): Sign1 {
  const writer = new CborWriter().map(hasPosition(anchor) ? 10 : 9);
  writer.uint(claim.issuer).text(issuer(chainId)).int(claim.previous).hexString(anchor.previous);
  writeMeters(writer, anchor);
  writer.int(claim.sequence).uint(anchor.sequence).int(claim.root).hexString(anchor.root);
  writer.int(claim.count).uint(anchor.count).int(claim.from).uint(anchor.from).int(claim.until).uint(anchor.until);
  return {
    protectedHeader: protectedHeader(algorithm[kind], "application/vnd.ruff.anchor+cbor", kid(anchor.device)),
    payload: writer.finish(),
  };
}

export function receiptStatement(chainId: number, kind: KeyKind, is: ReceiptKind, receipt: ReceiptFields): Sign1 {
  const writer = new CborWriter().map(hasPosition(receipt) ? 9 : 8);
  writer.uint(claim.issuer).text(issuer(chainId)).uint(claim.issuedAt).uint(receipt.time);
  writer.int(claim.command).uint(receiptCommand[is]);
  writeMeters(writer, receipt);
  writer.int(claim.sequence).uint(receipt.sequence);
  writer.int(claim.right).hexString(`0x${receipt.right.toString(16).padStart(64, "0")}`);
  writer.int(claim.leftArea).bool(receipt.leftArea);
  return {
    protectedHeader: protectedHeader(algorithm[kind], "application/vnd.ruff.receipt+cbor", kid(receipt.device)),
    payload: writer.finish(),
  };
}

export function enrolmentStatement(chainId: number, kind: KeyKind, { device, owner }: EnrolmentFields): Sign1 {
  const writer = new CborWriter().map(2).uint(claim.issuer).text(issuer(chainId)).int(claim.owner).hexString(owner);
  return {
    protectedHeader: protectedHeader(algorithm[kind], "application/vnd.ruff.enrolment+cbor", kid(device)),
    payload: writer.finish(),
  };
}

/** The bytes that a device signs for an anchor. */
export function anchorToBeSigned(chainId: number, kind: KeyKind, anchor: AnchorFields): Uint8Array {
  return toBeSigned(anchorStatement(chainId, kind, anchor));
}

/** The bytes that a device signs for a check-out or a check-in. */
export function receiptToBeSigned(chainId: number, kind: KeyKind, is: ReceiptKind, receipt: ReceiptFields): Uint8Array {
  return toBeSigned(receiptStatement(chainId, kind, is, receipt));
}

/** The bytes that a device signs to be registered by its owner. */
export function enrolmentToBeSigned(chainId: number, kind: KeyKind, enrolment: EnrolmentFields): Uint8Array {
  return toBeSigned(enrolmentStatement(chainId, kind, enrolment));
}
