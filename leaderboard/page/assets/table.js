// The ranking table: views, sorting, filters, expandable rows.
const VIEWS = [["overview", "Overview"], ["types", "Types"], ["categories", "Categories"], ["subs", "Sub-categories"], ["audit", "Image use"], ["setup", "Setup"]];

const kindOf = (row) => (row.provenance === "reported" ? "grey" : row.role === "model" ? "" : "b");
const fact = (row, label) => row.facts.find(([name]) => name === label)?.[1] ?? "";

const numberColumn = (key, label, value, draw, extra = {}) => ({ key, label, value, draw, ...extra });
function cellColumn(key) {
  const { label } = cellByKey.get(key);
  return numberColumn(key, label, (row) => cellsOf(row)[key]?.[0] ?? null, (row) => {
    const cell = cellsOf(row)[key];
    return h("td", { title: cell ? `${label}: ${number(cell[0])} % of ${cell[3]} questions${cell[1] === null ? "" : `, 95 % interval ${range(cell)}`}` : `${label}: not known` },
      number(cell?.[0]), tiny(cell, kindOf(row)));
  });
}
function heatColumn(key, first) {
  const { label } = cellByKey.get(key);
  return numberColumn(key, label, (row) => cellsOf(row)[key]?.[0] ?? null, (row) => {
    const cell = cellsOf(row)[key];
    return h("td", { class: `heat${cell && cell[0] > 88 ? " strong" : ""}${first ? " group-left" : ""}`, vars: { "--v": cell ? cell[0] / 100 : 0 }, title: `${label}: ${cell ? `${number(cell[0])} % of ${cell[3]} (${range(cell)})` : "not known"}` },
      cell ? String(Math.round(cell[0])) : "–");
  }, { slant: true, first });
}
function judgeColumn(key, label) {
  return numberColumn(key, label, (row) => row[key]?.value[0] ?? null, (row) => {
    const found = row[key];
    return h("td", { title: found ? `${found.judge}; ${number(found.coverage)} % of the answers got a verdict` : "not judged" },
      number(found?.value[0], 2), found && found.coverage < 99.5 && h("small", { class: "of" }, ` ${Math.round(found.coverage)} %`));
  });
}
function textColumn(label) {
  return { key: label, label, value: (row) => fact(row, label) || null, draw: (row) => h("td", { class: "text", title: fact(row, label) }, short(fact(row, label), 42) || "–"), text: true };
}

const scoreColumn = numberColumn("score", "Right, %", (row) => scoreOf(row)?.[0] ?? null, (row) => {
  const cell = scoreOf(row);
  return h("td", { class: "main" }, number(cell?.[0]), h("small", {}, range(cell) || (row.provenance === "reported" ? "paper protocol" : "")));
});
const plotColumn = { key: "plot", head: () => plotHead(state.axis), draw: (row) => h("td", { class: "plot" }, plot(scoreOf(row), kindOf(row), state.floor && scoreOf(state.floor), state.axis)) };
const gainColumn = numberColumn("gain", "Multi-modal gain", (row) => row.gain?.value[0] ?? null, (row) =>
  h("td", { class: "ranged", title: row.gain ? `with image minus without, strict: ${range(row.gain.value)}, p ${pValue(row.gain.p)}` : "the same model has no run without images here" },
    row.gain ? signed(row.gain.value[0]) : "–", row.gain && state.view === "audit" && h("small", {}, range(row.gain.value))));
// Label, whether it is a difference, and what it says.
const AUDIT = {
  coordinate_gain: ["Coordinate gain", true, "without image minus without image and coordinates"],
  marked_gain: ["Marked gain", true, "boxes drawn on the image minus without image and coordinates"],
  flips_above_repeat: ["Flips, %", false, "answers that change with another environment's panorama, above those that change by themselves"],
  rotation_loss: ["Rotation loss", true, "unturned minus the mean of three quarter turns, same questions"],
  blind_adjusted: ["Blind-adjusted", true, "0: no better than a blind answerer, 100: all right"],
};
const audited = (key, cell) => (!cell ? "–" : AUDIT[key][1] ? signed(cell[0]) : number(cell[0]));
function auditColumn(key) {
  const [label, , meaning] = AUDIT[key];
  return numberColumn(key, label, (row) => row.audit[key]?.[0] ?? null, (row) => {
    const cell = row.audit[key];
    return h("td", { class: "ranged", title: `${meaning}: ${cell ? `${cell[3]} questions, strict protocol` : "not measured"}` },
      audited(key, cell), cell && h("small", {}, range(cell)));
  });
}
const formatColumn = numberColumn("format", "Format, %", (row) => row.format, (row) => h("td", {}, number(row.format)));

function columnsOf(view) {
  const keys = (kind) => table.cells.filter((c) => c.kind === kind && table.rows.some((r) => cellsOf(r)[c.key])).map((c) => c.key);
  if (view === "types") return [scoreColumn, ...[...keys("type"), ...keys("open_ended")].map(cellColumn)];
  if (view === "categories") return [scoreColumn, ...keys("category").map(cellColumn)];
  if (view === "subs") {
    let last = "";
    return [scoreColumn, ...keys("subcategory").map((key) => {
      const { parent } = cellByKey.get(key);
      const first = parent !== last;
      last = parent;
      return heatColumn(key, first);
    })];
  }
  if (view === "audit") return [scoreColumn, gainColumn, ...Object.keys(AUDIT).filter((key) => table.rows.some((row) => row.audit[key])).map(auditColumn)];
  if (view === "setup") return [scoreColumn, ...["Date", "Backend", "Pixels at most", "Batch size", "Prompts", "Harness", "Tokens out", "Time"].map(textColumn)];
  const shown = shownRows();
  const judged = shown.some((row) => row.q || row.p) ? [judgeColumn("q", "Q"), judgeColumn("p", "P")] : [];
  const gain = shown.some((row) => row.gain) ? [gainColumn] : [];
  return [scoreColumn, plotColumn, ...[["tf", "T/F"], ["mcq", "MCQ"], ["oe", "Open"]].map(([key, label]) => ({ ...cellColumn(key), label })), ...gain, formatColumn, ...judged];
}

function sorted(rows, columns) {
  const column = { rank: { value: rankOf }, name: { value: (r) => r.model.toLowerCase() } }[state.sort.key]
    ?? columns.find((c) => c.key === state.sort.key) ?? scoreColumn;
  const way = state.sort.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * way || a.model.localeCompare(b.model);
  });
}

function chipsOf(row) {
  const chips = [];
  if (row.provenance === "reported") chips.push(h("span", { class: "chip" }, `reported, ${row.split} split`));
  if (row.provenance === "submitted") chips.push(h("span", { class: "chip" }, "submitted"));
  if (isBaseline(row)) chips.push(h("span", { class: "chip blind" }, row.role));
  for (const flag of row.flags) chips.push(h("span", { class: "chip warn", title: flag }, flag));
  return h("div", { class: "chips" }, chips);
}

function header(columns) {
  const sortable = (key, label, attributes = {}) => {
    const active = state.sort.key === key;
    return h("th", { scope: "col", ...attributes, "aria-sort": active ? (state.sort.down ? "descending" : "ascending") : null },
      h("button", { type: "button", "data-focus": `sort:${key}`, onclick: () => {
        state.sort = { key, down: active ? !state.sort.down : !["rank", "name"].includes(key) };
        drawTable();
      } }, label));
  };
  return h("thead", {}, h("tr", {},
    h("th", { class: "pick", title: "pick two to compare" }, "⇄"), sortable("rank", "Rank"), sortable("name", "Model", { class: "name" }),
    columns.map((c) => c.head
      ? h("th", { scope: "col", class: "plot" }, c.head())
      : sortable(c.key, c.label, { class: [c.slant && "slant", c.first && "group-left", c.text && "text"].filter(Boolean).join(" ") }))));
}

function bodyRow(row, columns) {
  const rank = rankOf(row), open = state.open.has(row.id);
  const classes = ["row", row.provenance === "reported" && "reported", !row.ranked && "unranked"].filter(Boolean).join(" ");
  const main = h("tr", { class: classes },
    h("td", { class: "pick" }, row.provenance !== "reported" && h("input", {
      type: "checkbox", "aria-label": `Compare ${short(row.model)}`, checked: state.picked.includes(row.id), "data-focus": `pick:${row.id}`,
      onchange: () => pick(row.id),
    })),
    h("td", { class: "rank" }, rank ?? "–"),
    h("td", { class: "name" }, h("button", {
      type: "button", title: short(row.model, 300), "aria-expanded": String(open), "data-focus": `open:${row.id}`,
      onclick: () => { open ? state.open.delete(row.id) : state.open.add(row.id); drawTable(); },
    }, short(row.model, 120)), chipsOf(row)),
    columns.map((c) => c.draw(row)));
  return open ? [main, h("tr", { class: "detail" }, h("td", { colspan: columns.length + 3 }, rowPanel(row)))] : [main];
}

function drawTable() {
  state.floor = floorOf(state.group);
  const columns = columnsOf(state.view);
  const rows = sorted(shownRows(), columns);
  state.axis = axisOf(rows.filter((row) => row.role !== "oracle").map(scoreOf));
  redraw(byId("table"), rows.length
    ? h("table", {}, header(columns), h("tbody", {}, rows.flatMap((row) => bodyRow(row, columns))))
    : h("p", { class: "empty" }, "No model fits these filters."));
  const group = table.groups[state.group];
  const gap = group?.detectable[state.protocol];
  redraw(byId("table-note"), [
    state.floor ? `The dashed line is ${short(state.floor.model)}, which never looks at the image. ` : "",
    gap ? `Two typical models here must differ by about ${number(gap)} points to be told apart (80 % power). ` : "",
    "Click a name for its profile; tick two boxes to compare.",
  ].join(""));
}

function drawTools() {
  const set = (changes) => { Object.assign(state, changes); drawAll(); };
  const groups = table.groups.map((g, i) => [i, `${groupName(g)} (${g.dataset.slice(0, 8)})`]);
  redraw(byId("tools"),
    h("input", { type: "search", placeholder: "Find a model  ( / )", "aria-label": "Find a model", id: "search", "data-focus": "search", value: state.search, oninput: (e) => { state.search = e.target.value; drawTable(); } }),
    groups.length > 1 && select("Data and condition", groups, state.group, (v) => set({ group: Number(v) })),
    choice("Protocol", [["strict", "Strict"], ["paper", "Paper"]], state.protocol, (protocol) => set({ protocol })),
    choice("Columns", VIEWS, state.view, (view) => set({ view })),
    tick("baselines", state.baselines, (baselines) => set({ baselines })),
    table.rows.some((r) => r.provenance === "reported") && tick("reported", state.reported, (reported) => set({ reported })),
    table.rows.some((r) => !r.ranked && r.provenance !== "reported" && r.role !== "oracle") && tick("unranked", state.unranked, (unranked) => set({ unranked })));
}

function drawStats() {
  const group = table.groups[state.group];
  const runs = table.rows.filter((row) => row.group === state.group);
  const entries = group ? [
    [runs.filter((r) => !isBaseline(r)).length, "models"],
    [runs.filter(isBaseline).length, "baselines"],
    [group.questions.toLocaleString("en"), "questions"],
    [group.panoramas.toLocaleString("en"), "panoramas"],
  ] : [[table.rows.length, "reported rows"]];
  redraw(byId("stats"), entries.map(([value, label]) => h("div", {}, h("dt", {}, label), h("dd", {}, String(value)))));
}
