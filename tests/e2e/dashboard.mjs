// node dashboard.mjs SCENARIO ADMIN_URL MQTT_URL TOKEN_FILE
//
// One scenario of the dashboard in Chromium. A line on stdout asks the test to do something to the broker
// (`stop`, `start`, ...); `passed` or `failed: ...` is the last one.
import { Browser } from "./dashboard/browser.mjs";
import * as looks from "./dashboard/looks.mjs";
import * as modules from "./dashboard/modules.mjs";
import * as pages from "./dashboard/pages.mjs";
import * as trouble from "./dashboard/trouble.mjs";

const [name, ...where] = process.argv.slice(2);
const scenario = { ...pages, ...trouble, ...looks, ...modules }[name];
const browser = await Browser.open(...where);
try {
  await scenario(browser);
  browser.judge();
  console.log("passed");
} catch (error) {
  console.log(`failed: ${error.stack ?? error}`);
  console.log(await browser.describe());
}
await browser.close();
process.exit();
