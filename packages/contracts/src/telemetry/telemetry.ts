import { anchorRecord, devices, type Hex, NO_POSITION, telemetry, telemetryAbi, telemetryFault } from "@ruffchain/abi";
import { type AnchorFields, anchorToBeSigned, type KeyKind } from "@ruffchain/cose";
import { isPoint } from "@ruffchain/geo";
import { type Context, type Contract, contract, type Row, table, type ViewContext } from "@ruffchain/kernel";
import { verifyDevice } from "../devices/verify-device.js";

/** How far the last reading of an anchor may be ahead of the block, in seconds: devices' clocks are not exact. */
export const MAX_ANCHOR_LEAD = 60n;

const tables = {
  /** Table 0: what inclusion proofs lead to (docs/state.md). */
  anchors: table(["bytes32", "uint64"], anchorRecord),
  /** By device: what its next anchor has to follow. */
  streams: table("bytes32", {
    sequence: "uint64",
    root: "bytes32",
    until: "uint64",
    odometer: "uint64",
    energy: "uint64",
    latitude: "int32",
    longitude: "int32",
    positionAt: "uint64",
    forked: "bool",
  }),
};

type Tables = typeof tables;
type View = ViewContext<typeof telemetryAbi, Tables>;
type Write = Context<typeof telemetryAbi, Tables>;
type Stream = Row<Tables["streams"]>["value"];

const BEFORE_THE_FIRST: Stream = {
  sequence: 0n,
  root: `0x${"00".repeat(32)}`,
  until: 0n,
  odometer: 0n,
  energy: 0n,
  latitude: NO_POSITION,
  longitude: NO_POSITION,
  positionAt: 0n,
  forked: false,
};

function streamOf(ctx: View, device: Hex): Stream {
  const stream = ctx.tables.streams.get(device);
  if (!stream) throw ctx.error("UnknownStream", device);
  return stream;
}

function anchorView({ key: [device, sequence], value }: Row<Tables["anchors"]>) {
  return { device, sequence, ...value };
}

function verifySignature(ctx: Write, anchor: AnchorFields, signature: Hex): void {
  const device = ctx.read(devices, "device", anchor.device);
  if (device.revoked) throw ctx.error("DeviceRevoked", anchor.device);
  const toBeSigned = (kind: KeyKind) => anchorToBeSigned(ctx.chainId, kind, anchor);
  if (!verifyDevice(ctx.crypto, device, toBeSigned, signature)) throw ctx.error("BadSignature", anchor.device);
}

function hasPosition({ latitude, longitude }: AnchorFields): boolean {
  return latitude !== NO_POSITION || longitude !== NO_POSITION;
}

/** Refuses what no device may say, whatever it said before. */
function checkContents(ctx: Write, anchor: AnchorFields): void {
  const { device, sequence, count, from, until, latitude, longitude } = anchor;
  if (count === 0) throw ctx.error("EmptyAnchor", device, sequence);
  if (from > until) throw ctx.error("BadTimes", from, until);
  const latest = ctx.time + MAX_ANCHOR_LEAD;
  if (until > latest) throw ctx.error("FromTheFuture", until, latest);
  if (hasPosition(anchor) && !isPoint({ lat: latitude, lon: longitude })) {
    throw ctx.error("BadPosition", latitude, longitude);
  }
}

/** Whether a signed anchor tells another history than the one that is known. */
function contradicts(ctx: Write, stream: Stream, { device, sequence, root, previous }: AnchorFields): boolean {
  if (sequence === stream.sequence + 1n) return previous !== stream.root;
  if (sequence > stream.sequence || sequence === 0n)
    throw ctx.error("SequenceGap", device, sequence, stream.sequence + 1n);
  if (ctx.tables.anchors.get(device, sequence)?.root === root) throw ctx.error("AlreadyAnchored", device, sequence);
  return true;
}

/** What went backwards since the anchor before. */
function faultsOf(stream: Stream, { from, odometer, energy }: AnchorFields): number {
  return (
    (from < stream.until ? telemetryFault.clock : 0) |
    (odometer < stream.odometer ? telemetryFault.odometer : 0) |
    (energy < stream.energy ? telemetryFault.energy : 0)
  );
}

/** What devices report, as a chain of signed roots for each. */
export const telemetryContract: Contract = contract({
  name: "Telemetry",
  address: telemetry.address,
  abi: telemetryAbi,
  tables,
  functions: {
    anchor(ctx, anchor, signature) {
      const { device, sequence, previous, root, count, from, until, odometer, energy, latitude, longitude } = anchor;
      const stream = ctx.tables.streams.get(device) ?? BEFORE_THE_FIRST;
      if (stream.forked) throw ctx.error("DeviceForked", device);
      checkContents(ctx, anchor);
      const isFork = contradicts(ctx, stream, anchor);
      verifySignature(ctx, anchor, signature);
      if (isFork) {
        ctx.tables.streams.set(device, { ...stream, forked: true });
        ctx.emit("Forked", device, sequence, root, previous);
        return;
      }
      const faults = faultsOf(stream, anchor);
      ctx.tables.anchors.set(device, sequence, { root, count, from, until, anchoredAt: ctx.time, faults });
      const position = hasPosition(anchor) ? { latitude, longitude, positionAt: until } : {};
      ctx.tables.streams.set(device, { ...stream, sequence, root, until, odometer, energy, ...position });
      ctx.emit("Anchored", device, sequence, root, count, from, until, odometer, energy, latitude, longitude);
      if (faults !== 0) ctx.emit("Faulted", device, sequence, faults);
    },

    clearFork(ctx, device) {
      const stream = streamOf(ctx, device);
      if (ctx.read(devices, "device", device).owner !== ctx.sender)
        throw ctx.error("NotDeviceOwner", device, ctx.sender);
      if (!stream.forked) throw ctx.error("NotForked", device);
      ctx.tables.streams.set(device, { ...stream, forked: false });
      ctx.emit("ForkCleared", device);
    },

    latest: (ctx, device) => ({ device, ...streamOf(ctx, device) }),

    anchorOf(ctx, device, sequence) {
      const value = ctx.tables.anchors.get(device, sequence);
      if (!value) throw ctx.error("UnknownAnchor", device, sequence);
      return anchorView({ key: [device, sequence], value });
    },

    anchors(ctx, device, cursor, limit) {
      const page = ctx.tables.anchors.page([device], { cursor, limit });
      return [page.rows.map(anchorView), page.cursor] as const;
    },
  },
});
