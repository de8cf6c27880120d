/* 松鉴 What the pages gain with a script; every one of them works without it.
   data-confirm="…"   asks before a form is sent        data-autosubmit  sends a filter form when a choice changes
   data-guard         warns before typed words are lost  data-large       大字版 without loading the page anew
   data-print         prints                             data-focus       takes the focus (error summary) */

const YEAR = 31_536_000;

/* ------------------------------------------------------------------------------------------------ confirm */
let asking = null;

function confirmDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "sj-dialog";
  dialog.setAttribute("aria-labelledby", "sj-confirm-text");
  const words = document.createElement("p");
  words.id = "sj-confirm-text";
  words.className = "sj-big";
  const acts = document.createElement("div");
  acts.className = "sj-acts";
  const yes = button("btn btn-primary", "yes");
  const no = button("btn btn-outline-primary", "no");
  no.textContent = "先不办";
  acts.append(yes, no);
  dialog.append(words, acts);
  document.body.append(dialog);
  yes.addEventListener("click", () => dialog.close("yes"));
  no.addEventListener("click", () => dialog.close("no"));
  return { dialog, words, yes, no };
}

function button(cls, value) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = cls;
  made.value = value;
  return made;
}

function ask(text, act) {
  asking ??= confirmDialog();
  asking.words.textContent = text;
  asking.yes.textContent = act || "确认办理";
  asking.dialog.returnValue = "no";
  asking.dialog.showModal();
  asking.no.focus();
  return new Promise((answer) => {
    asking.dialog.addEventListener("close", () => answer(asking.dialog.returnValue === "yes"), { once: true });
  });
}

/* ------------------------------------------------------------------------------------------------ forms */
const agreed = new WeakSet();
const sent = new WeakSet();
const changed = new Set();

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const by = event.submitter;
  const text = by?.dataset.confirm ?? form.dataset.confirm;
  if (text && !agreed.has(form)) {
    event.preventDefault();
    if (await ask(text, by?.textContent.trim())) {
      agreed.add(form);
      form.requestSubmit(by ?? undefined);
    }
    return;
  }
  agreed.delete(form);
  if (form.method === "post") {
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    by?.setAttribute("aria-busy", "true");
    setTimeout(() => release(form, by), 5_000); /* a download leaves the page standing */
  }
  changed.delete(form);
});

function release(form, by) {
  sent.delete(form);
  by?.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) sent.delete(form);
  for (const by of document.querySelectorAll("[aria-busy]")) by.removeAttribute("aria-busy");
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.hasAttribute("data-guard")) changed.add(form);
});

window.addEventListener("beforeunload", (event) => {
  if (changed.size > 0) event.preventDefault();
});

/* A filter is sent when a choice is made; the focus returns to the same control on the new page. */
const FOCUS = "sj-focus";

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.hasAttribute("data-autosubmit")) return;
  const chosen = event.target.matches("select, input[type=checkbox], input[type=radio]");
  if (!chosen) return;
  remember(event.target.id);
  form.requestSubmit();
});

function remember(id) {
  try {
    sessionStorage.setItem(FOCUS, `${location.pathname} ${id}`);
  } catch {
    /* storage may be closed; then the page simply begins at its top */
  }
}

function recall() {
  try {
    const [path, id] = (sessionStorage.getItem(FOCUS) ?? "").split(" ");
    sessionStorage.removeItem(FOCUS);
    if (id && path === location.pathname) document.getElementById(id)?.focus({ preventScroll: false });
  } catch {
    /* as above */
  }
}

/* ------------------------------------------------------------------------------------------------ 大字版 */
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-large]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const large = link.dataset.large === "1";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `sj_large=${large ? 1 : 0}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  document.documentElement.classList.toggle("sj-large", large);
  for (const other of document.querySelectorAll("a[data-large]")) {
    other.dataset.large = large ? "0" : "1";
    other.href = other.href.replace(/large=[01]/, `large=${large ? 0 : 1}`);
    other.querySelector("span").textContent = large ? "标准字" : "大字版";
  }
});

/* ------------------------------------------------------------------------------------------------ menus, print */
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest?.("[data-print]")) window.print();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function openMenus() {
  return document.querySelectorAll(".sj-person[open], .sj-fold-nav[open]");
}

for (const hidden of document.querySelectorAll("[data-print][hidden]")) hidden.hidden = false;
document.querySelector("[data-focus]")?.focus();
recall();
