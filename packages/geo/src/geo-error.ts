/** Why an area is refused. */
export type GeoErrorCode =
  | "encoding"
  | "vertexCount"
  | "outOfRange"
  | "repeatedVertex"
  | "selfIntersection"
  | "antimeridian";

export class GeoError extends Error {
  override readonly name = "GeoError";
  readonly code: GeoErrorCode;
  constructor(code: GeoErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
