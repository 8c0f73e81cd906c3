import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LmdbStore } from "@ruffchain/node";
import { afterAll } from "vitest";
import { storeConformance } from "../../../kernel/test/store-conformance.js";

const directory = mkdtempSync(join(tmpdir(), "store-"));
let opened = 0;
afterAll(() => rmSync(directory, { recursive: true }));

storeConformance("LmdbStore", () => new LmdbStore(join(directory, String(opened++))));
