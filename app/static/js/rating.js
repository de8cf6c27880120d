/* 评分 Scoring: every change is an entry of its own, kept in this browser until the server has it; fast by keyboard.
   Without scripts the same form is saved by its button. */

const form = document.querySelector("[data-rt-sheet]");
const HEADERS = { "X-Songjian": "1", "Content-Type": "application/json" };

if (form && form.dataset.rtWritable === "1") start(form);

function start(sheet) {
  const id = sheet.dataset.rtSheet;
  const key = `sj-sheet-${id}`;
  const status = sheet.querySelector("[data-rt-status]");
  const items = [...sheet.querySelectorAll("[data-rt-item]")];
  let waiting = read(key);
  let sending = false;
  let pause = 1000;

  sheet.querySelectorAll("[data-rt-step], [data-rt-next]").forEach((button) => { button.hidden = false; });
  sheet.querySelector("button[type=submit]").hidden = true;
  status.textContent = "每改一处自动保存";
  sheet.removeAttribute("data-guard");

  /* ---------------------------------------------------------------------------------------------- entries */
  function valueOf(box) {
    const kind = box.dataset.rtKind;
    const name = `i-${box.dataset.rtItem}`;
    if (kind === "options") {
      const ticked = [...box.querySelectorAll(`[name="${name}"]:checked`)].map((tick) => tick.value);
      return ticked.length || !box.querySelector("[data-rt-none]")?.checked ? (ticked.length ? ticked : null) : ["-"];
    }
    if (kind === "deduct" || kind === "formula") {
      const parts = [...box.querySelectorAll(`[name^="${name}-"]`)].map((input) => [input.name.slice(name.length + 1), input.value.trim()]);
      return parts.some(([, typed]) => typed !== "") ? Object.fromEntries(parts.map(([part, typed]) => [part, typed || "0"])) : null;
    }
    const chosen = box.querySelector(`[name="${name}"]:checked`) ?? box.querySelector(`input[name="${name}"]:not([type=radio])`);
    return chosen ? chosen.value.trim() || null : null;
  }

  function note(box) {
    const item = box.dataset.rtItem;
    const na = box.querySelector(`[name="n-${item}"]`)?.value ?? "";
    const reason = box.querySelector(`[name="r-${item}"]`)?.value.trim() ?? "";
    if (na && !reason) return say("评为不适用，请写明理由", "rt-late");
    const entry = {
      op_id: crypto.randomUUID(), item, value: na ? null : valueOf(box), na, reason: na ? reason : "",
      remark: box.querySelector(`[name="m-${item}"]`)?.value.trim() ?? "", evidence: [],
      replaces: box.dataset.rtOp ? [box.dataset.rtOp] : [], wall_ms: Date.now(),
    };
    box.dataset.rtOp = entry.op_id;
    waiting.push(entry);
    keep(key, waiting);
    say("正在保存…", "");
    send();
  }

  async function send() {
    if (sending || !waiting.length) return;
    sending = true;
    const batch = waiting.slice(0, 200);
    try {
      const answer = await fetch(`/api/v1/rating-sheets/${id}/ops`, { method: "POST", headers: HEADERS, body: JSON.stringify({ device: device(), ops: batch }) });
      const told = await answer.json();
      if (answer.status >= 500 || answer.status === 429) throw new Error("later");
      if (!answer.ok) { say(told.detail || "没有保存，请刷新页面", "rt-late"); sending = false; return; }
      const done = new Set(batch.map((entry) => entry.op_id));
      waiting = waiting.filter((entry) => !done.has(entry.op_id));
      keep(key, waiting);
      pause = 1000;
      show(told);
    } catch {
      say(`还有 ${waiting.length} 处没有存上，联网后自动再试；内容已留在本机`, "rt-late");
      setTimeout(send, pause);
      pause = Math.min(pause * 2, 30000);
    }
    sending = false;
    if (waiting.length && pause === 1000) send();
  }

  function show(told) {
    const wrong = told.results.filter((fate) => fate.status === "invalid");
    items.forEach((box) => {
      const now = told.items[box.dataset.rtItem];
      if (!now) return;
      box.querySelector("[data-rt-item-points]").textContent = now.points;
      const line = document.querySelector(`[data-rt-nav="${box.dataset.rtItem}"] [data-rt-state]`);
      line.textContent = { open: "未评", na: "不适用" }[now.state] ?? now.points;
      line.className = `sj-${{ done: "ok", open: "na" }[now.state] ?? "info"}`;
    });
    told.areas.forEach((area) => {
      const points = document.querySelector(`[data-rt-points="${area.id}"]`);
      points.textContent = area.points;
      redraw(points.closest(".rt-area").querySelector(".sj-level"), area.points, Number(points.nextSibling.textContent.slice(1)));
      document.querySelector(`[data-rt-answered="${area.id}"]`).textContent = `${area.answered}/${area.of} 项`;
    });
    document.querySelector("[data-rt-total]").textContent = told.total;
    document.querySelector("[data-rt-left]").textContent = told.left;
    if (wrong.length) say(wrong[0].reason, "rt-late");
    else say(`${new Date().toTimeString().slice(0, 5)} 已存`, "rt-saved");
  }

  /* The bar of an area follows its points: length, colour below the line, and what is read aloud. */
  function redraw(bar, points, most) {
    const width = Math.min(200, most ? (200 * Number(points)) / most : 0);
    const line = bar.querySelector(".line");
    const below = line !== null && width < Number(line.getAttribute("x"));
    bar.querySelector(".fill").setAttribute("width", width.toFixed(1));
    bar.classList.toggle("sj-wait", below);
    bar.classList.toggle("sj-info", !below);
    bar.setAttribute("aria-label", bar.getAttribute("aria-label").replace(/：[^，]*/, `：${points}`));
  }

  function say(words, tone) {
    status.textContent = words;
    status.className = tone || "sj-fine";
  }

  sheet.addEventListener("change", (event) => {
    const box = event.target.closest("[data-rt-item]");
    if (!box) return;
    if (event.target.matches("[data-rt-none]") && event.target.checked) {
      box.querySelectorAll(`[name="i-${box.dataset.rtItem}"]`).forEach((tick) => { tick.checked = false; });
    } else if (event.target.name === `i-${box.dataset.rtItem}` && box.querySelector("[data-rt-none]")) {
      box.querySelector("[data-rt-none]").checked = false;
    }
    note(box);
  });
  sheet.addEventListener("click", (event) => {
    const step = event.target.closest("[data-rt-step]");
    if (step) count(step.parentElement.querySelector("input"), Number(step.dataset.rtStep));
    if (event.target.closest("[data-rt-next]")) next();
  });
  sheet.addEventListener("submit", (event) => { if (waiting.length) { event.preventDefault(); send(); } });
  addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
  addEventListener("online", send);

  function count(input, by) {
    input.value = Math.max(0, (Number.parseInt(input.value, 10) || 0) + by);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* --------------------------------------------------------------------------------------------- keyboard */
  let at = -1;

  function go(to) {
    at = Math.max(0, Math.min(items.length - 1, to));
    items.forEach((box, number) => box.classList.toggle("rt-now", number === at));
    document.querySelectorAll("[data-rt-nav]").forEach((line) => {
      const own = line.dataset.rtNav === items[at].dataset.rtItem;
      line.toggleAttribute("aria-current", own);
      if (own) line.closest("details").open = true;
    });
    items[at].focus({ preventScroll: true });
    items[at].scrollIntoView({ block: "center" });
  }

  function next() {
    const open = (box) => document.querySelector(`[data-rt-nav="${box.dataset.rtItem}"] [data-rt-state]`).textContent === "未评";
    const found = items.findIndex((box, number) => number > at && open(box));
    const first = found < 0 ? items.findIndex(open) : found;
    if (first >= 0) go(first); else say("全部评完了", "rt-saved");
  }

  items.forEach((box, number) => box.addEventListener("focusin", () => { at = number; }));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (event.altKey || event.ctrlKey || event.metaKey || (typing && event.key !== "Escape")) return;
    const box = items[at];
    const act = {
      j: () => go(at + 1), k: () => go(at - 1), n: () => box?.querySelector("[name^='n-']")?.focus(),
      e: () => box?.querySelector(".rt-evidence a")?.focus(), "/": () => document.querySelector(".rt-nav a")?.focus(),
      "+": () => step(box, 1), "=": () => step(box, 1), "-": () => step(box, -1), Escape: () => box?.focus(),
    }[event.key];
    if (act) { event.preventDefault(); act(); return; }
    if (/^[1-9]$/.test(event.key) && box) {
      const choice = box.querySelectorAll(".rt-choice input")[Number(event.key) - 1];
      if (choice) { event.preventDefault(); choice.click(); }
    }
  });

  function step(box, by) {
    const focused = document.activeElement?.closest?.(".rt-line");
    const input = (box?.contains(focused) ? focused : box?.querySelector(".rt-count"))?.querySelector("input");
    if (input && box.dataset.rtKind === "deduct") count(input, by);
  }

  if (waiting.length) send();
}

function read(key) {
  try { return JSON.parse(localStorage.getItem(key)) ?? []; } catch { return []; }
}

function keep(key, entries) {
  try { if (entries.length) localStorage.setItem(key, JSON.stringify(entries)); else localStorage.removeItem(key); } catch { /* a private window keeps them in the page alone */ }
}

function device() {
  try {
    const known = localStorage.getItem("sj-device") ?? crypto.randomUUID();
    localStorage.setItem("sj-device", known);
    return known;
  } catch { return "page"; }
}
