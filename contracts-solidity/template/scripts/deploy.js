import { deploy } from "./chain.js";

const { address } = await deploy("Logbook");
console.log(address);
