import { parseAbi } from "abitype";
import { addresses } from "./address.js";

/** What an anchor contradicts of the one before it; an anchor's `faults` is the sum of them. */
export const telemetryFault = { clock: 1, odometer: 2, energy: 4 } as const;

/** Latitude and longitude of a device that does not know where it is. */
export const NO_POSITION = -0x80000000;

/**
 * Fields of a record of Telemetry's table 0, keyed by device (bytes32) and sequence (uint64): what the inclusion proof
 * of a batch leads to. `root` and `count` are those of the RFC 9162 tree over the batches, `from` and `until` the times
 * (seconds) of the first and the last, `anchoredAt` the block's time.
 */
export const anchorRecord = {
  root: "bytes32",
  count: "uint32",
  from: "uint64",
  until: "uint64",
  anchoredAt: "uint64",
  faults: "uint8",
} as const;

/**
 * What devices report, by the Merkle roots of their batches. Anybody may hand in an anchor; the device's signature is
 * what counts. Sequences begin with 1 and leave nothing out, `previous` is the root before (zero for the first).
 * Two anchors of one device that contradict each other prove that its key is in two hands: it is marked as forked, and
 * nothing more is taken from it until its owner clears that. Meters: metres, watt-hours. Positions: 1e-7 degrees.
 */
export const telemetryAbi = parseAbi([
  "struct Anchor { bytes32 device; uint64 sequence; bytes32 previous; bytes32 root; uint32 count; uint64 from; uint64 until; uint64 odometer; uint64 energy; int32 latitude; int32 longitude; }",
  "struct AnchorView { bytes32 device; uint64 sequence; bytes32 root; uint32 count; uint64 from; uint64 until; uint64 anchoredAt; uint8 faults; }",
  "struct StreamView { bytes32 device; uint64 sequence; bytes32 root; uint64 until; uint64 odometer; uint64 energy; int32 latitude; int32 longitude; uint64 positionAt; bool forked; }",

  "function anchor(Anchor anchor, bytes signature)",
  "function clearFork(bytes32 device)",

  "function latest(bytes32 device) view returns (StreamView)",
  "function anchorOf(bytes32 device, uint64 sequence) view returns (AnchorView)",
  "function anchors(bytes32 device, bytes cursor, uint32 limit) view returns (AnchorView[] page, bytes next)",

  "event Anchored(bytes32 indexed device, uint64 indexed sequence, bytes32 root, uint32 count, uint64 from, uint64 until, uint64 odometer, uint64 energy, int32 latitude, int32 longitude)",
  "event Faulted(bytes32 indexed device, uint64 indexed sequence, uint8 faults)",
  "event Forked(bytes32 indexed device, uint64 indexed sequence, bytes32 root, bytes32 previous)",
  "event ForkCleared(bytes32 indexed device)",

  "error UnknownDevice(bytes32 id)",
  "error DeviceRevoked(bytes32 device)",
  "error BadSignature(bytes32 device)",
  "error DeviceForked(bytes32 device)",
  "error AlreadyAnchored(bytes32 device, uint64 sequence)",
  "error SequenceGap(bytes32 device, uint64 sequence, uint64 expected)",
  "error BadTimes(uint64 from, uint64 until)",
  "error FromTheFuture(uint64 until, uint64 latest)",
  "error EmptyAnchor(bytes32 device, uint64 sequence)",
  "error BadPosition(int32 latitude, int32 longitude)",
  "error UnknownStream(bytes32 device)",
  "error UnknownAnchor(bytes32 device, uint64 sequence)",
  "error NotDeviceOwner(bytes32 device, address who)",
  "error NotForked(bytes32 device)",
]);

export const telemetry = { address: addresses.telemetry, abi: telemetryAbi } as const;
