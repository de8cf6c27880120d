/* 两句话 Two different facts, never mixed: 已存本机 (this device has it, with the time) and 未上传 (the server has not). */

import { clock, h, icon } from "./dom.js";

export class Status {
  constructor(log, me) {
    this.log = log;
    this.me = me;
    this.saved = document.getElementById("saved");
    this.net = document.getElementById("net");
    this.bar = document.getElementById("unsent");
    this.savedAt = 0;
  }

  noteSaved() {
    this.savedAt = Date.now();
  }

  async show(sync) {
    const waiting = await this.log.waiting();
    const mine = waiting.filter((kept) => kept.op.author_id === this.me);
    const photos = await this.log.waitingPhotos();
    this.net?.replaceChildren(icon(navigator.onLine ? "link" : "tablet"), navigator.onLine ? "已联网" : "没有网络 · 照常检查");
    if (this.savedAt) this.saved?.replaceChildren(icon("ok"), `已存本机 ${clock(this.savedAt, true)}`);
    this.unsent = mine.length + photos.length;
    document.documentElement.dataset.unsent = String(this.unsent);
    this.#bar(mine, photos, waiting.length - mine.length, sync);
  }

  #bar(mine, photos, others, sync) {
    if (!this.bar) return;
    const oldest = Math.min(...mine.map((kept) => kept.op.wall_ms), ...photos.map((photo) => photo.at));
    const quiet = !this.unsent || (Date.now() - oldest < 3_000 && !sync.trouble);
    this.bar.hidden = quiet && !others;
    if (this.bar.hidden) return;
    const parts = [mine.length && `${mine.length} 项答案`, photos.length && `${photos.length} 张照片`].filter(Boolean).join("、");
    const words = parts
      ? [h("b", {}, `未上传：${parts}`), `，最早 ${clock(oldest)} · 都已存在本机，断网不会丢`]
      : [`这台平板上另有 ${others} 项是其他人填写的，须由本人登录后上传`];
    this.bar.replaceChildren(
      h("span", {}, icon("upload"), words, sync.trouble && parts ? h("span", { class: "tb-trouble" }, `（${sync.trouble}）`) : null),
      h("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => sync.now() }, icon("repeat"), "立即上传"),
    );
  }
}
