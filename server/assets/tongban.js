/* tongban (通办): improves pages that already work without it. No dependency; Chromium 86. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  function all(selector, inside) { return Array.prototype.slice.call((inside || document).querySelectorAll(selector)); }

  /* The error summary takes the focus, so that it is read first. A link in it goes into the box, not only to it. */
  var summary = document.getElementById("errors");
  if (summary) summary.focus();
  document.addEventListener("click", function (e) {
    var link = e.target.closest && e.target.closest(".error-summary a[href^='#']");
    if (!link) return;
    var target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    e.preventDefault();
    for (var up = target.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    if (!/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(target.tagName)) target.setAttribute("tabindex", "-1");
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  });

  /* Fields asked only when another answer has a value. Hidden ones are not sent; the server drops them anyway. */
  function conditions() {
    all("[data-when-field]").forEach(function (box) {
      var name = box.getAttribute("data-when-field"), form = box.closest("form");
      var inputs = all("input,select,textarea", form).filter(function (i) { return i.name === name; });
      if (!inputs.length) return; /* asked on another page: the note above the box says when */
      var met = inputs.some(function (i) {
        return (i.type !== "radio" && i.type !== "checkbox" || i.checked) && i.value === box.getAttribute("data-when-is");
      });
      box.hidden = !met;
      all("input,select,textarea", box).forEach(function (i) { i.disabled = !met; });
      all(".when-note", box).forEach(function (n) { n.hidden = true; });
    });
  }
  conditions();
  document.addEventListener("change", conditions);

  /* A second click is harmless on the server (idempotency key); here it is also prevented. */
  document.addEventListener("submit", function (e) {
    var form = e.target;
    if (form.dataset.sent) { e.preventDefault(); return; }
    if (form.method !== "post") return;
    form.dataset.sent = "1";
    dirty = false;
    setTimeout(function () {
      all("button[type=submit]", form).forEach(function (b) { b.disabled = true; });
    }, 0);
  });
  window.addEventListener("pageshow", function (e) {
    if (!e.persisted) return;
    all("form").forEach(function (f) { delete f.dataset.sent; });
    all("button[disabled]").forEach(function (b) { b.disabled = false; });
  });

  /* Autosave of a draft page: the form's own address with autosave=1; says when it was kept, and when not. */
  var dirty = false, timer = 0;
  all("form[data-autosave]").forEach(function (form) {
    var line = form.querySelector("[data-saved]");
    var saving = false, again = false;
    form.addEventListener("input", function () {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(save, 2000);
    });
    /* Going on while a save is under way waits for it: the answer carries the version the next save must name. */
    form.addEventListener("submit", function (e) {
      clearTimeout(timer);
      if (!saving) return;
      e.preventDefault();
      e.stopPropagation();
      again = true;
    });
    function save() {
      if (form.dataset.sent || saving) return;
      var body = new URLSearchParams(new FormData(form));
      body.append("autosave", "1");
      saving = true;
      dirty = false;
      fetch(form.action, { method: "POST", body: body, credentials: "same-origin", redirect: "manual" }).then(function (r) {
        if (!r.ok) throw r;
        return r.text();
      }).then(function (version) {
        form.elements.version.value = version;
        var now = new Date();
        say(line.getAttribute("data-saved") + " " + now.getHours() + ":" + ("0" + now.getMinutes()).slice(-2));
      }).catch(function () {
        dirty = true;
        say(line.getAttribute("data-failed"));
      }).then(function () {
        saving = false;
        if (again) { again = false; form.requestSubmit(); }
      });
    }
    function say(text) { if (line) line.textContent = text; }
  });
  all("form[data-guard]").forEach(function (f) { f.addEventListener("input", function () { dirty = true; }); });
  window.addEventListener("beforeunload", function (e) { if (dirty) { e.preventDefault(); e.returnValue = ""; } });

  /* 18 characters: say how many are still missing, before the form is sent. */
  all("[data-count]").forEach(function (input) {
    var out = document.createElement("span");
    out.className = "unit";
    out.setAttribute("aria-hidden", "true");
    input.parentElement.appendChild(out);
    function show() {
      var n = input.value.replace(/[\s-]/g, "").length, want = +input.getAttribute("data-count");
      out.textContent = n ? n + " / " + want : "";
    }
    input.addEventListener("input", show);
    show();
  });

  /* Chosen file: name and size are announced; too large is said at once. */
  all("input[type=file][data-max-mib]").forEach(function (input) {
    var out = document.getElementById(input.id + "-chosen");
    input.addEventListener("change", function () {
      var max = +input.getAttribute("data-max-mib"), files = Array.prototype.slice.call(input.files), big = null;
      files.forEach(function (f) { if (f.size > max * 1048576) big = f; });
      input.setCustomValidity(big ? out.getAttribute("data-big") : "");
      out.className = big ? "wrong" : "hint";
      out.textContent = big ? out.getAttribute("data-big") : files.map(function (f) {
        return f.name + " " + (f.size / 1048576).toFixed(1) + " MB";
      }).join("、");
    });
  });

  /* Print, copy. */
  document.addEventListener("click", function (e) {
    var button = e.target.closest && e.target.closest("[data-print],[data-copy]");
    if (!button) return;
    if (button.hasAttribute("data-print")) { window.print(); return; }
    var text = button.getAttribute("data-copy"), done = function () {
      var label = button.querySelector("span");
      if (label) label.textContent = button.getAttribute("data-copied");
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done);
    else {
      var area = document.createElement("textarea");
      area.value = text;
      document.body.appendChild(area);
      area.select();
      if (document.execCommand("copy")) done();
      area.remove();
      button.focus();
    }
  });
  /* Folded parts are opened for printing; the guide prints its short form on one sheet. */
  window.addEventListener("beforeprint", function () { all("main details").forEach(function (d) { d.open = !d.closest(".guide"); }); });

  /* Keys of the desks. F-keys work everywhere (an input method leaves them alone); letters and digits only outside boxes. */
  var off = document.querySelector("[data-keys-off]"), stored = "tongban-keys-off";
  try { if (off) off.checked = localStorage.getItem(stored) === "1"; } catch (ignored) { /* private mode */ }
  if (off) off.addEventListener("change", function () {
    try { localStorage.setItem(stored, off.checked ? "1" : "0"); } catch (ignored) { /* private mode */ }
  });
  if (document.body.classList.contains("staff")) document.addEventListener("keydown", function (e) {
    if (e.isComposing || e.ctrlKey || e.altKey || e.metaKey) return;
    var name = /^F\d+$/.test(e.code) ? e.code : /^Key[JK]$/.test(e.code) ? e.code.slice(3) : /^Digit[1-9]$/.test(e.code) ? e.code.slice(5) : "";
    if (!name) return;
    var single = name.length === 1, typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
    if (single && (off && off.checked || typing && !/^(radio|checkbox)$/.test(e.target.type))) return;
    if (/^\d$/.test(name)) {
      var row = all("[data-ticks]")[+name - 1];
      if (!row) return;
      var radios = all("input[type=radio]", row), at = radios.findIndex(function (r) { return r.checked; });
      var next = radios[(at + 1) % radios.length];
      next.checked = true;
      next.focus();
      next.dispatchEvent(new Event("change", { bubbles: true }));
      e.preventDefault();
      return;
    }
    var target = document.querySelector('[data-key="' + (e.shiftKey ? "Shift+" : "") + name + '"]');
    if (!target) return;
    e.preventDefault();
    if (/^(INPUT|TEXTAREA)$/.test(target.tagName)) { target.focus(); target.select(); return; }
    if (target.tagName === "SUMMARY") {
      target.parentElement.open = true;
      var first = target.parentElement.querySelector("input:not([type=hidden]),textarea,select");
      (first || target).focus();
      return;
    }
    if (target.type === "submit") { target.focus(); if (document.activeElement === target && target.dataset.armed) target.click(); target.dataset.armed = "1"; return; }
    target.click();
  });

  /* ✗ or 缺 on a material opens its request for supplements. */
  document.addEventListener("change", function (e) {
    var tick = e.target;
    if (!tick.closest || !tick.closest("[data-ticks]")) return;
    var row = tick.closest(".check-row"), ask = row && row.querySelector("details.ask");
    if (ask) ask.open = tick.value !== "right";
  });
})();
