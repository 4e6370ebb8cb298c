// node node.mjs URL
import mqtt from "mqtt";

import { exchange } from "./exchange.mjs";

await exchange(mqtt, process.argv[2], console.log);
process.exit();
