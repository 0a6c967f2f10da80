"use strict";
// The page is whole without this script, which filters and groups what is there.
(() => {
  const $ = id => document.getElementById(id);
  const form = $("filter"), query = $("q"), shown = $("shown");
  const severities = [...form.querySelectorAll("[type=checkbox]")];
  const enough = 200; // findings that are opened at once

  // group is a <details> with what is needed to count in it.
  const group = details => {
    const [summary, list, count] = [details.querySelector("summary"), details.querySelector("ul"), details.querySelector(".c span")];
    return { details, list, count, total: count.textContent, name: summary.textContent.toLowerCase(), found: 0 };
  };
  const groups = {
    rule: [...$("by-rule").children].map(group),
    operation: [...$("by-operation").children].map(group),
  };
  const findings = [];
  for (const rule of groups.rule) {
    for (const row of rule.list.children) {
      const operation = groups.operation[row.dataset.o];
      findings.push({ row, rule, operation, severity: row.classList[1], text: "" });
    }
  }
  const total = findings.length;
  // In the order in which they stand in the files, which both groupings keep.
  findings.sort((a, b) => a.row.id.slice(1) - b.row.id.slice(1));

  // text is what the search looks at. It is read when first needed.
  const text = f => f.text ||= [".m", ".w"].map(part => f.row.querySelector(part).textContent).join(" ").toLowerCase() + " " + f.operation.name;

  let by = "rule";
  const regroup = () => {
    const next = form.elements.by.value;
    if (next === by) return;
    by = next;
    for (const f of findings) f[by].list.append(f.row);
    $("by-rule").hidden = by !== "rule";
    $("by-operation").hidden = by !== "operation";
  };

  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = new Set(severities.filter(box => !box.checked).map(box => box.name));
    const filtered = words.length + off.size > 0;
    let count = 0;
    for (const g of groups[by]) g.found = 0;
    for (const f of findings) {
      const fits = !off.has(f.severity) && words.every(word => text(f).includes(word));
      if (f.row.hidden === fits) f.row.hidden = !fits;
      if (fits) {
        count++;
        f[by].found++;
      }
    }
    for (const g of groups[by]) {
      g.details.hidden = g.found === 0;
      g.count.textContent = filtered && g.found < g.total ? g.found + " of " + g.total : g.total;
      if (words.length && count <= enough && g.found) g.details.open = true;
    }
    $("none").hidden = count > 0;
    shown.textContent = (count < total ? count + " of " : "") + total + (total === 1 ? " finding" : " findings");
  };

  // The state is in the address, so that a link or a reload shows the same.
  const save = () => {
    const state = new URLSearchParams();
    const hide = severities.filter(box => !box.checked).map(box => box.name).join(" ");
    if (query.value.trim()) state.set("q", query.value.trim());
    if (hide) state.set("hide", hide);
    if (by !== "rule") state.set("by", by);
    try {
      history.replaceState(null, "", "#" + state);
    } catch {
      // A page in a frame without an address of its own has none to keep.
    }
  };
  const load = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    const hide = (state.get("hide") || "").split(" ");
    query.value = state.get("q") || "";
    for (const box of severities) box.checked = !hide.includes(box.name);
    form.elements.by.value = state.get("by") === "operation" ? "operation" : "rule";
    regroup();
    filter();
  };

  const changed = () => {
    regroup();
    filter();
    save();
  };
  let timer;
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(changed, total > 2000 ? 200 : 50);
  });
  form.addEventListener("change", changed);
  form.addEventListener("submit", event => event.preventDefault());
  $("clear").addEventListener("click", () => {
    query.value = "";
    for (const box of severities) box.checked = true;
    changed();
    query.focus();
  });
  for (const [id, open] of [["expand", true], ["collapse", false]]) {
    $(id).addEventListener("click", () => {
      for (const g of groups[by]) g.details.open = open;
    });
  }
  addEventListener("hashchange", () => {
    if (!location.hash || location.hash.includes("=")) load(); // else it names a place of the page
  });
  form.hidden = false;
  load();
})();
