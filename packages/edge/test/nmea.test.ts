import { readFileSync } from "node:fs";
import {
  type Epoch,
  epochsOf,
  GnssReceiver,
  MAX_REPLAY_GAP_SECONDS,
  MAX_SENTENCE_CHARACTERS,
  MIN_SATELLITES,
  replay,
} from "@ruffchain/edge";
import { describe, expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`data/gpsd-nmea/${name}`, import.meta.url), "latin1");
const timeOf = (sentence: string) => sentence.split(",")[1];

/** What gpsd made of the sentences of each time: [latitude, longitude, speed in m/s]. */
function oracle(name: string): Map<string | undefined, [number, number, number][]> {
  const fixes = new Map<string | undefined, [number, number, number][]>();
  let time: string | undefined;
  for (const line of read(`${name}.chk`).split(/\r?\n/)) {
    if (/^\$..(RMC|GGA)/.test(line)) time = timeOf(line);
    if (!line.startsWith('{"class":"TPV"')) continue;
    const { mode, lat, lon, speed } = JSON.parse(line);
    if (mode >= 2) fixes.set(time, [...(fixes.get(time) ?? []), [lat, lon, speed]]);
  }
  return fixes;
}

function epochs(log: string): { time: string | undefined; epoch: Epoch }[] {
  const receiver = new GnssReceiver(10);
  return log.split(/\r?\n/).flatMap((sentence) => {
    const epoch = receiver.take(sentence);
    return epoch ? [{ time: timeOf(sentence), epoch }] : [];
  });
}

describe.each([
  ["nl2008u.log", 9, 0],
  ["bt451.log", 12, 1], // gpsd has not answered yet when the log ends
  ["ublox-lea-4h.log", 9, 0],
  ["haicom-305N.log", 67, 0],
  ["tomtom-mkII.log", 4, 0],
  ["mtk-3301.log", 4, 0],
])("%s", (name, count, silent) => {
  const made = epochs(read(name));
  const gpsd = oracle(name);

  test("gives a position where gpsd does, the same one", () => {
    const known = made.filter(({ time }) => gpsd.has(time));
    for (const { time, epoch } of known) {
      const { latitude, longitude } = epoch.position;
      const near = gpsd
        .get(time)
        ?.some(([lat, lon]) => Math.abs(lat * 1e7 - latitude) < 1 && Math.abs(lon * 1e7 - longitude) < 1);
      expect(near, `${time} ${latitude} ${longitude} ${JSON.stringify(gpsd.get(time))}`).toBe(true);
    }
    expect([made.length, made.length - known.length]).toEqual([count, silent]);
  });
});

test.each(["nl2008u.log", "ublox-lea-4h.log"])("%s: the speed is the one that gpsd gives", (name) => {
  const gpsd = oracle(name);
  for (const { time, epoch } of epochs(read(name))) {
    const metresPerSecond = epoch.speedKilometresPerHour / 3.6;
    expect(gpsd.get(time)?.some(([, , speed]) => Math.abs(speed - metresPerSecond) < 0.002)).toBe(true);
  }
});

const rmc = "$GNRMC,091232.000,A,4813.0535,N,00824.8697,E,0.00,0.00,101015,,,A,V*06";
const gga = "$GNGGA,091232.000,4813.0535,N,00824.8697,E,1,12,0.7,765.8,M,47.4,M,,0000*45";
const resum = (sentence: string) => {
  const body = sentence.slice(1, sentence.indexOf("*"));
  const sum = [...Buffer.from(body)].reduce((before, byte) => before ^ byte, 0);
  return `$${body}*${sum.toString(16).padStart(2, "0")}`;
};
const take = (...sentences: string[]) => {
  const receiver = new GnssReceiver(10);
  return sentences.map((sentence) => receiver.take(sentence)).find((epoch) => epoch !== undefined);
};

describe("a fix becomes a position", () => {
  const position = { latitude: 482_175_583, longitude: 84_144_950, accuracyMetres: 7 };

  test("with RMC and GGA of the same time, in either order", () => {
    expect(take(rmc, gga)).toEqual({ position, speedKilometresPerHour: 0, satellites: 12 });
    expect(take(gga, rmc)?.position).toEqual(position);
  });

  test.each([
    ["RMC alone", [rmc]],
    ["GGA alone", [gga, gga]],
    ["sentences of two times", [rmc, resum(gga.replace("091232", "091233"))]],
    ["status V", [resum(rmc.replace(",A,4813", ",V,4813")), gga]],
    ["no fix", [rmc, resum(gga.replace("E,1,12", "E,0,12"))]],
    ["dead reckoning", [rmc, resum(gga.replace("E,1,12", "E,6,12"))]],
    ["a simulation", [rmc, resum(gga.replace("E,1,12", "E,8,12"))]],
    ["too few satellites", [rmc, resum(gga.replace("E,1,12", `E,1,0${MIN_SATELLITES - 1}`))]],
    ["no dilution", [rmc, resum(gga.replace(",0.7,", ",,"))]],
    ["a place that is not on Earth", [rmc, resum(gga.replace("4813.0535", "9813.0535"))]],
    ["no time", [resum(rmc.replace("091232.000", "")), resum(gga.replace("091232.000", ""))]],
  ])("not with %s", (_, sentences) => {
    expect(take(...sentences)).toBeUndefined();
  });

  test("not with a wrong checksum, none, or an endless sentence", () => {
    expect(() => take(rmc.replace("*06", "*07"))).toThrow("Invalid sentence");
    expect(() => take(rmc.replace("*06", ""))).toThrow("Invalid sentence");
    const long = (length: number) => resum(`${rmc.slice(0, -3)}${",".repeat(length - rmc.length)}*`);
    expect(take(long(MAX_SENTENCE_CHARACTERS), gga)?.position).toEqual(position);
    expect(() => take(long(MAX_SENTENCE_CHARACTERS + 1))).toThrow(`at most ${MAX_SENTENCE_CHARACTERS}`);
  });
});

describe("replay", () => {
  test("groups sentences by second and leaves out what is none", () => {
    const groups = epochsOf(read("nl2008u.log"));
    expect(groups).toHaveLength(9);
    expect(groups[0]?.time).toBe("091232.000");
    expect(groups.flatMap(({ sentences }) => sentences).every((line) => line.startsWith("$"))).toBe(true);
  });

  test("gives all groups in order and ends when it is told to", async () => {
    const groups: (readonly string[])[] = [];
    for await (const group of replay(read("nl2008u.log"), 1000, new AbortController().signal)) groups.push(group);
    expect(groups).toEqual(epochsOf(read("nl2008u.log")).map(({ sentences }) => sentences));
    const stopped = new AbortController();
    const before: unknown[] = [];
    for await (const group of replay(read("nl2008u.log"), 0.001, stopped.signal)) {
      before.push(group);
      stopped.abort();
    }
    expect(before).toHaveLength(1);
  });

  test(`waits at most ${MAX_REPLAY_GAP_SECONDS} s where the receiver was off for hours`, async () => {
    const log = [rmc, resum(rmc.replace("091232", "211232"))].join("\n");
    let groups = 0;
    for await (const _ of replay(log, 10, new AbortController().signal)) groups++;
    expect(groups).toBe(2);
  });
});
