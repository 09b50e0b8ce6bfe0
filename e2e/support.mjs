// What every journey stands on: one browser, a person per context, a check of every page visited.
// Reads TONGBAN_URL (the demo's address), CHROMIUM (the browser's path) and PICTURES (take the README's pictures).

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const BASE = process.env.TONGBAN_URL ?? "http://127.0.0.1:8080";
const PASSWORD = "Tongban-demo-1";
const STEP_MS = Number(process.env.STEP_MS ?? 30_000);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const axe = createRequire(import.meta.url)("axe-core").source;
const checked = new Set();
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const SAMPLES = {
  pdf: here("../data/demo/sample.pdf"),
  png: here("../data/demo/sample.png"),
  jpg: here("../data/demo/sample.jpg"),
};

export const DESKTOP = { name: "desktop", viewport: { width: 1366, height: 900 } };
export const PHONE = {
  name: "phone",
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
  deviceScaleFactor: 2,
};

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    timeout: STEP_MS,
  });
}

/** One person at one device: a context of their own, and what was wrong with the pages they saw. */
export class Person {
  static async arrive(browser, who, device, options = {}) {
    const { name, ...size } = device;
    const context = await browser.newContext({ locale: "zh-CN", timezoneId: "Asia/Shanghai", ...size, ...options });
    context.setDefaultTimeout(STEP_MS);
    context.setDefaultNavigationTimeout(STEP_MS);
    return new Person(who, name, context, await context.newPage(), options.javaScriptEnabled !== false);
  }

  constructor(who, device, context, page, script) {
    Object.assign(this, { who, device, context, page, script, touch: device === "phone" });
    this.status = 0;
    this.faults = [];
    this.looked = 0;
    page.on("response", (response) => {
      const request = response.request();
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) this.status = response.status();
      else if (response.status() >= 400) this.fault(`${response.status()} ${response.url()}`);
    });
    page.on("pageerror", (error) => this.fault(`script error: ${error.message}`));
    page.on("console", (message) => {
      // The browser itself tells of pages that come with 422 or 404; those are looked at by their status.
      const told = /Failed to load resource/.test(message.text());
      if (message.type() === "error" && !told) this.fault(`console: ${message.text()}`);
    });
  }

  get path() {
    const url = new URL(this.page.url());
    return decodeURIComponent(url.pathname + url.search);
  }

  fault(text) {
    this.faults.push(`${this.device} ${this.who} ${this.path}: ${text}`);
  }

  /** Opens an address; looks at the page; gives the answer's status. */
  async open(path) {
    await this.page.goto(BASE + path, { waitUntil: "load" });
    await this.look();
    return this.status;
  }

  /** Presses something that leads to another page, and looks at that page. */
  async follow(target) {
    const before = this.path;
    const loaded = this.page.waitForEvent("load", { timeout: STEP_MS });
    loaded.catch(() => {});
    await this.press(target);
    await loaded.catch((error) => {
      throw new Error(`${this.device} ${this.who}: nothing opened from ${before}: ${error.message}`);
    });
    await this.look();
    return this.status;
  }

  /** As `follow`, where the act is expected to be taken: no error page, no error summary. */
  async done(target) {
    const before = this.path;
    const status = await this.follow(target);
    const said = await this.page.locator("#errors li, main h1").allInnerTexts();
    assert.ok(status < 400, `${this.device} ${this.who}: ${before} → ${status} ${this.path}: ${said.join(" | ")}`);
  }

  async press(target) {
    const locator = typeof target === "string" ? this.page.locator(target) : target;
    if (this.touch) await locator.tap();
    else await locator.click();
  }

  /** Fills the boxes of a form: name and value. */
  async type(name, value, within = "main") {
    await this.page.locator(`${within} [name="${name}"]`).fill(value);
  }

  /** The page as it is now, everything folded opened for the check: rules of accessibility, nothing wider than the screen. */
  async look() {
    this.looked += 1;
    if (!this.script) return;
    // The very same page (home, login) need not be checked for each of ten people; numbers in it aside.
    const shape = `${this.device} ${(await this.page.content()).replace(/\d+/g, "")}`;
    if (checked.has(shape)) return;
    checked.add(shape);
    await this.page.evaluate(axe);
    const { violations, wide } = await this.page.evaluate(async (rules) => {
      const folded = [...document.querySelectorAll("details:not([open])")];
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      // The bar that stays in sight covers whatever happens to lie under it; people scroll, the check does not.
      const bars = [...document.querySelectorAll(".act-bar")];
      for (const bar of bars) bar.style.position = "static";
      for (const details of folded) details.open = true;
      const found = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
      for (const bar of bars) bar.style.position = "";
      for (const details of folded) details.open = false;
      const violations = found.violations.flatMap((v) =>
        v.nodes.map((n) => `axe ${v.id}: ${n.target.join(" ")} ${n.html.slice(0, 160)} — ${n.failureSummary.replace(/\s+/g, " ")}`),
      );
      return { violations, wide };
    }, RULES);
    for (const violation of violations) this.fault(violation);
    if (wide > 0) this.fault(`the page is ${wide} px wider than the screen`);
  }

  async signIn(name) {
    assert.match(this.path, /^\/login/, `${this.who} is not at the login page but at ${this.path}`);
    await this.type("username", name, "form.stack");
    await this.type("password", PASSWORD, "form.stack");
    await this.done("form.stack button[type=submit]");
    assert.doesNotMatch(this.path, /^\/login/);
  }

  /** Staff come in by the link at the foot of the home page. */
  async signInAtDesk(name) {
    await this.open("/");
    await this.follow('footer a[href="/desk"]');
    await this.signIn(name);
    assert.match(this.path, /^\/desk/);
  }

  /** The error summary stands there with the focus, says `words`, and its first link leads into one of the boxes. */
  async sees(words, boxes) {
    assert.ok([400, 409, 422].includes(this.status), `${this.path} answered ${this.status} to wrong input`);
    const summary = this.page.locator("#errors");
    assert.match(await summary.innerText(), words, this.path);
    assert.equal(await this.page.evaluate(() => document.activeElement?.id), "errors", `no focus on the errors: ${this.path}`);
    assert.match(await this.page.title(), /^错误：/);
    await this.press(summary.locator("a").first());
    const focused = await this.page.evaluate(() => ({ id: document.activeElement?.id, name: document.activeElement?.getAttribute("name") }));
    assert.ok(boxes.includes(focused.name), `${this.path}: the error's link leads to ${JSON.stringify(focused)}, not to ${boxes}`);
  }

  async value(name, within = "main") {
    return this.page.locator(`${within} [name="${name}"]`).first().inputValue();
  }

  /** A picture for the README: the upper part of the page, nothing hovered or focused. */
  async picture(name, height = 900) {
    if (!process.env.PICTURES || this.device !== DESKTOP.name || !this.script) return;
    await this.page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); });
    await this.page.mouse.move(0, 0);
    const clip = { x: 0, y: 0, width: DESKTOP.viewport.width, height };
    await this.page.screenshot({ path: here(`../docs/pictures/${name}.png`), clip });
  }

  /** Keeps what the person saw last, for whoever reads the failure. */
  async keep(title) {
    await mkdir(here("out"), { recursive: true });
    const base = here(`out/${this.device}-${this.who}-${title}`);
    await this.page.screenshot({ path: `${base}.png`, fullPage: true, timeout: 10_000 }).catch(() => {});
    await writeFile(`${base}.html`, `<!-- ${this.page.url()} -->\n${await this.page.content().catch(() => "")}`);
  }
}

/** Runs a journey with its people; at the end they leave, and what was wrong with any page is told at once. */
export async function journey(title, people, walk) {
  const all = Object.values(people);
  try {
    await walk(people);
  } catch (error) {
    await Promise.all(all.map((person) => person.keep(title)));
    const faults = all.flatMap((person) => person.faults);
    if (faults.length > 0) error.message += `\nAlso seen:\n${[...new Set(faults)].join("\n")}`;
    throw error;
  } finally {
    await Promise.all(all.map((person) => person.context.close()));
  }
  const faults = [...new Set(all.flatMap((person) => person.faults))];
  assert.equal(faults.length, 0, `${faults.length} faults on pages of this journey:\n${faults.join("\n")}`);
  return all.reduce((sum, person) => sum + person.looked, 0);
}
