// Filling an application by its labels and kinds, whatever the item asks.

import assert from "node:assert/strict";
import { SAMPLES } from "./support.mjs";

/** A value a person could type into a field of this kind; `mark` makes applications differ. */
export function sample({ kind, label, max }, mark) {
  switch (kind) {
    case "resident_id": return "11010519491231002X";
    case "credit_code": return "91133100MA0D8N1J7G";
    case "mobile": return "13900000000";
    case "number":
    case "money": return "86";
    case "date": return new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    case "address": return `河北省石家庄市长安区建设北大街${mark}号一层`;
    default: {
      if (/企业|公司|单位|名称|字号/.test(label)) return `石家庄好滋味${mark}餐饮有限公司`.slice(0, max || 80);
      if (/姓名|代表人|管理人|负责人|联系人/.test(label)) return "赵晨";
      return "如实填写".slice(0, max || 80);
    }
  }
}

/** The fields of the page, in order: key, kind, label, condition. */
async function fields(page) {
  return page.locator("form[action*='/sections/'] .field").evaluateAll((boxes) => boxes.map((box) => {
    const kind = [...box.classList].find((c) => c.startsWith("field-")).slice("field-".length);
    const input = box.querySelector("input,select,textarea");
    return {
      key: input.name, kind, tag: input.tagName, type: input.type,
      label: (box.querySelector("legend,label.label")?.textContent ?? "").trim(),
      when: box.dataset.whenField ? { field: box.dataset.whenField, is: box.dataset.whenIs } : null,
      max: Number(input.dataset.max ?? 0), hidden: box.hidden,
    };
  }));
}

/** Fills one page of the form; `answers` holds what was chosen so far. Gives the fields that were filled. */
export async function fillSection(person, mark, answers) {
  const { page } = person;
  const filled = [];
  for (const field of await fields(page)) {
    if (field.when && answers[field.when.field] !== field.when.is) continue;
    const boxes = page.locator(`form[action*='/sections/'] [name="${field.key}"]`);
    assert.ok(field.label, `a field without a label: ${field.key} at ${person.path}`);
    if (field.type === "radio" || field.type === "checkbox") {
      const at = field.kind === "yes_no" ? boxes.nth(1) : boxes.first();
      await at.check();
      answers[field.key] = await at.inputValue();
    } else if (field.tag === "SELECT") {
      await boxes.selectOption({ index: 1 });
      answers[field.key] = await boxes.inputValue();
    } else {
      answers[field.key] = sample(field, mark);
      await boxes.fill(answers[field.key]);
    }
    filled.push(field);
  }
  assert.ok(filled.length > 0, `no field to fill at ${person.path}`);
  return filled;
}

/** Uploads a sample for every material that wants a file. */
export async function uploadAll(person) {
  const { page } = person;
  const wanted = page.locator("main section.card").filter({ has: page.locator("input[type=file]") }).filter({ hasNot: page.locator(".files, .note-good") });
  let count = 0;
  for (; (await wanted.count()) > 0; count += 1) {
    assert.ok(count < 30, `uploads never end at ${person.path}`);
    const card = wanted.first();
    const input = card.locator("input[type=file]");
    const accept = await input.getAttribute("accept");
    const kinds = ["pdf", "png", "jpg"].filter((kind) => accept.includes(kind));
    await input.setInputFiles(SAMPLES[kinds[count % kinds.length]]);
    await person.done(card.locator("button[type=submit]").last());
  }
  return count;
}
