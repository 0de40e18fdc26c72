// What opens under a row: its profile, how its answers could be read, and how it was run.
const STATUS_WORDS = { answered: "answered", no_answer_tag: "no answer tag", empty: "empty", ambiguous: "hedged", unparsed: "not readable", error: "request failed" };

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
  const words = { environment: "by environment", naive: "as if independent", bootstrap: "bootstrap" };
  return Object.entries(words).filter(([key]) => row.checks[`${state.protocol}_${key}`]).map(([key, text]) =>
    [`Interval ${text}`, range(row.checks[`${state.protocol}_${key}`])]);
}

function rowPanel(row) {
  const floor = row.role === "model" && floorOf(row.group);
  const facts = [["Model", row.model], ...row.facts, ...checkLines(row)];
  return h("div", { class: "panel" },
    h("div", {},
      h("h3", {}, "Profile"),
      profile([cellsOf(row)], floor && cellsOf(floor), `Scores of ${short(row.model)} by cell`),
      h("p", { class: "key" }, `Percent right, ${row.provenance === "reported" ? "paper" : state.protocol} protocol, 95 % intervals`, floor ? "; dashed: blind" : "")),
    h("div", {},
      row.flags.length > 0 && h("ul", { class: "flags" }, row.flags.map((flag) => h("li", {}, flag))),
      statusBar(row),
      h("h3", {}, "Run"),
      h("dl", { class: "facts" }, facts.flatMap(([label, text]) => [h("dt", {}, label), h("dd", {}, text)]))));
}
