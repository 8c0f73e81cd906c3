import type { ThingBoard } from "../board/board.js";
import { EdgeError } from "../edge-error.js";
import type { Property } from "./property.js";

/** Something that a thing can be told to do. */
export interface Action {
  /** Resolves when it is done and read back; throws EdgeError, see ThingFailures. */
  invoke(): Promise<void>;
}

/** What applications hold: chosen by id, never by wire or topic. */
export class Thing {
  readonly id: string;
  readonly board: ThingBoard;
  readonly properties: ReadonlyMap<string, Property>;
  readonly actions: ReadonlyMap<string, Action>;

  constructor(
    id: string,
    board: ThingBoard,
    properties: ReadonlyMap<string, Property>,
    actions: ReadonlyMap<string, Action>,
  ) {
    this.id = id;
    this.board = board;
    this.properties = properties;
    this.actions = actions;
  }

  /** Throws EdgeError `unknownProperty`. */
  property(name: string): Property {
    const property = this.properties.get(name);
    if (property) return property;
    const known = [...this.properties.keys()];
    const message = `thing "${this.id}" has no property "${name}"; it has ${known.join(", ") || "none"}`;
    throw new EdgeError("unknownProperty", { thing: this.id, property: name, known }, message);
  }

  /** Throws EdgeError `unknownAction`. */
  action(name: string): Action {
    const action = this.actions.get(name);
    if (action) return action;
    const known = [...this.actions.keys()];
    const message = `thing "${this.id}" has no action "${name}"; it has ${known.join(", ") || "none"}`;
    throw new EdgeError("unknownAction", { thing: this.id, action: name, known }, message);
  }
}
