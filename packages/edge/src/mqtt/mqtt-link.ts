import { Socket } from "node:net";
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import type { Logger } from "pino";
import { EdgeError } from "../edge-error.js";

/** QoS 1: at least once. Doubles are harmless to states and commands that name a state; QoS 2 loses messages in practice. */
const QOS = 1;
export const CONNECT_TIMEOUT_MILLISECONDS = 5000;
export const RECONNECT_MILLISECONDS = 1000;
export const PUBLISH_TIMEOUT_MILLISECONDS = 2000;
/** Larger messages are equipment gone wrong. */
export const MAX_MESSAGE_BYTES = 65_536;

/** A message on a subscribed topic; `retained` if the broker had it from before the subscription. */
export interface Message {
  readonly payload: Uint8Array;
  readonly retained: boolean;
}

/** What may secure the connection; kept out of the board, which is no place for secrets. */
export type MqttCredentials = Pick<IClientOptions, "username" | "password" | "ca" | "cert" | "key">;

/** One connection to the board's broker, shared by its drivers. It comes back by itself, with its subscriptions. */
export class MqttLink {
  readonly broker: string;
  readonly #client: MqttClient;
  readonly #log: Logger;
  readonly #subscribers = new Map<string, Set<(message: Message) => void>>();

  constructor(broker: string, log: Logger, credentials: MqttCredentials = {}) {
    this.broker = broker;
    this.#log = log;
    this.#client = mqtt.connect(broker, {
      ...credentials,
      clean: true,
      connectTimeout: CONNECT_TIMEOUT_MILLISECONDS,
      reconnectPeriod: RECONNECT_MILLISECONDS,
    });
    this.#client.on("connect", () => {
      // small messages that are waited for: Nagle's algorithm would hold each back for 40 ms
      if (this.#client.stream instanceof Socket) this.#client.stream.setNoDelay(true);
      log.info("connected to the broker");
    });
    this.#client.on("close", () => log.debug("no connection to the broker"));
    this.#client.on("error", (error) => log.warn({ err: error }, "broker"));
    this.#client.on("message", (topic, payload, packet) => this.#deliver(topic, payload, packet));
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Calls back on each message on one topic (no wildcards); works before and after losses of the connection. */
  subscribe(topic: string, subscriber: (message: Message) => void): void {
    const known = this.#subscribers.get(topic);
    if (known) {
      known.add(subscriber);
      return;
    }
    this.#subscribers.set(topic, new Set([subscriber]));
    this.#client.subscribe(topic, { qos: QOS }, (error) => {
      if (error) this.#log.warn({ err: error, topic }, "could not subscribe");
    });
  }

  /**
   * Publishes now and resolves when the broker has it. Throws EdgeError `notConnected` if it does not take it in time;
   * the message is forgotten then: what was meant for now must not arrive later.
   */
  publish(topic: string, payload: string): Promise<void> {
    if (!this.#client.connected) return Promise.reject(this.#notConnected());
    return new Promise((resolve, reject) => {
      this.#client.publish(topic, payload, { qos: QOS }, (error) => {
        clearTimeout(timer);
        if (error) reject(this.#notConnected(error));
        else resolve();
      });
      const id = this.#client.getLastMessageId();
      const timer = setTimeout(() => this.#client.removeOutgoingMessage(id), PUBLISH_TIMEOUT_MILLISECONDS);
    });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #deliver(topic: string, payload: Uint8Array, packet: IPublishPacket): void {
    if (payload.length > MAX_MESSAGE_BYTES) {
      this.#log.warn({ topic, bytes: payload.length, limit: MAX_MESSAGE_BYTES }, "message is too large");
      return;
    }
    for (const subscriber of this.#subscribers.get(topic) ?? []) subscriber({ payload, retained: packet.retain });
  }

  #notConnected(cause?: Error): EdgeError<"notConnected"> {
    const { broker } = this;
    return new EdgeError("notConnected", { broker }, `${broker} cannot be reached now: try again later`, { cause });
  }
}
