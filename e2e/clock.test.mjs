// The clock through the pages: a hearing told of, asked for, announced and held; an extension asked for and approved; a mark
// answered, contested and closed. What needs days to pass is tried with a set clock in server/tests/it/time.rs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as people from "./people.mjs";
import { DESKTOP, PHONE, Person, journey, openBrowser } from "./support.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

const mark = () => String(100 + Math.floor(Math.random() * 9900));

/** A working day at least ten working days ahead, as the form takes it; weekends are left out, holidays leave room. */
function ahead(days) {
  const day = new Date(Date.now() + 8 * 3_600_000);
  for (let left = days; left > 0;) {
    day.setUTCDate(day.getUTCDate() + 1);
    if (![0, 6].includes(day.getUTCDay())) left -= 1;
  }
  return day.toISOString().slice(0, 10);
}

async function gather(names, device) {
  const gathered = {};
  for (const name of names) gathered[name] = await Person.arrive(browser, name, device);
  return gathered;
}

async function fold(person, words) {
  const summary = person.page.locator("main details.act-fold > summary", { hasText: words }).first();
  if (!(await summary.evaluate((s) => s.parentElement.open))) await person.press(summary);
}

for (const device of [DESKTOP, PHONE]) {
  test(`hearing, extension and marks at the ${device.name}`, { timeout: 240_000 }, async (t) => {
    const all = await gather(["citizen", "clerk", "reviewer", "head", "supervisor"], device);
    const seen = await journey("clock", all, async ({ citizen, clerk, reviewer, head, supervisor }) => {
      const { no } = await people.apply(citizen, mark());
      await clerk.signInAtDesk("clerk");
      await people.receive(clerk, no);
      await people.accept(clerk, no);
      await reviewer.signInAtDesk("reviewer");
      await reviewer.open(`/desk/review/${no}`);
      await reviewer.done("form[action$='/assign'] button");

      // Told of the right; the citizen asks.
      await reviewer.follow(`main a[href="/desk/time/${no}"]`);
      await fold(reviewer, "要求听证");
      await reviewer.type("reason", "相邻住户的采光", "form[action$='/tell']");
      await reviewer.done("form[action$='/tell'] button");
      await citizen.open(`/cases/${no}`);
      await citizen.follow(`main a[href="/cases/${no}/hearing"]`);
      await citizen.type("reason", "想当面说明");
      await citizen.done("form[action$='/hearing'] button[type=submit]");

      // Too soon first: what was typed stays; then announced, begun, held.
      await reviewer.open(`/desk/time/${no}`);
      assert.match(await reviewer.page.locator("main").innerText(), /应在.+前组织/);
      await fold(reviewer, "书面告知特别程序");
      const notify = "form[action$='/notify']";
      await reviewer.page.locator(`${notify} [name=procedure]`).selectOption("hearing");
      await reviewer.type("days", "15", notify);
      await reviewer.type("reason", "申请人要求听证", notify);
      await reviewer.type("held_on", ahead(2), notify);
      await reviewer.type("place", "政务服务中心三楼", notify);
      await reviewer.page.locator(`${notify} [name=presider]`).selectOption({ index: 1 });
      await reviewer.page.locator(`${notify} [name=own_motion]`).uncheck();
      await reviewer.follow(`${notify} button[type=submit]`);
      await reviewer.sees(/提前7日通知/, ["held_on"]);
      assert.equal(await reviewer.page.locator(`${notify} [name=place]`).inputValue(), "政务服务中心三楼");
      await reviewer.type("held_on", ahead(10), notify);
      await reviewer.done(`${notify} button[type=submit]`);
      await reviewer.done("form[action$='/start'] button");
      await citizen.open(`/cases/${no}`);
      assert.match(await citizen.page.locator("main").innerText(), /听证/);
      await fold(reviewer, "登记结果");
      await reviewer.type("record", "双方陈述完毕，没有新的意见", "form[action$='/end']");
      await reviewer.done("form[action$='/end'] button[type=submit]");

      // An extension is asked for by who reviews and approved by the head.
      await fold(reviewer, "提请延期");
      await reviewer.type("days", "5", "form[action$='/ask']");
      await reviewer.type("reason", "案情复杂", "form[action$='/ask']");
      await reviewer.done("form[action$='/ask'] button");
      await head.signInAtDesk("head");
      await head.open(`/desk/time/${no}`);
      assert.match(await head.page.locator("main").innerText(), /案情复杂/);
      await fold(head, "批准延期");
      await head.done("form[action$='/extend'] button");
      assert.match(await head.page.locator(".flash").innerText(), /已批准延期/);
      await citizen.open("/account/messages");
      assert.match(await citizen.page.locator("main").innerText(), /延期/);

      // Declined within two minutes: a yellow mark, answered and contested by the window, closed by the supervisor.
      const second = (await people.apply(citizen, mark())).no;
      await people.receive(clerk, second);
      await fold(clerk, "不予受理");
      await clerk.page.locator("form[action$='/decline'] [name=ground]").selectOption("not_ours");
      await clerk.type("reason", "经营场所在桥西区", "form[action$='/decline']");
      await clerk.type("go_to", "桥西区行政审批局", "form[action$='/decline']");
      await clerk.done("form[action$='/decline'] button[type=submit]");
      await clerk.open("/desk/marks");
      await clerk.follow(`.work a[href^="/desk/marks/${second}/"]`);
      const path = clerk.path;
      assert.match(await clerk.page.locator("main").innerText(), /立即不予受理/);
      await clerk.type("answer", "当面核对过地址，不在本区", "form[action$='/answer']");
      await clerk.done("form[action$='/answer'] button");
      await fold(clerk, "申诉");
      await clerk.type("reason", "申请人当场确认", "form[action$='/contest']");
      await clerk.done("form[action$='/contest'] button");
      await supervisor.signInAtDesk("supervisor");
      await supervisor.open("/desk/marks?tab=contested");
      await supervisor.follow(`.work a[href="${path.split("?")[0]}"]`);
      await supervisor.page.locator("[name=upheld][value=no]").check();
      await supervisor.type("note", "属实，不成立", "form[action$='/close']");
      await supervisor.done("form[action$='/close'] button");
      assert.match(await supervisor.page.locator(".flash").innerText(), /已销号/);
    });
    t.diagnostic(`${seen} pages looked at`);
  });
}
