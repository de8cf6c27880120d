/* 今日任务 Says what this device has not uploaded yet, and uploads it. */

import { openLog } from "./log.js";
import { Status } from "./status.js";
import { Sync } from "./sync.js";

const me = document.getElementById("home-script").dataset.me;
const log = await openLog();
const status = new Status(log, me);
const sync = new Sync(log, me, () => status.show(sync));
await sync.now();
await status.show(sync);
