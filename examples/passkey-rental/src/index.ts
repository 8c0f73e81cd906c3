export { sponsoredChain } from "./chain.js";
export { openSite } from "./site.js";
