export { type Area, areaFromBytes, areaToBytes, contains, MAX_AREA_POINTS, MIN_AREA_POINTS } from "./area.js";
export { containsWithMargin, distanceMm } from "./distance.js";
export { GeoError, type GeoErrorCode } from "./geo-error.js";
export { isPoint, MAX_LATITUDE, MAX_LONGITUDE, type Point } from "./point.js";
