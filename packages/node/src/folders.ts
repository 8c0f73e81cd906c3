/** What a node's folder holds beside genesis.json and its keys. */
export const CHAIN_FOLDER = "chain";
export const SNAPSHOT_FOLDER = "snapshots";
export const COMET_FOLDER = "comet";
export const SOURCE_FOLDER = "sources";
