import { assets, devices, devicesAbi, type Hex, keyType } from "@ruffchain/abi";
import { encodeCoseKey, enrolmentToBeSigned, type KeyKind, PUBLIC_KEY_BYTES } from "@ruffchain/cose";
import {
  type Context,
  type Contract,
  contract,
  hexToBytes,
  type Row,
  table,
  type ViewContext,
} from "@ruffchain/kernel";
import { ZERO_ADDRESS } from "../zero.js";
import { verifyDevice } from "./verify-device.js";

const UNBOUND = 0n;
const KINDS: Readonly<Record<number, KeyKind>> = { [keyType.p256]: "p256", [keyType.ed25519]: "ed25519" };

const tables = {
  devices: table(
    "bytes32",
    {
      owner: "address",
      /** Zero: bound to none. */
      asset: "uint256",
      keyType: "uint8",
      publicKey: "bytes",
      revoked: "bool",
    },
    { indexes: { byOwner: ["owner"], byAsset: ["asset"] } },
  ),
};

type View = ViewContext<typeof devicesAbi, typeof tables>;
type Write = Context<typeof devicesAbi, typeof tables>;
type Device = Row<typeof tables.devices>["value"];

function deviceOf(ctx: View, id: Hex): Device {
  const device = ctx.tables.devices.get(id);
  if (!device) throw ctx.error("UnknownDevice", id);
  return device;
}

function liveDeviceOfSender(ctx: Write, id: Hex): Device {
  const device = deviceOf(ctx, id);
  if (device.owner !== ctx.sender) throw ctx.error("NotDeviceOwner", id, ctx.sender);
  if (device.revoked) throw ctx.error("DeviceRevoked", id);
  return device;
}

function deviceView({ key: [id], value }: Row<typeof tables.devices>) {
  return { id, ...value };
}

/** Who signs for which asset. */
export const devicesContract: Contract = contract({
  name: "Devices",
  address: devices.address,
  abi: devicesAbi,
  tables,
  functions: {
    register(ctx, type, publicKey, signature) {
      const kind = KINDS[type];
      const key = hexToBytes(publicKey);
      if (kind === undefined || key.length !== PUBLIC_KEY_BYTES[kind]) throw ctx.error("BadPublicKey", type, publicKey);
      const id = ctx.crypto.sha256(encodeCoseKey(kind, key));
      if (ctx.tables.devices.has(id)) throw ctx.error("AlreadyRegistered", id);
      const toBeSigned = () => enrolmentToBeSigned(ctx.chainId, kind, { device: id, owner: ctx.sender });
      if (!verifyDevice(ctx.crypto, { keyType: type, publicKey }, toBeSigned, signature)) {
        throw ctx.error("BadSignature", id);
      }
      const device = { owner: ctx.sender, asset: UNBOUND, keyType: type, publicKey, revoked: false };
      ctx.tables.devices.set(id, device);
      ctx.emit("Registered", id, ctx.sender, type, publicKey);
      return id;
    },

    bind(ctx, id, asset) {
      const device = liveDeviceOfSender(ctx, id);
      if (device.asset !== UNBOUND) throw ctx.error("AlreadyBound", id, device.asset);
      if (ctx.read(assets, "ownerOf", asset) !== ctx.sender) throw ctx.error("NotAssetOwner", asset, ctx.sender);
      ctx.tables.devices.set(id, { ...device, asset });
      ctx.emit("Bound", id, asset);
    },

    /** Also for who bought the asset without the device. */
    unbind(ctx, id) {
      const device = deviceOf(ctx, id);
      if (device.asset === UNBOUND) throw ctx.error("NotBound", id);
      if (device.owner !== ctx.sender && ctx.read(assets, "ownerOf", device.asset) !== ctx.sender) {
        throw ctx.error("NotDeviceOwner", id, ctx.sender);
      }
      ctx.tables.devices.set(id, { ...device, asset: UNBOUND });
      ctx.emit("Unbound", id, device.asset);
    },

    transfer(ctx, id, to) {
      const device = liveDeviceOfSender(ctx, id);
      if (device.asset !== UNBOUND) throw ctx.error("AlreadyBound", id, device.asset);
      if (to === ZERO_ADDRESS) throw ctx.error("BadReceiver", to);
      ctx.tables.devices.set(id, { ...device, owner: to });
      ctx.emit("Transferred", id, ctx.sender, to);
    },

    revoke(ctx, id) {
      const device = liveDeviceOfSender(ctx, id);
      ctx.tables.devices.set(id, { ...device, revoked: true });
      ctx.emit("Revoked", id);
    },

    device: (ctx, id) => deviceView({ key: [id], value: deviceOf(ctx, id) }),

    devicesOf(ctx, owner, cursor, limit) {
      const page = ctx.tables.devices.pageBy("byOwner", [owner], { cursor, limit });
      return [page.rows.map(deviceView), page.cursor] as const;
    },

    devicesOfAsset(ctx, asset, cursor, limit) {
      const page = ctx.tables.devices.pageBy("byAsset", [asset], { cursor, limit });
      return [page.rows.map(deviceView), page.cursor] as const;
    },
  },
});
