export type { AccessBoard, Board, BoardInput, PropertyBoard, TelemetryBoard, ThingBoard } from "./board/board.js";
export { parseBoard, type Registry } from "./board/parse-board.js";
export { Clock, systemTime, type TimeSource } from "./clock/clock.js";
export type { Driver, Host, LineType, RunningDriver } from "./drivers/driver.js";
export { drivers } from "./drivers/index.js";
export { createEdge, type Edge, type EdgeModules } from "./edge.js";
export { EdgeError, type EdgeErrorCode, type EdgeFailures } from "./edge-error.js";
export { StateFile } from "./files/state-file.js";
export { openAccountFile } from "./keys/account-file.js";
export { openKeyFile } from "./keys/key-file.js";
export type { KeyKind, Signer } from "./keys/signer.js";
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
export type { Property } from "./thing/property.js";
export type { Action, Thing } from "./thing/thing.js";
export type { Fix, Reading, Value, ValueType } from "./thing/value.js";
