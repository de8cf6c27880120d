/* 现场检查 The checklist page of a tablet. Everything typed becomes an operation in this device's log first; the page shows
   what follows from the log and the server's state together; uploading goes on beside. */

import { openLog } from "./tablet/log.js";
import { fold } from "./tablet/fold.js";
import { call, Sync, Told } from "./tablet/sync.js";
import { Status } from "./tablet/status.js";
import { h, icon } from "./tablet/dom.js";
import { card, part, steps } from "./tablet/cards.js";

const root = document.getElementById("form");
const taskId = root.dataset.task;

class Page {
  constructor(log, pack, own) {
    this.log = log;
    this.own = own; // operations of this device that the server's state does not hold yet
    this.status = new Status(log, pack.me);
    this.sync = new Sync(log, pack.me, () => this.refresh());
    this.take(pack);
    this.area = this.areas[0].key;
    this.onlyOpen = false;
    this.openItem = "";
    this.thumbs = new Map();
    this.held = null; // redrawing waits while a finger is down, or its tap would fall on a button that is gone
    addEventListener("pointerdown", () => (this.held ??= []), true);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(() => this.release()), true);
  }

  release() {
    const waiting = this.held ?? [];
    this.held = null;
    for (const code of new Set(waiting)) this.draw(code);
  }

  take(pack) {
    this.pack = pack;
    this.items = pack.checklist.items;
    this.byCode = new Map(this.items.map((it) => [it.item.code, it]));
    this.mine = pack.own_items ? new Set(pack.own_items) : null;
    this.names = new Map(pack.team.map((p) => [p.id, p.name]));
    this.uploaded = new Set(pack.photos);
    this.areas = [{ key: "@", label: "到场告知" }, ...pack.checklist.areas];
    this.locked = !["checked_in", "in_progress", "approved", "noticed"].includes(pack.task.state);
    this.refold();
  }

  refold() {
    this.fold = fold(this.pack.slots, this.own);
  }

  /* ------------------------------------------------------------------------------------------- writing */
  async write(item, kind, value, { reason = "", replaces = null } = {}) {
    const slot = this.fold.slot(item, kind);
    const act = { task_id: taskId, edition_sha: this.pack.task.checklist_sha, item, kind, value, reason, author_id: this.pack.me };
    try {
      const op = await this.log.append({ ...act, replaces: replaces ?? slot.heads.map((head) => head.op_id) });
      this.own.push(op);
    } catch (why) {
      this.failed(why);
      return false;
    }
    document.getElementById("failure").hidden = true;
    this.status.noteSaved();
    this.refold();
    this.draw(item);
    this.sync.now();
    return true;
  }

  /* A value that could not be written stays on the screen; a red bar says so and offers the rescue file. */
  failed(why) {
    const bar = document.getElementById("failure");
    bar.hidden = false;
    bar.replaceChildren(
      icon("alert"),
      h("span", {}, `刚才的内容没有存住（${why?.name ?? "未知原因"}）。请不要离开本页，再点一次；仍不行请先导出救援文件。`),
      h("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => this.rescue() }, "导出救援文件"),
    );
  }

  async rescue() {
    const kept = await this.log.everything();
    const file = new Blob([JSON.stringify({ ops: kept.map((k) => k.op) }, null, 1)], { type: "application/json" });
    const link = h("a", { href: URL.createObjectURL(file), download: `救援-${this.log.device}.json` });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async photo(item, file) {
    try {
      const sha = await this.log.addPhoto(taskId, await fit(file));
      await this.loadThumbs();
      await this.write(item, "photo", sha, { replaces: [] });
    } catch (why) {
      this.failed(why);
    }
  }

  async loadThumbs() {
    for (const photo of await this.log.photos(taskId)) {
      const known = this.thumbs.get(photo.sha);
      this.thumbs.set(photo.sha, { url: known?.url ?? URL.createObjectURL(photo.blob), waiting: photo.waiting, trouble: photo.trouble });
    }
  }

  /* ------------------------------------------------------------------------------------------- questions */
  answered(it) {
    return Boolean(this.fold.value(it.item.code)) || this.ruledOut(it);
  }

  ruledOut(it) {
    return it.applicability.verdict === "no" && this.fold.slot(it.item.code).state === "open";
  }

  mayAnswer(code) {
    return !this.locked && (!this.mine || this.mine.has(code));
  }

  inArea(key) {
    return this.items.filter((it) => it.item.area === key);
  }

  missing(it) {
    const { code, photo } = it.item;
    const bad = this.fold.value(code) === "not_met" || (it.item.effect === "veto" && this.fold.value(code) === "referred");
    const dispute = this.fold.slot(code).state === "conflict";
    return {
      answer: !dispute && !this.answered(it) && (!this.mine || this.mine.has(code)),
      dispute,
      fact: bad && !this.fold.slot(code, "remark").heads.length,
      photo: bad && photo !== "none" && !this.fold.slot(code, "photo").heads.length,
      reason: this.fold.value(code) === "not_applicable" && !this.fold.reason(code),
    };
  }

  gaps(items) {
    const found = items.map((it) => this.missing(it));
    const count = (what) => found.filter((gap) => gap[what]).length;
    return [
      [count("answer"), "项未答"],
      [count("dispute"), "项意见不一"],
      [count("fact"), "项缺事实"],
      [count("reason"), "项缺理由"],
      [count("photo"), "项未拍照"],
    ].filter(([n]) => n);
  }

  /* ------------------------------------------------------------------------------------------- drawing */
  drawAll() {
    const place = this.areas.findIndex((area) => area.key === this.area);
    const area = this.areas[place];
    const items = this.inArea(area.key);
    const done = items.filter((it) => this.answered(it)).length;
    document.getElementById("area-head").replaceChildren(
      h("h1", {}, area.label),
      h("span", { class: "sj-fine" }, `第 ${place + 1} 区，共 ${this.areas.length} 区`),
      area.key === "@" ? "" : h("span", { class: "tb-end" }, h("b", {}, String(done)), ` / ${items.length} 项`),
      area.key === "@"
        ? ""
        : h(
            "button",
            { type: "button", class: "btn btn-outline-primary btn-sm", "aria-pressed": String(this.onlyOpen), onclick: () => this.toggleOpen() },
            this.onlyOpen ? "显示全部" : `只看未答 ${items.length - done}`,
          ),
    );
    const shown = this.onlyOpen ? items.filter((it) => Object.values(this.missing(it)).some(Boolean)) : items;
    root.replaceChildren(
      ...(area.key === "@" ? [steps(this)] : shown.map((it) => card(this, it))),
      shown.length || area.key === "@" ? "" : h("p", { class: "tb-empty" }, icon("ok-circle"), "这一区没有要补的了"),
    );
    this.drawFoot(place);
    this.drawAreas();
  }

  draw(code) {
    if (this.held) return void this.held.push(code);
    const before = root.querySelector(`[data-item="${code}"]`);
    const after = before && (code.startsWith("@") ? part(this, code) : card(this, this.byCode.get(code)));
    if (after) this.swap(before, after);
    this.drawFoot(this.areas.findIndex((area) => area.key === this.area));
    this.drawAreas();
  }

  /* Put the new card in the place of the old one; what is being typed in it at this moment goes on. */
  swap(before, after) {
    const typing = before.contains(document.activeElement) ? document.activeElement : null;
    before.replaceWith(after);
    const again = typing?.dataset.focus && after.querySelector(`[data-focus="${typing.dataset.focus}"]`);
    if (!again) return;
    if (/^(TEXTAREA|INPUT)$/.test(typing.tagName) && typing.type !== "file") again.value = typing.value;
    again.focus();
  }

  drawFoot(place) {
    const done = this.items.filter((it) => this.answered(it)).length;
    const here = this.area === "@" ? [] : this.gaps(this.inArea(this.area));
    const next = this.areas[place + 1];
    const words = here.map(([n, what]) => `${n} ${what}`).join("、");
    document.getElementById("foot").replaceChildren(
      h(
        "div",
        { class: "tb-grow" },
        h(
          "p",
          { class: "tb-count" },
          h("b", {}, `${done} / ${this.items.length}`),
          words
            ? h("button", { type: "button", class: "tb-gap sj-wait", onclick: () => this.toggleOpen(true) }, icon("alert"), `本区还差：${words}`)
            : this.area === "@" ? "" : h("span", { class: "tb-gap sj-ok" }, icon("ok"), "本区已齐"),
        ),
        h("progress", { max: this.items.length, value: done, "aria-label": `已答 ${done} 项，共 ${this.items.length} 项` }),
      ),
      place > 0 ? h("button", { type: "button", class: "btn btn-outline-primary tb-step", onclick: () => this.go(this.areas[place - 1].key) }, "上一区") : "",
      next
        ? h("button", { type: "button", class: "btn btn-primary tb-step", id: "next", onclick: () => this.go(next.key) }, `下一区：${next.label}`, icon("right"))
        : h("a", { class: "btn btn-primary tb-step", href: `${location.pathname}/sign`, id: "to-sign" }, "去核对签字", icon("right")),
    );
  }

  drawAreas() {
    document.getElementById("areas").replaceChildren(
      ...this.areas.map((area) => {
        const items = this.inArea(area.key);
        const done = items.filter((it) => this.answered(it)).length;
        const bad = items.filter((it) => this.fold.value(it.item.code) === "not_met").length;
        return h(
          "li",
          {},
          h(
            "button",
            { type: "button", "aria-current": area.key === this.area ? "true" : false, onclick: () => this.go(area.key) },
            h("span", {}, area.label),
            bad ? h("span", { class: "sj-word sj-bad" }, icon("bad"), `不符合 ${bad}`) : "",
            area.key === "@" ? "" : h("span", { class: "tb-end" }, `${done} / ${items.length}`, done === items.length ? icon("ok") : ""),
          ),
        );
      }),
    );
  }

  toggleOpen(on = !this.onlyOpen) {
    this.onlyOpen = on;
    this.drawAll();
  }

  go(key) {
    this.area = key;
    this.onlyOpen = false;
    this.openItem = "";
    document.getElementById("area-list").open = false;
    this.drawAll();
    scrollTo(0, 0);
  }

  open(code) {
    this.openItem = this.openItem === code ? "" : code;
    this.drawAll();
    root.querySelector(`[data-item="${code}"]`)?.scrollIntoView({ block: "nearest" });
  }

  /* What the server kept aside is no answer there, so it is none here either; the page says which and why. */
  async dropAside() {
    const aside = (await this.log.ofTask(taskId)).filter((one) => one.fate === "kept_invalid");
    const ids = new Set(aside.map((one) => one.op.op_id));
    const bar = document.getElementById("aside");
    bar.hidden = !aside.length;
    bar.replaceChildren(
      icon("alert"),
      h("span", {}, `有 ${aside.length} 项已留存、没有作为答案存入，请重新填写：${aside.map((one) => `${one.op.item}（${one.kept}）`).join("、")}`),
    );
    if (!this.own.some((op) => ids.has(op.op_id))) return;
    this.own = this.own.filter((op) => !ids.has(op.op_id));
    this.refold();
    this.drawAll();
  }

  async refresh() {
    await this.dropAside();
    await this.loadThumbs();
    await this.status.show(this.sync);
    for (const figure of root.querySelectorAll("[data-photo]")) {
      const { word, tone } = this.photoWord(figure.dataset.photo);
      const caption = figure.querySelector("figcaption");
      if (caption.textContent !== word) {
        figure.className = `sj-${tone}`;
        caption.replaceChildren(icon(tone === "ok" ? "ok" : tone === "veto" ? "alert" : "tablet"), word);
      }
    }
  }

  photoWord(sha) {
    const local = this.thumbs.get(sha);
    if (local?.trouble) return { word: "没有收下，请重拍", tone: "veto" };
    if (local?.waiting) return { word: "已存，待上传", tone: "info" };
    return local || this.uploaded.has(sha) ? { word: "已上传", tone: "ok" } : { word: "在另一台平板，待上传", tone: "wait" };
  }

  /* Look at the server again: what colleagues wrote meanwhile. */
  async reload() {
    const fresh = await loadPack(this.log).catch(() => null);
    if (!fresh) return;
    this.own = fresh.own;
    this.take(fresh.pack);
    if (!root.contains(document.activeElement) || !/^(TEXTAREA|INPUT)$/.test(document.activeElement.tagName)) this.drawAll();
  }
}

/* Photos above five megabytes are made smaller before they are kept; the kept bytes are what the hash names. */
async function fit(file) {
  if (file.size <= 4_500_000 && /^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, 2560 / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
}

/* The task pack from the server, or the one kept here when there is no network; with the operations it does not hold yet. */
async function loadPack(log) {
  const before = (await log.waiting()).map((kept) => kept.op.seq);
  const lastSeq = await log.lastSeq();
  try {
    const pack = await call(`/api/v1/tasks/${taskId}`);
    log.clock = pack.server_ms - Date.now();
    await log.keepPack(pack, before, lastSeq);
  } catch (why) {
    if (why instanceof Told) throw why;
  }
  const kept = await log.packOf(taskId);
  if (!kept) throw new Told("这项任务还没有下载到本机，请联网后再打开", 0);
  const newer = new Set(kept.pendingBefore);
  const mine = await log.ofTask(taskId);
  const aside = new Set(mine.filter((one) => one.fate === "kept_invalid").map((one) => one.op.op_id));
  const ops = mine.map((one) => one.op);
  return { pack: kept.pack, own: ops.filter((op) => !aside.has(op.op_id)).filter((op) => op.seq > kept.lastSeq || newer.has(op.seq)) };
}

async function start() {
  try {
    const log = await openLog();
    const { pack, own } = await loadPack(log);
    const page = new Page(log, pack, own);
    await page.loadThumbs();
    page.drawAll();
    page.sync.now();
    setInterval(() => navigator.onLine && !document.hidden && page.reload(), 20_000);
    addEventListener("beforeunload", (event) => document.getElementById("failure").hidden || event.preventDefault());
    root.dataset.ready = "1";
  } catch (why) {
    root.replaceChildren(h("p", { class: "tb-empty sj-veto", role: "alert" }, icon("alert"), why instanceof Told ? why.message : `这台设备不能保存检查内容：${why.message}`));
  }
}

start();
