/* 方案检查 The check beside the form follows what is typed; without a script the button「只检查，不保存」does the same. */
const form = document.querySelector("form#entry");
const place = document.querySelector("[data-findings]");
let timer = 0;
let asked = 0;

async function look() {
  const mine = (asked += 1);
  const data = new FormData(form);
  data.set("act", "check");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Fragment": "1" } });
    if (answer.ok && mine === asked) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
    }
  } catch {
    /* offline: the last answer stays */
  }
}

if (form && place) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 600);
  });
}
