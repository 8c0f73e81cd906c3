export { carTopics, type SimulatedCar, type SimulatedCarOptions, simulateCar } from "./simulate-car.js";

/** Data that comes with the package: a car drive of some 700 m near Schramberg, recorded by gpsd's users (data/COPYING). */
export const driveLog = new URL("../../data/nl2008u.log", import.meta.url);
