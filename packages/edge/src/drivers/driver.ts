import type { Logger } from "pino";
import type { z } from "zod";
import type { StateFile } from "../files/state-file.js";
import type { MqttLink } from "../mqtt/mqtt-link.js";
import type { Observer } from "../thing/output.js";
import type { Value, ValueType } from "../thing/value.js";

/** What a driver gives on one line. */
export interface LineType {
  readonly type: ValueType;
  /** If set, properties that it feeds must say the same. */
  readonly unit?: string;
}

/** What the runtime lends to a running driver. */
export interface Host {
  readonly log: Logger;
  /** The board's broker; throws EdgeError `invalidBoard` if the board names none. */
  mqtt(): MqttLink;
  /** A small file that survives restarts, one for each driver of a board. */
  state<T>(schema: z.ZodType<T>, initial: T): Promise<StateFile<T>>;
  /** Gives new values on several outputs, all received at the same moment. */
  feed(values: Readonly<Record<string, Value>>): void;
  /** Calls back on each new reading of another driver's output, "driver/line". */
  observe(line: string, observer: Observer): void;
}

export interface RunningDriver {
  /** Does one of the driver's actions and resolves when it has been read back. */
  invoke?(action: string): Promise<void>;
  stop(): Promise<void>;
}

/** How equipment of one kind is spoken to. */
export interface Driver<S = unknown> {
  readonly settings: z.ZodType<S>;
  /** Outputs by name. */
  outputs(settings: S): Readonly<Record<string, LineType>>;
  readonly actions: readonly string[];
  /** Outputs of other drivers, "driver/line", that it needs. */
  inputs?(settings: S): Readonly<Record<string, LineType>>;
  start(settings: S, host: Host): Promise<RunningDriver>;
}
