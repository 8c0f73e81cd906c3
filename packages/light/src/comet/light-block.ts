import type { Commit } from "./commit.js";
import type { Header } from "./header.js";
import type { Validator } from "./validator.js";

/** A header with the commit that makes it final. */
export interface SignedHeader {
  readonly header: Header;
  readonly commit: Commit;
}

/** All that a light client needs of a block: besides, the validators that made the commit, and those of the next height. */
export interface LightBlock extends SignedHeader {
  readonly validators: readonly Validator[];
  readonly nextValidators: readonly Validator[];
}
