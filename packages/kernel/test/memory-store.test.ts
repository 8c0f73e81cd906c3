import { MemoryStore } from "@ruffchain/kernel";
import { storeConformance } from "./store-conformance.js";

storeConformance("MemoryStore", () => new MemoryStore());
