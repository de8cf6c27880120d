/* 签字 First everything on this device is uploaded, so that what is signed is what the server holds; then names are drawn by hand. */

import { openLog } from "./log.js";
import { Status } from "./status.js";
import { Sync } from "./sync.js";

const script = document.getElementById("sign-script");
const log = await openLog();
const status = new Status(log, script.dataset.me);
const sync = new Sync(log, script.dataset.me, () => status.show(sync));
const waiting = (await log.waiting()).length + (await log.waitingPhotos()).length;
await sync.now();
await status.show(sync);
if (waiting && !status.unsent) location.reload();

const pad = document.getElementById("pad");
const canvas = document.getElementById("ink");
const pen = canvas.getContext("2d");
const form = pad.querySelector("form");
let drawn = 0;

function clear() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = 7;
  pen.lineCap = pen.lineJoin = "round";
  drawn = 0;
}

function at(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pen.beginPath();
  pen.moveTo(...at(event));
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  pen.lineTo(...at(event));
  pen.stroke();
  drawn += 1;
});
document.getElementById("ink-clear").addEventListener("click", clear);
document.getElementById("ink-close").addEventListener("click", () => pad.close());

for (const button of document.querySelectorAll("[data-sign]")) {
  button.addEventListener("click", () => {
    form.elements.role.value = button.dataset.sign;
    form.elements.account_id.value = button.dataset.account;
    form.elements.name.value = button.dataset.name;
    document.getElementById("pad-name").hidden = button.dataset.sign === "officer";
    document.getElementById("pad-title").textContent = `${button.dataset.title} 签名`;
    clear();
    pad.showModal();
  });
  button.disabled = false; // a tap before this point would have been lost
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (drawn < 5) return void canvas.focus();
  const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  const files = new DataTransfer();
  files.items.add(new File([picture], "签名.png", { type: "image/png" }));
  document.getElementById("ink-file").files = files.files;
  form.submit();
});
