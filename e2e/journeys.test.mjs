// The journeys. One browser for the run; each device walks the whole life of its own case.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as mistakes from "./mistakes.mjs";
import * as people from "./people.mjs";
import { BASE, DESKTOP, PHONE, Person, journey, openBrowser } from "./support.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(async () => { await browser?.close(); });

const mark = () => String(100 + Math.floor(Math.random() * 9900));

async function gather(names, device, options) {
  const gathered = {};
  for (const name of names) gathered[name] = await Person.arrive(browser, name, device, options);
  return gathered;
}

for (const device of [DESKTOP, PHONE]) {
  test(`the life of a case at the ${device.name}`, { timeout: 240_000 }, async (t) => {
    const all = await gather(["citizen", "clerk", "reviewer", "representative", "outsider", "clerk2"], device);
    const seen = await journey("life", all, async ({ citizen, clerk, reviewer, representative, outsider, clerk2 }) => {
      let began = Date.now();
      const lap = (what) => { t.diagnostic(`${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`); began = Date.now(); };
      const { no, answers, field } = await people.apply(citizen, mark());
      lap("applied");
      await clerk.signInAtDesk("clerk");
      await people.receive(clerk, no);
      await people.askSupplement(clerk, field);
      lap("supplement asked");
      await people.answerSupplement(citizen, no, field, `${answers[field.key]}东侧`);
      lap("supplement answered");
      await people.accept(clerk, no);
      lap("accepted");
      await reviewer.signInAtDesk("reviewer");
      const steps = await people.review(reviewer, no);
      lap(`reviewed in ${steps} steps`);
      await citizen.open(`/cases/${no}`);
      await citizen.picture("case");
      await representative.signInAtDesk("representative");
      await people.grant(representative, no);
      lap("granted");
      await people.deliver(clerk, no);
      lap("delivered");
      await people.rate(citizen, no);
      const licence = await people.fetchLicence(citizen, no);
      lap("rated, licence fetched");
      await people.verify(outsider, licence);
      lap("verified");
      await clerk2.signInAtDesk("clerk2");
      for (const place of ["/desk/counter", "/desk/deliveries", "/desk/cases", "/cases"]) {
        assert.equal(await clerk2.open(`${place}/${no}`), 404, `clerk2 at ${place}/${no}`);
      }
      lap("kept from another district");
    });
    t.diagnostic(`${seen} pages looked at`);
  });
}

test("without script: from home to the receipt", { timeout: 120_000 }, async () => {
  const all = await gather(["citizen"], DESKTOP, { javaScriptEnabled: false });
  await journey("without-script", all, async ({ citizen }) => {
    const { no } = await people.apply(citizen, mark());
    assert.equal(await citizen.open(`/cases/${no}`), 200);
  });
});

test("wrong input is told, and nothing typed is lost", { timeout: 180_000 }, async (t) => {
  const all = await gather(["citizen", "outsider", "clerk", "reviewer", "representative"], DESKTOP);
  const told = async (name, person) => t.test(name, () => mistakes[name](person));
  await journey("mistakes", all, async ({ citizen, outsider, clerk, reviewer, representative }) => {
    await told("atSignIn", citizen);
    await citizen.open("/login");
    await citizen.signIn("citizen");
    for (const name of ["atApplication", "atSupplement", "atRating"]) await told(name, citizen);
    await told("atVerification", outsider);
    await clerk.signInAtDesk("clerk");
    for (const name of ["atCounter", "atDelivery"]) await told(name, clerk);
    await reviewer.signInAtDesk("reviewer");
    await told("atReview", reviewer);
    await representative.signInAtDesk("representative");
    await told("atDecision", representative);
  });
});

test("the pages of everyone else", { timeout: 180_000 }, async (t) => {
  const staff = ["manager", "supervisor", "admin"];
  const all = await gather(["company", ...staff], DESKTOP);
  const seen = await journey("tour", all, async ({ company, ...others }) => {
    await company.open("/login");
    await company.signIn("company");
    await people.tour(company, "/cases");
    for (const path of ["/account", "/elder?on=1&back=/"]) await company.open(path);
    for (const name of staff) {
      await others[name].signInAtDesk(name);
      await people.tour(others[name], "/desk");
    }
  });
  t.diagnostic(`${seen} pages looked at`);
});

test("the check of pages sees faults", { timeout: 60_000 }, async () => {
  const { reader } = await gather(["reader"], PHONE);
  await reader.page.goto(`${BASE}/verify`);
  await reader.page.evaluate(() => document.querySelector("main").insertAdjacentHTML("beforeend", "<img src=/assets/logo.svg>"));
  await reader.page.evaluate(() => { document.querySelector("h1").style.width = "900px"; });
  await reader.look();
  const told = reader.faults.join("\n");
  await reader.context.close();
  assert.match(told, /axe image-alt/);
  assert.match(told, /px wider than the screen/);
});
