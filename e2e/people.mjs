// What each person does with a case, through the pages.

import assert from "node:assert/strict";
import { fillSection, uploadAll } from "./form.mjs";

const SEARCH = "开饭馆";
const PLACE = "长安区";
const ITEM = "食品经营许可（新办）";
export const ITEM_KEY = "X03@130102000000";

/** Chooses the district the way a person does: from the head of the page, by its name. */
export async function choosePlace(citizen) {
  const { page } = citizen;
  await citizen.open("/");
  await citizen.follow("a.place");
  await citizen.type("q", PLACE);
  await citizen.follow("form[action='/divisions'] button");
  await citizen.follow(page.locator(".place-list a", { hasText: PLACE }).first());
  assert.equal(citizen.path, "/");
  assert.match(await page.locator("a.place").innerText(), new RegExp(PLACE));
}

/** Home → everyday search → guide → login → form → materials → check → receipt. Gives the case's number. */
export async function apply(citizen, mark) {
  const { page } = citizen;
  await choosePlace(citizen);
  await citizen.picture("home", 780);
  await citizen.type("q", SEARCH, ".hero");
  await citizen.follow(".hero-search button");
  await citizen.follow(page.locator(".results h3 a").first());
  assert.equal(await page.locator("h1").innerText(), ITEM);
  await citizen.follow(".guide-acts a.button-big");
  if (/^\/login/.test(citizen.path)) await citizen.signIn("citizen");
  assert.match(citizen.path, /^\/apply\//);

  await page.locator("[name=situation]").first().check();
  await citizen.done("form[action^='/apply/'] button[type=submit]");
  const answers = {};
  const filled = [];
  while (/\/sections\//.test(citizen.path)) {
    filled.push(...(await fillSection(citizen, mark, answers)));
    await citizen.done("form[action*='/sections/'] button[type=submit]");
    assert.ok(filled.length < 200);
  }
  assert.match(citizen.path, /\/materials$/);
  assert.ok((await uploadAll(citizen)) > 0, "nothing was uploaded");
  await citizen.done("main .acts a.button-big");
  assert.match(citizen.path, /\/review$/);
  assert.match(await page.locator("main").innerText(), new RegExp(answers[filled.find((f) => f.kind === "address").key]));
  await page.locator("#f-declared").check();
  await citizen.done("form[action$='/review'] button[type=submit]");
  const [, no] = citizen.path.match(/^\/cases\/([^/]+)\/receipt$/);
  assert.equal((await page.locator(".receipt-no strong").innerText()).replace(/\s/g, ""), no.replace(/-/g, ""));
  return { no, answers, field: filled.find((f) => f.kind === "address") };
}

/** Opens a case from a list of the desk. */
async function fromList(person, list, tab, no) {
  await person.follow(`.desk-nav a[href="${list}"]`);
  if (tab) await person.follow(`.tabs a[href="${list}?tab=${tab}"]`);
  await person.follow(`.work a[href^="${list}/${no}"]`);
}

export async function receive(clerk, no) {
  await fromList(clerk, "/desk/counter", "submitted", no);
  await clerk.done("button[formaction$='/receive']");
  assert.match(await clerk.page.locator(".flash").innerText(), /已收件/);
}

export async function askSupplement(clerk, field) {
  const row = clerk.page.locator(`#a-${field.key}`);
  await clerk.press(row.locator("summary"));
  await row.locator(`[name="problem.${field.key}"]`).fill("门牌号与营业执照上的不一致");
  await row.locator(`[name="fix.${field.key}"]`).fill("请按营业执照上登记的住所填写");
  await clerk.done("button[formaction$='/supplement']");
  assert.match(await clerk.page.locator(".flash").innerText(), /一次性告知补正/);
}

export async function answerSupplement(citizen, no, field, value) {
  await citizen.open("/cases");
  await citizen.follow(`.results a.button[href="/cases/${no}/supplement"]`);
  assert.match(await citizen.page.locator("main").innerText(), /门牌号与营业执照上的不一致/);
  await citizen.type(field.key, value);
  await citizen.done("form[action$='/supplement'] button[type=submit]");
  assert.match(citizen.path, new RegExp(`^/cases/${no}`));
}

export async function accept(clerk, no) {
  await fromList(clerk, "/desk/counter", "received", no);
  for (const tick of await clerk.page.locator("input[name^='verdict.'][value=right]").all()) await clerk.press(tick);
  await clerk.picture("counter");
  await clerk.done("form[action$='/accept'] button[type=submit]:not([formaction])");
  assert.match(await clerk.page.locator(".flash").innerText(), /已受理/);
}

export async function review(reviewer, no) {
  const { page } = reviewer;
  await fromList(reviewer, "/desk/review", "unassigned", no);
  await reviewer.done("form[action$='/assign'] button");
  let steps = 0;
  for (; (await page.locator("form[action$='/pass']").count()) > 0; steps += 1) {
    assert.ok(steps < 10, "the review never ends");
    for (const met of await page.locator("input[name^='met.'][value=yes]").all()) await reviewer.press(met);
    await reviewer.type("opinion", `第${steps + 1}步：符合条件，建议准予。`, "form[action$='/pass']");
    await reviewer.done("form[action$='/pass'] button[type=submit]");
  }
  assert.ok(steps > 0, "no review step was passed");
  return steps;
}

export async function grant(representative, no) {
  await fromList(representative, "/desk/decisions", "", no);
  await representative.type("opinion", "同意。", "form[action$='/grant']");
  await representative.done("form[action$='/grant'] button");
  assert.match(await representative.page.locator(".flash").innerText(), /已准予/);
}

/** Waits until the seals are on, then makes, hands over and closes. */
export async function deliver(clerk, no) {
  const { page } = clerk;
  await fromList(clerk, "/desk/deliveries", "granted", no);
  const until = Date.now() + 30_000;
  while ((await page.locator("form[action$='/issue']").count()) === 0) {
    assert.ok(Date.now() < until, "the documents were not sealed in 30 s");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await page.reload();
  }
  await clerk.done("form[action$='/issue'] button");
  await page.locator("[name=method][value=counter]").check();
  await clerk.type("note", "赵晨（本人）");
  await clerk.done("form[action$='/deliver'] button[type=submit]");
  await clerk.done("form[action$='/close'] button");
  assert.match(await page.locator(".flash").innerText(), /已办结/);
}

export async function rate(citizen, no) {
  await citizen.open(`/cases/${no}`);
  await citizen.follow(`a[href="/cases/${no}/rating"]`);
  await citizen.page.locator("[name=grade]").first().check();
  await citizen.type("comment", "一次都没跑，进度看得清楚。");
  await citizen.done("form[action$='/rating'] button[type=submit]");
}

/** The licence from the citizen's own list: its file and its check code. */
export async function fetchLicence(citizen, no) {
  const { page } = citizen;
  await citizen.open("/licenses");
  let code = "";
  const links = await page.locator(".licence h2 a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const link of links) {
    await page.goto(new URL(link, page.url()).href);
    if ((await page.locator(`a[href="/cases/${no}"]`).count()) === 0) continue;
    await citizen.look();
    code = (await page.locator("main .mono").innerText()).trim();
    break;
  }
  assert.match(code, /^[0-9A-F]{4}(-[0-9A-F]{4}){3}$/, "no licence of this case");
  const href = await page.locator(`main a[href^="/cases/${no}/documents/"]`).getAttribute("href");
  const answer = await citizen.context.request.get(new URL(href, page.url()).href);
  assert.equal(answer.status(), 200);
  assert.match(answer.headers()["content-type"], /^application\/pdf/);
  const bytes = await answer.body();
  assert.equal(bytes.subarray(0, 5).toString(), "%PDF-");
  return { code, bytes };
}

/** Anyone, without an account: the code beside the QR, and the file itself. */
export async function verify(outsider, { code, bytes }) {
  const { page } = outsider;
  await outsider.open("/");
  await outsider.follow('footer a[href="/verify"]');
  await outsider.type("code", code);
  await outsider.follow("form[method=get][action='/verify'] button");
  assert.match(await page.locator("h1").innerText(), /真实有效/);
  assert.equal(await page.locator("header a[href^='/login']").count(), 1, "the outsider is signed in");
  await outsider.follow('main a[href="/verify"]');
  await page.locator("#f-file").setInputFiles({ name: "许可证.pdf", mimeType: "application/pdf", buffer: bytes });
  await outsider.follow("form[method=post][action='/verify'] button");
  assert.match(await page.locator("h1").innerText(), /真实有效/);
}

/** Every page that the navigation of a role leads to. */
export async function tour(person, start) {
  await person.open(start);
  const links = await person.page.locator("header nav a, .tabs a, .tiles a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const link of new Set(links)) assert.equal(await person.open(link), 200, `${person.who} at ${link}`);
}
