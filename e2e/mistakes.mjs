// A wrong input in each form: the summary says what is wrong and takes the focus, and what was typed is still there.
// Nothing here changes a case; the cases are those of the demo, found through the lists.

import assert from "node:assert/strict";
import { ITEM_KEY } from "./people.mjs";

export async function atSignIn(citizen) {
  await citizen.open("/login");
  await citizen.type("username", "citizen", "form.stack");
  await citizen.type("password", "Tongban-demo-2", "form.stack");
  await citizen.follow("form.stack button[type=submit]");
  await citizen.sees(/用户名或密码|密码/, ["username", "password"]);
  assert.equal(await citizen.value("username", "form.stack"), "citizen");
}

export async function atApplication(citizen) {
  const { page } = citizen;
  await citizen.open(`/apply/${ITEM_KEY}`);
  await citizen.follow("form[action^='/apply/'] button[type=submit]");
  await citizen.sees(/请选择您属于哪种情形/, ["situation"]);
  await page.locator("[name=situation]").first().check();
  await citizen.done("form[action^='/apply/'] button[type=submit]");

  await page.locator("[name=applicant_type]").nth(1).check();
  const typed = {
    company_name: "石家庄示例小馆", credit_code: "91133100MA0D8N1J7H",
    name: "王建军", resident_id: "110105194912310021", mobile: "13800000000",
  };
  for (const [name, value] of Object.entries(typed)) await citizen.type(name, value);
  await citizen.follow("form[action*='/sections/'] button[type=submit]");
  await citizen.sees(/统一社会信用代码[\s\S]*身份证号/, ["credit_code"]);
  for (const [name, value] of Object.entries(typed)) assert.equal(await citizen.value(name), value, name);
  assert.ok(await page.locator("[name=applicant_type]").nth(1).isChecked());
  assert.equal(await page.locator("[name=resident_id]").getAttribute("aria-invalid"), "true");

  const draft = citizen.path.match(/^\/drafts\/\d+/)[0];
  await citizen.open(`${draft}/materials`);
  await citizen.follow(page.locator("form[enctype] button").first());
  await citizen.sees(/请选择“.+”的文件/, ["file"]);
  await citizen.open(`${draft}/review`);
  await citizen.follow("form[action$='/review'] button[type=submit]");
  assert.match(await page.locator("#errors").innerText(), /请先勾选“我已核对”/);
  await citizen.open(draft);
  await citizen.press("main details summary");
  await citizen.done("form[action$='/discard'] button");
  assert.equal(await citizen.open(draft), 404);
}

/** The demo's own case that waits for the citizen's corrections, and one that waits for a grade. */
async function ownCase(citizen, act) {
  await citizen.open("/cases");
  const next = citizen.page.locator("a[rel=next]");
  const found = citizen.page.locator(`.results a.button[href$="/${act}"]`);
  while ((await found.count()) === 0 && (await next.count()) > 0) await citizen.follow(next);
  await citizen.follow(found.first());
}

export async function atSupplement(citizen) {
  await ownCase(citizen, "supplement");
  const box = citizen.page.locator("form[action$='/supplement'] .field [name]").first();
  const [name, value] = [await box.getAttribute("name"), await box.inputValue()];
  await citizen.follow("form[action$='/supplement'] button[type=submit]");
  await citizen.sees(/./, [name]);
  assert.equal(await citizen.value(name), value);
}

export async function atRating(citizen) {
  await ownCase(citizen, "rating");
  await citizen.type("comment", "办得很快。");
  await citizen.follow("form[action$='/rating'] button[type=submit]");
  await citizen.sees(/请选择|满意/, ["grade"]);
  assert.equal(await citizen.value("comment"), "办得很快。");
}

export async function atVerification(outsider) {
  await outsider.open("/verify");
  await outsider.type("code", "8F4B A8E0");
  await outsider.follow("form[method=get][action='/verify'] button");
  await outsider.sees(/请输入16位校验码，现在少8位/, ["code"]);
  assert.equal(await outsider.value("code"), "8F4B A8E0");
}

/** Opens the first case of a list, or the first one that offers a certain act. */
async function firstOf(person, list, tab, offering = "main") {
  const { page } = person;
  await person.open(`${list}?tab=${tab}`);
  const links = await page.locator(`.work a[href^="${list}/"]`).evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const link of links) {
    await person.open(link);
    if ((await page.locator(offering).count()) > 0) return;
  }
  assert.fail(`no case in ${list}?tab=${tab} offers ${offering}`);
}

export async function atCounter(clerk) {
  const { page } = clerk;
  await firstOf(clerk, "/desk/counter", "received", "button[formaction$='/supplement']");
  const form = "form[action$='/decline']";
  await clerk.press(page.locator("details.act-fold", { has: page.locator(form) }).locator("summary"));
  await page.locator(`${form} [name=ground]`).selectOption("not_ours");
  await clerk.type("go_to", "石家庄市桥西区行政审批局", form);
  await clerk.follow(`${form} button`);
  await clerk.sees(/请/, ["reason"]);
  assert.equal(await clerk.value("ground", form), "not_ours");
  assert.equal(await clerk.value("go_to", form), "石家庄市桥西区行政审批局");

  const ask = page.locator(".answer-row").first();
  await clerk.press(ask.locator("summary"));
  await ask.locator("[name^='problem.']").fill("与证件不一致");
  await clerk.follow("button[formaction$='/supplement']");
  const fix = await ask.locator("[name^='fix.']").getAttribute("name");
  await clerk.sees(/请输入怎样才对/, [fix]);
  assert.equal(await ask.locator("[name^='problem.']").inputValue(), "与证件不一致");

  await clerk.follow("form[action$='/accept'] button[type=submit]:not([formaction])");
  assert.equal(clerk.status, 422, "accepted without looking at the materials");
}

export async function atDelivery(clerk) {
  await firstOf(clerk, "/desk/deliveries", "issued", "form[action$='/deliver']");
  await clerk.type("note", "赵晨");
  await clerk.follow("form[action$='/deliver'] button[type=submit]");
  await clerk.sees(/请选择送达方式/, ["method"]);
  assert.equal(await clerk.value("note", "form[action$='/deliver']"), "赵晨");
}

export async function atReview(reviewer) {
  await firstOf(reviewer, "/desk/review", "mine");
  await reviewer.type("opinion", "材料齐全。");
  await reviewer.follow("form[action$='/pass'] button[type=submit]");
  const first = await reviewer.page.locator("input[name^='met.']").first().getAttribute("name");
  await reviewer.sees(/符合或不符合/, [first]);
  assert.equal(await reviewer.value("opinion"), "材料齐全。");
}

export async function atDecision(representative) {
  const { page } = representative;
  await firstOf(representative, "/desk/decisions", "");
  const form = "form[action$='/refuse']";
  await representative.press(page.locator("details.act-fold", { has: page.locator(form) }).locator("summary"));
  await representative.type("reason", "", form);
  await representative.type("basis", "《食品经营许可和备案管理办法》第十二条", form);
  await representative.follow(`${form} button`);
  await representative.sees(/请/, ["reason"]);
  assert.equal(await representative.value("basis", form), "《食品经营许可和备案管理办法》第十二条");
}
