/* 汇总 What holds now: the server's current values together with what this tablet wrote since. The same rule as the server's:
   a value is current as long as no other operation replaces it. */

export const SINGLE = new Set(["answer", "severity", "remedy", "field"]);

export function fold(slots, local) {
  const bySlot = new Map();
  const put = (op) => {
    const key = `${op.item}\n${op.kind}`;
    if (!bySlot.has(key)) bySlot.set(key, new Map());
    bySlot.get(key).set(op.op_id, op);
  };
  for (const slot of slots) slot.heads.forEach(put);
  local.forEach(put);
  const folded = new Map();
  for (const [key, ops] of bySlot) folded.set(key, current(key.split("\n")[1], ops));
  return new Fold(folded);
}

function current(kind, ops) {
  const below = new Map([...ops.keys()].map((id) => [id, reach(id, ops)]));
  const replaced = (id) => [...ops.keys()].some((other) => below.get(other).has(id) && !below.get(id).has(other));
  const heads = [...ops.values()].filter((op) => !replaced(op.op_id)).sort((a, b) => (a.op_id < b.op_id ? -1 : 1));
  const values = new Set(heads.map((op) => op.value));
  if (!SINGLE.has(kind)) return { state: "settled", heads: heads.filter((op) => op.value) };
  if (values.size > 1) return { state: "conflict", heads };
  return { state: heads.length && heads[0].value ? "settled" : "open", heads };
}

function reach(start, ops) {
  const found = new Set();
  const todo = [start];
  while (todo.length) {
    for (const id of ops.get(todo.pop()).replaces) {
      if (ops.has(id) && !found.has(id)) {
        found.add(id);
        todo.push(id);
      }
    }
  }
  return found;
}

const NOTHING = { state: "open", heads: [] };

export class Fold {
  constructor(slots) {
    this.slots = slots;
  }

  slot(item, kind = "answer") {
    return this.slots.get(`${item}\n${kind}`) ?? NOTHING;
  }

  value(item, kind = "answer") {
    const slot = this.slot(item, kind);
    return slot.state === "settled" ? (slot.heads[0]?.value ?? "") : "";
  }

  reason(item) {
    const slot = this.slot(item);
    return slot.state === "settled" ? (slot.heads.find((op) => op.reason)?.reason ?? "") : "";
  }

  conflicts() {
    return [...this.slots].filter(([, slot]) => slot.state === "conflict").map(([key]) => key.split("\n"));
  }
}
