export type { Anchor, SignedAnchor } from "./anchor/anchor.js";
export {
  type AnchorChain,
  type LatestAnchor,
  RECEIPT_TIMEOUT_MILLISECONDS,
  RPC_TIMEOUT_MILLISECONDS,
  rpcAnchorChain,
} from "./anchor/anchor-chain.js";
export {
  Anchorer,
  type AnchorerOptions,
  FIRST_RETRY_MILLISECONDS,
  LAST_RETRY_MILLISECONDS,
  MAX_BATCHES_PER_ANCHOR,
} from "./anchor/anchorer.js";
export type { AccessBoard, Board, BoardInput, PropertyBoard, TelemetryBoard, ThingBoard } from "./board/board.js";
export { parseBoard, type Registry } from "./board/parse-board.js";
export { Clock, systemTime, type TimeSource } from "./clock/clock.js";
export { DeviceState, type Session } from "./device/device-state.js";
export { type Enrolment, idOf, signEnrolment } from "./device/identity.js";
export type { Meters } from "./device/meters.js";
export { nodeCrypto } from "./device/node-crypto.js";
export { type DeviceOptions, type RunningDevice, startDevice } from "./device/start-device.js";
export { MAX_BATCHES, MAX_CONNECTIONS, MAX_VALIDATORS, REQUEST_TIMEOUT_MILLISECONDS } from "./door/door.js";
export { MAX_BODY_BYTES } from "./door/read-body.js";
export type { Driver, Host, LineType, RunningDriver } from "./drivers/driver.js";
export { drivers } from "./drivers/index.js";
export { createEdge, type Edge, type EdgeModules } from "./edge.js";
export { EdgeError, type EdgeErrorCode, type EdgeFailures } from "./edge-error.js";
export { StateFile } from "./files/state-file.js";
export { isInside } from "./guard/area.js";
export { MAX_OPEN_CHALLENGES } from "./guard/challenges.js";
export {
  type Answer,
  Guard,
  type GuardOptions,
  type GuardStatus,
  HEADER_SLACK_SECONDS,
  MAX_GRANT_AGE_SECONDS,
  MAX_REFUSALS_NOTED_PER_MINUTE,
  MAX_SPEED_AGE_SECONDS,
  MOVING_KILOMETRES_PER_HOUR,
  type Presented,
  TRUST_PERIOD_SECONDS,
} from "./guard/guard.js";
export type { Receipt, SignedReceipt } from "./guard/receipt.js";
export { type BatchEntry, type BatchProof, Journal, type JournalOptions } from "./journal/journal.js";
export { openAccountFile } from "./keys/account-file.js";
export { openKeyFile } from "./keys/key-file.js";
export type { Signer } from "./keys/signer.js";
export { LOG_QUOTA_BYTES, Log, type LogOptions, SEGMENT_BYTES } from "./log/log.js";
export { type LogRecord, MAX_RECORD_BYTES, RECORD_HEADER_BYTES } from "./log/record.js";
export {
  CONNECT_TIMEOUT_MILLISECONDS,
  MAX_MESSAGE_BYTES,
  type MqttCredentials,
  PUBLISH_TIMEOUT_MILLISECONDS,
  RECONNECT_MILLISECONDS,
} from "./mqtt/mqtt-link.js";
export { type Epoch, GnssReceiver, MAX_SENTENCE_CHARACTERS, MIN_SATELLITES } from "./nmea/gnss-receiver.js";
export { epochsOf, MAX_REPLAY_GAP_SECONDS, replay } from "./nmea/replay.js";
export { BatchSigner, type BatchSignerOptions } from "./telemetry/batch-signer.js";
export type { TelemetryRecord } from "./telemetry/records.js";
export type { Property } from "./thing/property.js";
export type { Action, Thing } from "./thing/thing.js";
export { type Fix, MAX_NUMBER, MAX_TEXT_BYTES, type Reading, type Value, type ValueType } from "./thing/value.js";
