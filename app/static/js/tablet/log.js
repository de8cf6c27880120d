/* 本机记录 The tablet's log: every act is one operation, numbered without gaps, chained by hash, kept in IndexedDB until and
   after the server has acknowledged it. Nothing here is ever changed but the mark that says so. */

const NAME = "songjian-tablet";

/* ------------------------------------------------------------------------------------------------ canonical form */
/* RFC 8785 for what operations hold: texts in NFC, whole numbers, lists and mappings with ASCII keys. */
export function canonical(value) {
  if (typeof value === "string") return JSON.stringify(value.normalize("NFC"));
  if (Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

export async function sha256(bytes) {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function operationHash(fields) {
  const { hash: _, ...rest } = fields;
  return sha256(new TextEncoder().encode(canonical(rest)));
}

/* ------------------------------------------------------------------------------------------------------ database */
function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export async function openLog() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore("meta");
    const ops = db.createObjectStore("ops", { keyPath: "op.seq" });
    ops.createIndex("waiting", "waiting");
    ops.createIndex("task", "op.task_id");
    db.createObjectStore("photos", { keyPath: "key" }).createIndex("waiting", "waiting");
    db.createObjectStore("packs", { keyPath: "id" });
  };
  const db = await asked(opening);
  return new Log(db, await deviceId(db));
}

async function deviceId(db) {
  const transaction = db.transaction("meta", "readwrite");
  const store = transaction.objectStore("meta");
  const known = await asked(store.get("device"));
  const id = known ?? `pad-${crypto.randomUUID()}`;
  if (!known) store.put(id, "device");
  await finished(transaction);
  return id;
}

export class Log {
  constructor(db, device) {
    this.db = db;
    this.device = device;
    this.clock = 0; // server time minus device time, milliseconds
  }

  /* One act at a time over all windows of this browser, so that numbers have no gap and the chain one end. */
  append(act) {
    return navigator.locks.request("songjian-log", () => this.#append(act));
  }

  async #append(act) {
    const last = await this.#last();
    const op = {
      op_id: crypto.randomUUID(),
      reason: "",
      replaces: [],
      ...act,
      value: act.value.normalize("NFC"),
      device_id: this.device,
      seq: (last?.seq ?? 0) + 1,
      wall_ms: Date.now(),
      mono_ms: Math.round(performance.now()),
      offset_ms: Math.round(this.clock),
      prev_hash: last?.hash ?? "",
    };
    op.hash = await operationHash(op);
    const transaction = this.db.transaction("ops", "readwrite", { durability: "strict" });
    transaction.objectStore("ops").add({ op, waiting: 1, fate: "", kept: "" });
    await finished(transaction);
    return op;
  }

  async #last() {
    const cursor = await asked(this.db.transaction("ops").objectStore("ops").openCursor(null, "prev"));
    return cursor?.value.op;
  }

  async ofTask(taskId) {
    return asked(this.db.transaction("ops").objectStore("ops").index("task").getAll(taskId));
  }

  async waiting() {
    return asked(this.db.transaction("ops").objectStore("ops").index("waiting").getAll(1));
  }

  async everything() {
    return asked(this.db.transaction("ops").objectStore("ops").getAll());
  }

  /* The server's word on operations: from now on they no longer wait. */
  async acknowledge(ops, results) {
    const transaction = this.db.transaction("ops", "readwrite");
    const store = transaction.objectStore("ops");
    ops.forEach((op, place) => {
      const fate = results[place];
      store.put({ op, waiting: 0, fate: fate.status, kept: fate.reason });
    });
    await finished(transaction);
  }

  async addPhoto(taskId, blob) {
    const sha = await sha256(await blob.arrayBuffer());
    const transaction = this.db.transaction("photos", "readwrite", { durability: "strict" });
    transaction.objectStore("photos").put({ key: `${taskId}/${sha}`, task_id: taskId, sha, blob, waiting: 1, trouble: "", at: Date.now() });
    await finished(transaction);
    return sha;
  }

  async photos(taskId) {
    const all = await asked(this.db.transaction("photos").objectStore("photos").getAll());
    return all.filter((photo) => photo.task_id === taskId);
  }

  async waitingPhotos() {
    return asked(this.db.transaction("photos").objectStore("photos").index("waiting").getAll(1));
  }

  async photoDone(photo, trouble = "") {
    const transaction = this.db.transaction("photos", "readwrite");
    transaction.objectStore("photos").put({ ...photo, waiting: 0, trouble });
    await finished(transaction);
  }

  async keepPack(pack, pendingBefore, lastSeq) {
    const transaction = this.db.transaction("packs", "readwrite");
    transaction.objectStore("packs").put({ id: pack.task.id, pack, pendingBefore, lastSeq });
    await finished(transaction);
  }

  async packOf(taskId) {
    return asked(this.db.transaction("packs").objectStore("packs").get(taskId));
  }

  async lastSeq() {
    return (await this.#last())?.seq ?? 0;
  }
}
