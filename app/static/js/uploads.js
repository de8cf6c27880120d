/* 断点续传 Files in pieces with a checksum each: progress for every file, pause, and going on after a cut or a closed page.
   The server keeps what arrived; the file itself is remembered in this browser's database, so that a page opened again goes
   on without choosing it anew. Where that is not possible the person chooses the same file once more and nothing is lost. */

const API = "/api/v1/uploads";
const AT_ONCE = 2;
const box = document.querySelector("[data-uploads]");
const working = new Map();

/* ------------------------------------------------------------------------------------------------ remembered files */
function shelf() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("sj-uploads", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function shelved(mode, act) {
  try {
    const base = await shelf();
    return await new Promise((done) => {
      const asked = act(base.transaction("files", mode).objectStore("files"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(undefined);
    });
  } catch {
    return undefined; // a private window has no database: the person chooses the file again
  }
}
const remember = (id, file) => shelved("readwrite", (s) => s.put(file, id));
const forget = (id) => shelved("readwrite", (s) => s.delete(id));
const recall = (id) => shelved("readonly", (s) => s.get(id));

/* ------------------------------------------------------------------------------------------------ talking */
const HEADERS = { "X-Songjian": "1" };

class Told extends Error {}

async function ask(path, options = {}) {
  const answer = await fetch(API + path, { ...options, headers: { ...HEADERS, ...options.headers } });
  if (answer.ok) return answer.status === 204 ? answer : answer.json();
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 503 || answer.status >= 500) throw new Error("later");
  throw new Told(said.detail || "这一步没有办成，请刷新页面再试");
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const size = (n) => (n >= 1048576 ? `${(n / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(n / 1024))} KB`);

/* ------------------------------------------------------------------------------------------------ one file */
class Sending {
  constructor(file, row) {
    Object.assign(this, { file, row, paused: false, received: 0, began: performance.now(), sentNow: 0 });
  }

  show(text, tone = "") {
    this.row.say.textContent = text;
    this.row.say.className = tone ? `sj-fine sj-${tone}` : "sj-fine";
    this.row.bar.max = this.file.size;
    this.row.bar.value = this.received;
    this.row.pause.textContent = this.paused ? "接着传" : "暂停";
  }

  async run(id) {
    this.id = id;
    let patience = 1000;
    for (;;) {
      if (this.paused) return this.show(`已暂停，停在 ${this.percent()}%，传过的都在`, "wait");
      try {
        const state = await ask(`/${id}`);
        this.received = state.received;
        if (state.state !== "open") return await this.settle(state);
        if (state.missing.length === 0) {
          await ask(`/${id}/completion`, { method: "POST" });
          continue;
        }
        await this.pieces(state);
        patience = 1000;
      } catch (trouble) {
        if (trouble instanceof Told) return this.show(trouble.message, "bad");
        this.show(`断网，停在 ${this.percent()}%，传过的都在；网络恢复后自动接着传`, "wait");
        await wait(patience);
        patience = Math.min(patience * 2, 30000);
      }
    }
  }

  async pieces(state) {
    const left = [...state.missing];
    const one = async () => {
      while (left.length && !this.paused) {
        const offset = left.shift() * state.piece;
        const bytes = await this.file.slice(offset, offset + state.piece).arrayBuffer();
        const headers = { "Upload-Offset": String(offset), "Upload-Checksum": `sha256 ${await sha256(bytes)}` };
        await ask(`/${this.id}`, { method: "PATCH", body: bytes, headers });
        this.received += bytes.byteLength;
        this.sentNow += bytes.byteLength;
        this.show(`${size(this.received)} / ${size(this.file.size)} · ${this.percent()}% · ${this.left()}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  percent() {
    return Math.floor((100 * this.received) / this.file.size);
  }

  left() {
    const seconds = (performance.now() - this.began) / 1000;
    if (this.sentNow === 0 || seconds < 2) return "正在传";
    const rest = ((this.file.size - this.received) * seconds) / this.sentNow;
    return rest < 60 ? `还要约 ${Math.ceil(rest)} 秒` : `还要约 ${Math.ceil(rest / 60)} 分钟`;
  }

  async settle(state) {
    this.row.pause.hidden = true;
    for (let times = 0; state.state === "waiting" && times < 60; times += 1) {
      this.show("已全部收到，正在查毒和查验", "wait");
      await wait(1500);
      state = await ask(`/${this.id}`);
    }
    await forget(this.id);
    if (state.state === "kept") this.show("可用，刷新页面即可看到", "ok");
    else if (state.state === "refused") this.show(`被拦下：${state.why}`, "bad");
    else this.show(state.state_label, "wait");
  }
}

/* ------------------------------------------------------------------------------------------------ the page */
function makeRow(list, name) {
  const item = document.createElement("li");
  item.className = "sj-file-row";
  const words = document.createElement("div");
  const title = document.createElement("b");
  title.textContent = name;
  const say = document.createElement("div");
  say.setAttribute("role", "status");
  words.append(title, say);
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", `${name}的进度`);
  const pause = document.createElement("button");
  pause.type = "button";
  pause.className = "btn btn-outline-primary";
  pause.textContent = "暂停";
  item.append(words, bar, pause);
  list.append(item);
  return { item, say, bar, pause };
}

function attach(sending, id) {
  working.set(id, sending);
  sending.row.pause.addEventListener("click", () => {
    sending.paused = !sending.paused;
    if (sending.paused) sending.show("正在停下来", "wait");
    else sending.run(id);
  });
  sending.run(id);
}

async function begin(file) {
  const kind = box.querySelector("[data-kind]");
  const row = makeRow(box.querySelector("[data-files]"), file.name);
  const sending = new Sending(file, row);
  const known = [...document.querySelectorAll('[data-known][data-state="open"]')].find(
    (each) => each.dataset.name === file.name && Number(each.dataset.size) === file.size && !working.has(each.dataset.known),
  );
  if (known) { // chosen again after a cut: the server says what is missing
    await remember(known.dataset.known, file);
    known.hidden = true;
    return attach(sending, known.dataset.known);
  }
  try {
    const made = await ask("", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        site_id: box.dataset.site,
        kind: kind.value,
        title: file.name.replace(/\.[^.]*$/, "").slice(0, 80) || "未命名",
        name: file.name,
        size: file.size,
        valid_until: box.querySelector("[data-until]").value,
        items: box.dataset.item ? [box.dataset.item] : [],
        evidence_id: box.dataset.evidence,
      }),
    });
    await remember(made.id, file);
    return attach(sending, made.id);
  } catch (trouble) {
    row.pause.hidden = true;
    return sending.show(trouble instanceof Told ? trouble.message : "网络不通，请稍后再选一次这个文件", "bad");
  }
}

/* What was on its way when the page was closed: go on by itself if the file is remembered, else ask for it. */
async function takeUp(known) {
  const acts = known.querySelector("[data-acts]");
  if (!acts) return;
  const file = await recall(known.dataset.known);
  const go = document.createElement("button");
  go.type = "button";
  go.className = "btn btn-primary";
  go.textContent = file ? "接着传" : "选同一个文件接着传";
  go.addEventListener("click", () => {
    if (!file) return box.querySelector("[data-pick]").click();
    known.hidden = true;
    return attach(new Sending(file, makeRow(box.querySelector("[data-files]"), known.dataset.name)), known.dataset.known);
  });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn btn-outline-primary";
  drop.textContent = "放弃";
  drop.addEventListener("click", async () => {
    await ask(`/${known.dataset.known}`, { method: "DELETE" });
    await forget(known.dataset.known);
    known.remove();
  });
  acts.append(go, drop);
}

if (box && globalThis.crypto?.subtle) {
  box.hidden = false;
  const pick = box.querySelector("[data-pick]");
  const target = box.querySelector("[data-drop]");
  pick.addEventListener("change", () => {
    [...pick.files].forEach(begin);
    pick.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    target.addEventListener(name, (event) => {
      event.preventDefault();
      target.classList.add("sj-over");
    });
  }
  for (const name of ["dragleave", "drop"]) target.addEventListener(name, () => target.classList.remove("sj-over"));
  target.addEventListener("drop", (event) => {
    event.preventDefault();
    [...event.dataTransfer.files].forEach(begin);
  });
  document.querySelectorAll('[data-known][data-state="open"]').forEach(takeUp);
  addEventListener("beforeunload", (event) => {
    if ([...working.values()].some((each) => !each.paused && each.received < each.file.size)) event.preventDefault();
  });
}
