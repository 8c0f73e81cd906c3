import { type GGAPacket, parseNmeaSentence, type RMCPacket } from "nmea-simple";
import type { Fix } from "../thing/value.js";

/** NMEA 0183 allows 82 characters; some receivers write a little more. */
export const MAX_SENTENCE_CHARACTERS = 128;
const KILOMETRES_PER_NAUTICAL_MILE = 1.852;
/** With fewer satellites no receiver measures a position. */
export const MIN_SATELLITES = 3;
const UNITS_PER_DEGREE = 10_000_000;
/** Fixes that a satellite receiver has measured; "estimated", "manual" and "simulation" are not. */
const measured: readonly string[] = ["fix", "delta", "pps", "rtk", "frtk"] satisfies GGAPacket["fixType"][];

/** What the receiver knows after a full epoch: RMC and GGA of the same time. */
export interface Epoch {
  readonly position: Fix;
  readonly speedKilometresPerHour: number;
  readonly satellites: number;
}

/**
 * Makes fixes of sentences. One becomes a position only if RMC says status A, GGA of the same time a measured quality,
 * satellites and a dilution, and both checksums are right. The receiver's time only pairs sentences; it is never believed.
 */
export class GnssReceiver {
  readonly #metresPerDilution: number;
  #rmc: { readonly time: string; readonly packet: RMCPacket } | undefined;
  #gga: { readonly time: string; readonly packet: GGAPacket } | undefined;

  /** `metresPerDilution`: what the receiver's accuracy (95 %) is at a horizontal dilution of 1. */
  constructor(metresPerDilution: number) {
    this.#metresPerDilution = metresPerDilution;
  }

  /** Takes one sentence; returns an epoch if it completes a valid one. Throws an Error for a damaged sentence. */
  take(sentence: string): Epoch | undefined {
    if (!/^\$..(RMC|GGA),/.test(sentence)) return undefined;
    if (sentence.length > MAX_SENTENCE_CHARACTERS) {
      throw new Error(`the sentence has ${sentence.length} characters: at most ${MAX_SENTENCE_CHARACTERS} are read`);
    }
    const [, time = ""] = sentence.split(",");
    const packet = parseNmeaSentence(sentence);
    if (packet.sentenceId === "RMC") this.#rmc = { time, packet };
    if (packet.sentenceId === "GGA") this.#gga = { time, packet };
    return this.#pair();
  }

  #pair(): Epoch | undefined {
    const { time, packet: rmc } = this.#rmc ?? {};
    const { time: sameTime, packet: gga } = this.#gga ?? {};
    if (!time || time !== sameTime || rmc === undefined || gga === undefined) return undefined;
    this.#rmc = undefined;
    this.#gga = undefined;
    if (rmc.status !== "valid" || !measured.includes(gga.fixType) || !(gga.horizontalDilution > 0)) return undefined;
    if (!(gga.satellitesInView >= MIN_SATELLITES)) return undefined;
    if (!(Math.abs(gga.latitude) <= 90 && Math.abs(gga.longitude) <= 180)) return undefined;
    return {
      position: {
        latitude: Math.round(gga.latitude * UNITS_PER_DEGREE),
        longitude: Math.round(gga.longitude * UNITS_PER_DEGREE),
        accuracyMetres: Math.ceil(gga.horizontalDilution * this.#metresPerDilution),
      },
      speedKilometresPerHour: rmc.speedKnots * KILOMETRES_PER_NAUTICAL_MILE,
      satellites: gga.satellitesInView,
    };
  }
}
