/* 检查项 One card an item: closed it is a line with three buttons; open it shows clause, what to look at, last time, and after
   不符合 the facts, phrases and photos. */

import { clock, h, icon } from "./dom.js";

const PLAIN = [
  ["met", "符合", "ok", "ok"],
  ["not_met", "不符合", "bad", "bad"],
  ["not_applicable", "不适用", "na", "na"],
];
const HAZARD = [
  ["met", "未发现", "ok", "ok"],
  ["not_met", "发现", "veto", "alert"],
  ["referred", "存疑待研判", "wait", "help"],
];
const SEVERITY = [["minor", "一般"], ["serious", "较重"]];
const REMEDY = [["on_the_spot", "立行立改"], ["within_term", "限期整改"], ["construction", "需施工整改"]];

const isVeto = (it) => it.item.effect === "veto";
const choices = (it) => (isVeto(it) ? HAZARD : PLAIN);
const nameOf = (page, op) => page.names.get(op.author_id) ?? "检查人员";

export function card(page, it) {
  const { code } = it.item;
  const value = page.fold.value(code);
  const conflict = page.fold.slot(code).state === "conflict";
  const open = page.openItem === code || conflict || needsMore(page, it, value);
  return open ? opened(page, it, value, conflict) : closed(page, it, value);
}

/* A problem stays open until its fact is written, so that nothing is forgotten. */
function needsMore(page, it, value) {
  const gap = page.missing(it);
  return page.mayAnswer(it.item.code) && (gap.fact || gap.reason) && Boolean(value);
}

function closed(page, it, value) {
  const { code, text } = it.item;
  const chosen = choices(it).find(([v]) => v === value);
  const tone = chosen ? chosen[2] : isVeto(it) ? "veto" : "";
  return h(
    "article",
    { class: `tb-q ${tone ? `sj-${tone}` : ""} ${isVeto(it) ? "tb-veto" : ""} ${chosen ? "tb-done" : ""}`, "data-item": code },
    h("button", { type: "button", class: "tb-no", onclick: () => page.open(code), "aria-expanded": "false", "aria-label": `${code} 展开` }, shortCode(code)),
    h("div", { class: "tb-text" }, badges(it), h("h2", {}, text), meta(page, it, value)),
    chosen
      ? h("button", { type: "button", class: `sj-chip sj-${chosen[2]} tb-chosen`, onclick: () => page.open(code), "aria-label": `${code} 已答 ${chosen[1]}，点开修改` }, icon(chosen[3]), chosen[1])
      : page.ruledOut(it) && !page.mayAnswer(code)
        ? h("span", { class: "sj-chip sj-na" }, icon("na"), "不适用")
        : buttons(page, it, value, "tb-three"),
    isVeto(it) && !chosen ? h("p", { class: "tb-meta tb-wide" }, "答“发现”即列为重大隐患：不扣分、不抵消，须两名检查人员确认并立即报负责人。") : "",
    page.ruledOut(it) ? h("p", { class: "tb-meta tb-wide" }, `按登记情况不适用：${it.applicability.reasons.join("；")}`) : "",
  );
}

const shortCode = (code) => code;

function badges(it) {
  const found = [];
  if (isVeto(it)) found.push(h("span", { class: "sj-chip sj-veto sj-solid" }, icon("alert"), "重大隐患"));
  if (it.standing === "pending") found.push(h("span", { class: "sj-soft" }, isVeto(it) ? "待核，只提示不认定" : "待核，不计分"));
  return found.length ? h("p", { class: "tb-badges" }, found) : "";
}

function meta(page, it, value) {
  const { code, photo } = it.item;
  const photos = page.fold.slot(code, "photo").heads;
  const last = page.pack.last_time[code];
  const op = value ? page.fold.slot(code).heads[0] : null;
  const parts = [
    photos.length ? h("span", {}, icon("photo"), `${photos.length} 张`) : photo !== "none" && !value ? h("span", {}, icon("photo"), "可拍照") : "",
    op ? h("span", {}, `${nameOf(page, op)} ${clock(op.wall_ms)}`) : "",
    last && !value ? h("span", {}, `上次 ${labelOf(it, last.answer)}`) : "",
    page.mine && !page.mine.has(code) ? h("span", {}, "由其他部门填写") : "",
  ].filter(Boolean);
  return parts.length ? h("p", { class: "tb-meta" }, parts) : "";
}

const labelOf = (it, answer) => choices(it).find(([v]) => v === answer)?.[1] ?? { referred: "存疑", not_applicable: "不适用" }[answer] ?? answer;

function buttons(page, it, value, cls) {
  const { code } = it.item;
  return h(
    "div",
    { class: cls, role: "radiogroup", "aria-label": `${code} 结论` },
    choices(it).map(([v, label, tone, mark]) =>
      h(
        "button",
        {
          type: "button",
          class: `sj-${tone}`,
          role: "radio",
          "aria-checked": String(v === value),
          disabled: !page.mayAnswer(code),
          "data-answer": v,
          "data-focus": `answer-${v}`,
          onclick: () => answer(page, it, v),
        },
        icon(mark),
        label,
      ),
    ),
  );
}

async function answer(page, it, v) {
  const { code } = it.item;
  if (page.fold.value(code) === v) return;
  if (v !== "met") page.openItem = code;
  else if (page.openItem === code) page.openItem = "";
  await page.write(code, "answer", v);
}

/* ----------------------------------------------------------------------------------------------------- opened */
function opened(page, it, value, conflict) {
  const { code, text, clause, look_at: look, evidence, photo } = it.item;
  const last = page.pack.last_time[code];
  const bad = value === "not_met" || (isVeto(it) && value === "referred");
  return h(
    "article",
    { class: `tb-open ${isVeto(it) ? "tb-veto" : ""}`, "data-item": code, "aria-label": `${code} 已展开` },
    h(
      "p",
      { class: "tb-badges" },
      h("button", { type: "button", class: "tb-no", onclick: () => page.open(code), "aria-expanded": "true", "aria-label": `${code} 收起` }, code, icon("down")),
      isVeto(it) ? h("span", { class: "sj-chip sj-veto sj-solid" }, icon("alert"), "重大隐患") : "",
      h("span", { class: "sj-chip sj-info" }, icon("file"), standardName(page, it), it.standing === "pending" ? "" : ` ${clause}`),
      it.standing === "pending" ? h("span", { class: "sj-soft" }, isVeto(it) ? "待核，只提示不认定" : "待核，不计分") : "",
      it.standing === "confirmed" ? h("span", { class: "sj-soft" }, "本机关已核对") : "",
      ...evidence.map((e) => h("span", { class: "sj-tag" }, { 记: "查记录", 场: "现场看", 访: "询问" }[e])),
      photo === "none" ? "" : h("span", { class: "sj-tag" }, icon("photo"), photo === "yes" ? "可拍照" : "可拍照，不拍老人"),
    ),
    h("h2", {}, text),
    h(
      "dl",
      { class: "tb-look" },
      h("dt", {}, "看什么"),
      h("dd", {}, look),
      last ? [h("dt", {}, "上次"), h("dd", {}, h("b", {}, labelOf(it, last.answer)), ` ${last.on}`, last.facts.length ? ` · ${last.facts.join("；")}` : "")] : [],
      it.applicability.verdict === "unknown" ? [h("dt", {}, "适用"), h("dd", {}, it.applicability.reasons.join("；"))] : [],
    ),
    conflict ? dispute(page, it) : buttons(page, it, value, "tb-big"),
    isVeto(it) && bad ? h("p", { class: "tb-note sj-veto" }, icon("alert"), "列为重大隐患：不计入符合率，须两名检查人员确认，并立即报负责人。") : "",
    value === "not_applicable" || (bad && it.item.reason_required) ? reasonField(page, it, value) : "",
    bad ? problem(page, it) : "",
  );
}

const standardName = (page, it) => page.pack.checklist.editions.find((e) => e.code === it.edition_code)?.name ?? it.edition_code;

/* Different values stand side by side with their authors; the lead decides and says why. */
function dispute(page, it) {
  const { code } = it.item;
  const heads = page.fold.slot(code).heads;
  const lead = page.pack.lead === page.pack.me;
  const reason = h("textarea", { class: "form-control", rows: "2", id: `why-${code}`, "data-focus": "decision" });
  const told = h("p", { class: "tb-note sj-veto", hidden: true, role: "alert" }, icon("alert"), "请先写裁定理由");
  return h(
    "section",
    { class: "tb-dispute", "aria-label": "意见不一" },
    h("h3", {}, icon("scale"), "意见不一，待主检人员裁定"),
    h("ul", {}, heads.map((op) => h("li", {}, h("b", {}, labelOf(it, op.value)), ` · ${nameOf(page, op)} ${clock(op.wall_ms)}`, op.reason ? ` · ${op.reason}` : ""))),
    lead
      ? [
          h("label", { for: `why-${code}`, class: "tb-lab" }, "裁定理由"),
          reason,
          told,
          h(
            "div",
            { class: "tb-three" },
            choices(it).map(([v, label, tone, mark]) =>
              h("button", {
                type: "button", class: `sj-${tone}`, "data-decide": v,
                onclick: () => {
                  told.hidden = Boolean(reason.value.trim());
                  if (told.hidden) page.write(code, "answer", v, { reason: reason.value.trim() });
                  else reason.focus();
                },
              }, icon(mark), `定为${label}`),
            ),
          ),
        ]
      : h("p", { class: "tb-meta" }, "由主检人员裁定；您仍可补充事实和照片。"),
  );
}

function reasonField(page, it, value) {
  const { code } = it.item;
  const field = h("textarea", { class: "form-control", rows: "2", id: `reason-${code}`, value: page.fold.reason(code), "data-focus": "reason", disabled: !page.mayAnswer(code) });
  field.addEventListener("change", () => field.value.trim() !== page.fold.reason(code) && page.write(code, "answer", value, { reason: field.value.trim() }));
  return h("div", { class: "tb-f" }, h("label", { class: "tb-lab", for: `reason-${code}` }, value === "not_applicable" ? "为什么不适用" : "理由"), field);
}

/* ---------------------------------------------------------------------------------------------------- a problem */
function problem(page, it) {
  const { code, severity } = it.item;
  return h(
    "div",
    { class: `tb-f ${isVeto(it) ? "sj-veto" : "sj-bad"}` },
    isVeto(it) ? "" : segment(page, it, "程度", "severity", SEVERITY, severity),
    facts(page, it),
    phrases(page, it),
    measure(page, it),
    segment(page, it, "整改", "remedy", REMEDY, "within_term"),
    photos(page, it),
  );
}

function segment(page, it, label, kind, options, usual) {
  const { code } = it.item;
  const value = page.fold.value(code, kind) || usual;
  return h(
    "div",
    { class: "tb-lab" },
    label,
    h(
      "span",
      { class: "tb-seg", role: "radiogroup", "aria-label": label },
      options.map(([v, words]) =>
        h("button", { type: "button", role: "radio", "aria-checked": String(v === value), disabled: !page.mayAnswer(code), "data-focus": `${kind}-${v}`, onclick: () => page.write(code, kind, v) }, v === value ? icon("ok") : "", words),
      ),
    ),
  );
}

function mine(page, code, kind) {
  return page.fold.slot(code, kind).heads.filter((op) => op.author_id === page.pack.me);
}

function facts(page, it) {
  const { code } = it.item;
  const own = mine(page, code, "remark");
  const others = page.fold.slot(code, "remark").heads.filter((op) => op.author_id !== page.pack.me);
  const area = h("textarea", { class: "form-control", rows: "2", id: `fact-${code}`, value: own.map((op) => op.value).join("；"), "data-focus": "remark", disabled: !page.mayAnswer(code) });
  const keep = () => keepFact(page, code, area.value.trim());
  area.addEventListener("change", keep);
  return h(
    "div",
    {},
    h("p", { class: "tb-lab" }, h("label", { for: `fact-${code}` }, "查见事实"), h("span", { class: "sj-fine" }, "写地点、物件、数量，不写评价")),
    others.map((op) => h("p", { class: "tb-quote" }, op.value, h("span", { class: "sj-fine" }, ` ${nameOf(page, op)} ${clock(op.wall_ms)}`))),
    area,
  );
}

async function keepFact(page, code, words) {
  const own = mine(page, code, "remark");
  if (words === own.map((op) => op.value).join("；")) return;
  await page.write(code, "remark", words, { replaces: own.map((op) => op.op_id) });
}

function phrases(page, it) {
  const { code, phrases: ready = [] } = it.item;
  if (!ready.length) return "";
  return h(
    "div",
    { class: "tb-phrases", "aria-label": "常用语" },
    ready.map((words) =>
      h("button", {
        type: "button", disabled: !page.mayAnswer(code), "data-focus": `phrase-${words}`,
        onclick: () => {
          const area = document.getElementById(`fact-${code}`);
          area.value = area.value.trim() ? `${area.value.trim()}；${words}` : words;
          const gap = area.value.indexOf("＿", Math.max(0, area.value.length - words.length));
          if (gap < 0) keepFact(page, code, area.value.trim());
          else {
            area.focus();
            area.setSelectionRange(gap, gap + 1);
          }
        },
      }, words),
    ),
  );
}

function measure(page, it) {
  const { code } = it.item;
  const own = mine(page, code, "measure");
  const field = h("input", { class: "form-control", id: `measure-${code}`, value: own.map((op) => op.value).join("；"), "data-focus": "measure", disabled: !page.mayAnswer(code), autocomplete: "off" });
  field.addEventListener("change", () => {
    const mineNow = mine(page, code, "measure");
    page.write(code, "measure", field.value.trim(), { replaces: mineNow.map((op) => op.op_id) });
  });
  return h("div", { class: "tb-line" }, h("label", { class: "tb-lab", for: `measure-${code}` }, "当场措施", h("span", { class: "sj-fine" }, "选填")), field);
}

function photos(page, it) {
  const { code, photo } = it.item;
  if (photo === "none") return h("p", { class: "tb-meta" }, "本项不拍照（涉及个人健康信息或无须取证）。");
  const heads = page.fold.slot(code, "photo").heads;
  const chooser = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/*", capture: "environment", id: `photo-${code}`, class: "visually-hidden", disabled: !page.mayAnswer(code) });
  chooser.addEventListener("change", () => chooser.files[0] && page.photo(code, chooser.files[0]));
  return h(
    "div",
    { class: "tb-pics" },
    heads.map((op, number) => {
      const { word, tone } = page.photoWord(op.value);
      const source = page.thumbs.get(op.value)?.url ?? (page.uploaded.has(op.value) ? `/tablet/tasks/${page.pack.task.id}/photos/${op.value}` : "");
      return h(
        "figure",
        { class: `sj-${tone}`, "data-photo": op.value },
        source ? h("img", { src: source, alt: `照片 ${number + 1}，${nameOf(page, op)} ${clock(op.wall_ms)}` }) : h("span", { class: "tb-nopic" }, icon("photo")),
        h("figcaption", {}, icon(tone === "ok" ? "ok" : tone === "veto" ? "alert" : "tablet"), word),
      );
    }),
    chooser,
    h("label", { for: `photo-${code}`, class: "tb-shoot" }, icon("photo"), "拍照"),
  );
}

/* -------------------------------------------------------------------------------------- steps and record fields */
const RECUSAL = [["不申请", "不申请"], ["申请回避", "申请回避"]];

export function steps(page) {
  return h(
    "div",
    { class: "tb-steps" },
    arrival(page),
    ["@credentials_shown", "@rights_read", "@recusal"].map((name) => part(page, name)),
    h("section", { class: "tb-card" }, h("h2", {}, "4 笔录栏目"), Object.keys(TEXTS).map((name) => part(page, name))),
  );
}

const TEXTS = {
  "@on_site_head": ["现场负责人", "姓名、职务"],
  "@residents_today": ["当日在住人数", "只填数字", { inputmode: "numeric", pattern: "[0-9]*" }],
  "@helpers": ["随行协助人员", "选填；不计入检查人员"],
  "@party_statement": ["被检查单位陈述", "选填；照原话记", { long: true }],
};

/* One step or field of the record, drawn by itself. */
export function part(page, name) {
  if (TEXTS[name]) return text(page, name, ...TEXTS[name]);
  if (name === "@credentials_shown") return step(page, 1, "出示执法证件", name, "已向现场负责人出示执法证件", team(page));
  if (name === "@rights_read") return step(page, 2, "告知权利和义务", name, "已逐条告知", rights(page));
  return recusal(page, name);
}

const team = (page) =>
  h("ul", {}, page.pack.team.map((p) => h("li", {}, `${p.name}　${p.role}　${p.department}　${p.certificate ? `执法证 ${p.certificate}` : "协助人员，无执法证"}`)));

const rights = (page) =>
  h("div", {}, h("h3", {}, "权利"), h("ol", {}, page.pack.rights.map((r) => h("li", {}, r))), h("h3", {}, "配合事项"), h("ol", {}, page.pack.duties.map((r) => h("li", {}, r))));

function recusal(page, name) {
  const said = page.fold.value(name, "field");
  return h(
    "section",
    { class: "tb-card", "data-item": name },
    h("h2", {}, "3 询问是否申请回避"),
    disputeOf(page, name),
    h(
      "span",
      { class: "tb-seg tb-seg-big", role: "radiogroup", "aria-label": "是否申请回避" },
      RECUSAL.map(([v, words]) =>
        h("button", { type: "button", role: "radio", "aria-checked": String(said === v), disabled: page.locked, "data-focus": v, onclick: () => said === v || page.write(name, "field", v) }, said === v ? icon("ok") : "", words),
      ),
    ),
    said === "申请回避" ? h("p", { class: "tb-note sj-wait" }, icon("alert"), "请立即报告本机关负责人决定；决定作出前检查不停止。") : "",
  );
}

function disputeOf(page, name) {
  const slot = page.fold.slot(name, "field");
  if (slot.state !== "conflict") return "";
  return h("p", { class: "tb-note sj-wait" }, icon("scale"), `记的不一样：${slot.heads.map((op) => `${nameOf(page, op)}“${op.value}”`).join("，")}。重新填写即以新的为准。`);
}

function arrival(page) {
  if (!["approved", "noticed"].includes(page.pack.task.state)) return "";
  return h(
    "section",
    { class: "tb-card sj-wait" },
    h("h2", {}, icon("pin"), "还没有到场登记"),
    h("p", {}, "请用平板相机扫机构门口的到场码；码损坏或有紧急情况的，可手工登记并写明原因。现在填写的内容照样保存。"),
    h("a", { class: "btn btn-outline-primary", href: `${location.pathname}/arrival` }, "手工登记到场"),
  );
}

function step(page, number, title, name, words, body) {
  const done = page.fold.value(name, "field");
  const op = page.fold.slot(name, "field").heads[0];
  return h(
    "section",
    { class: "tb-card", "data-item": name },
    h("h2", {}, `${number} ${title}`),
    body,
    done
      ? h("p", { class: "tb-note sj-ok" }, icon("ok"), `${words} · ${nameOf(page, op)} ${clock(op.wall_ms)}`)
      : h("button", { type: "button", class: "btn btn-primary", disabled: page.locked, onclick: () => page.write(name, "field", "是") }, words),
  );
}

function text(page, name, label, hint, { long = false, ...more } = {}) {
  const now = () => page.fold.value(name, "field");
  const field = h(long ? "textarea" : "input", { class: "form-control", id: `f${name}`, value: now(), rows: long ? "3" : false, disabled: page.locked, autocomplete: "off", "data-focus": name, ...more });
  field.addEventListener("change", () => field.value.trim() !== now() && page.write(name, "field", field.value.trim()));
  return h("div", { class: "tb-line", "data-item": name }, h("label", { class: "tb-lab", for: `f${name}` }, label, h("span", { class: "sj-fine" }, hint)), disputeOf(page, name), field);
}
