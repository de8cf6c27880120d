/* 上传 Bring the log to the server: again and again until every operation is acknowledged. What the server cannot store it keeps
   aside and says so; that too is an acknowledgement. One's own operations only: another person's wait for that person. */

const MOST = 200;
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

export class Sync {
  constructor(log, me, changed) {
    this.log = log;
    this.me = me;
    this.changed = changed;
    this.wait = FIRST_WAIT;
    this.trouble = "";
    this.running = null;
    this.again = false;
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.changed());
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
  }

  /* Start, or make the running one look again when it has finished. */
  now() {
    clearTimeout(this.timer);
    this.again = true;
    this.running ??= this.#run().finally(() => {
      this.running = null;
      this.changed();
    });
    return this.running;
  }

  async #run() {
    while (this.again) {
      this.again = false;
      try {
        await this.#operations();
        await this.#photos();
        this.trouble = "";
        this.wait = FIRST_WAIT;
      } catch (why) {
        this.trouble = why instanceof Told ? why.message : navigator.onLine ? "连不上服务器，稍后自动再传" : "没有网络，联网后自动上传";
        this.timer = setTimeout(() => this.now(), this.wait);
        this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      }
    }
  }

  async #operations() {
    for (;;) {
      const waiting = (await this.log.waiting()).map((kept) => kept.op).filter((op) => op.author_id === this.me);
      const ops = waiting.slice(0, MOST);
      if (!ops.length) return;
      const answer = await call("/api/v1/sync/ops", { method: "POST", body: JSON.stringify({ ops }), headers: { "Content-Type": "application/json" } });
      this.log.clock = answer.server_ms - Date.now();
      await this.log.acknowledge(ops, answer.results);
      this.changed();
    }
  }

  async #photos() {
    for (const photo of await this.log.waitingPhotos()) {
      const form = new FormData();
      form.set("task_id", photo.task_id);
      form.set("sha256", photo.sha);
      form.set("photo", photo.blob, "photo.jpg");
      try {
        await call("/api/v1/photos", { method: "POST", body: form });
        await this.log.photoDone(photo);
      } catch (why) {
        if (!(why instanceof Told) || why.status !== 409) throw why;
        await this.log.photoDone(photo, why.message);
      }
      this.changed();
    }
  }
}

export class Told extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

export async function call(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-Songjian": "1", ...options.headers } });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Told(problem.detail ?? `服务器暂时没有收下（${answer.status}），稍后自动再传`, answer.status);
}
