// The journeys. One browser for the run; each device walks the whole life of its own case.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as people from "./people.mjs";
import { DESKTOP, PHONE, Person, journey, openBrowser } from "./support.mjs";

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
