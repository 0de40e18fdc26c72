// What opens under a row: its profile, how its answers could be read, and how it was run.
const STATUS_WORDS = { answered: "answered", untagged: "read without a tag", no_answer_tag: "no answer tag", empty: "empty", ambiguous: "hedged", unparsed: "not readable", error: "request failed" };

function statusBar(row) {
  const names = Object.keys(STATUS_WORDS).filter((name) => row.statuses[name]);
  if (!names.length) return null;
  const total = names.reduce((sum, name) => sum + row.statuses[name], 0);
  return h("div", {},
    h("h3", {}, "Answers"),
    h("div", { class: "bar", "aria-hidden": "true" }, names.map((name) => {
      const part = h("span", { class: `s${Object.keys(STATUS_WORDS).indexOf(name)}` });
      part.style.width = `${(100 * row.statuses[name]) / total}%`;
      return part;
    })),
    h("p", { class: "key" }, names.map((name) => `${STATUS_WORDS[name]} ${row.statuses[name].toLocaleString("en")}`).join(" · ")));
}

function checkLines(row) {
  const words = { panorama: "by panorama", naive: "as if independent", bootstrap: "bootstrap" };
  return Object.entries(words).filter(([key]) => row.checks[`${state.protocol}_${key}`]).map(([key, text]) =>
    [`Interval ${text}`, range(row.checks[`${state.protocol}_${key}`])]);
}

function auditFacts(row) {
  const lines = Object.keys(AUDIT).filter((key) => row.audit[key]).map((key) => [key, row.audit[key]]);
  if (!row.gain && !lines.length) return null;
  const withRange = (text, cell) => text + (cell[1] === null ? "" : ` (${range(cell)})`);
  return h("div", {},
    h("h3", {}, "Use of the image"),
    h("dl", { class: "facts" },
      row.gain && [h("dt", {}, "Multi-modal gain"), h("dd", {}, withRange(signed(row.gain.value[0]), row.gain.value))],
      lines.flatMap(([key, cell]) => [h("dt", {}, AUDIT[key][0]), h("dd", { title: AUDIT[key][2] }, withRange(audited(key, cell), cell))])),
    h("p", { class: "key" }, "Strict protocol, against the same model's runs under other conditions"));
}

function rowPanel(row) {
  const floor = row.role === "model" ? floorOf(row.group) : null;
  const facts = [["Model", row.model], ...row.facts, ...checkLines(row)];
  return h("div", { class: "panel" },
    h("div", {},
      h("h3", {}, "Profile"),
      profile([cellsOf(row)], floor, `Scores of ${short(row.model)} by cell`),
      h("p", { class: "key" }, `Percent right, ${row.provenance === "reported" ? "paper" : state.protocol} protocol, 95 % intervals`, floor ? "; dashed: answers from the text alone" : "")),
    h("div", {},
      row.flags.length > 0 && h("ul", { class: "flags" }, row.flags.map((flag) => h("li", {}, flag))),
      statusBar(row),
      auditFacts(row),
      h("h3", {}, "Run"),
      h("dl", { class: "facts" }, facts.flatMap(([label, text]) => [h("dt", {}, label), h("dd", {}, label === "Source" && row.source ? h("a", { href: row.source, rel: "nofollow noopener noreferrer" }, text) : text)]))));
}
