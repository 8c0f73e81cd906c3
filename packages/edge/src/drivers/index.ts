import type { Registry } from "../board/parse-board.js";
import { mqttLock } from "./mqtt-lock.js";
import { mqttValue } from "./mqtt-value.js";
import { nmea } from "./nmea.js";
import { odometer } from "./odometer.js";

/** The drivers that come with the edge, by the name that boards call them. */
export const drivers: Registry = { nmea, odometer, "mqtt-lock": mqttLock, "mqtt-value": mqttValue };
