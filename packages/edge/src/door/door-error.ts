/** Why the door did not take a request; the status is HTTP's. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
