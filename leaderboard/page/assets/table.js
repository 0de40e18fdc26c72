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
      number(cell?.[0], digitsOf(row)), tiny(cell, kindOf(row)));
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
  return numberColumn(key, label, (row) => (row[key]?.as_submitted ? null : row[key]?.value[0] ?? null), (row) => {
    const found = row[key];
    return h("td", { title: found ? `${found.judge}; ${number(found.coverage)} % of the answers got a verdict` : "not judged" },
      number(found?.value[0], 2), found?.as_submitted && h("small", { class: "of" }, " as submitted"), found && found.coverage < 99.5 && h("small", { class: "of" }, ` ${Math.round(found.coverage)} %`));
  });
}
function textColumn(label) {
  return { key: label, label, value: (row) => fact(row, label) || null, draw: (row) => h("td", { class: "text", title: fact(row, label) }, short(fact(row, label), 42) || "–"), text: true };
}

// Reported figures stand as they were published, with two decimals.
const digitsOf = (row) => (row.provenance === "reported" ? 2 : 1);
const scoreColumn = numberColumn("score", "Right, %", (row) => scoreOf(row)?.[0] ?? null, (row) => {
  const cell = scoreOf(row);
  return h("td", { class: "main" }, number(cell?.[0], digitsOf(row)), h("small", {}, range(cell)));
});
const plotColumn = { key: "plot", head: () => plotHead(state.axis), draw: (row) => h("td", { class: "plot" }, plot(scoreOf(row), kindOf(row), row.provenance === "reported" ? {} : state.floors, state.axis)) };
const unseenOf = (row) => (row.gain ? row.strict.acc[0] - row.gain.value[0] : null);
const useColumn = { key: "use", head: () => plotHead(state.useAxis), draw: (row) => h("td", { class: "plot" }, row.strict.acc && row.provenance !== "reported" ? dumbbell(row.strict.acc[0], unseenOf(row), state.strictFloors, state.useAxis) : null) };
const aboveColumn = numberColumn("above", "Above blind", (row) => row.above?.[0] ?? null, (row) =>
  h("td", { class: "ranged" }, row.above ? signed(row.above[0]) : "–", h("small", {}, range(row.above))));
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
const readColumn = numberColumn("read", "With reader, %", (row) => row.read?.value?.[0] ?? null, (row) =>
  h("td", { class: "ranged", title: row.read ? `${row.read.settled} answers settled by ${row.read.reader}` : "no reader" },
    row.read && number(row.read.value[0]), row.read && h("small", {}, `${row.read.settled} settled`)));
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
  if (view === "audit") return [scoreColumn, useColumn, gainColumn, ...Object.keys(AUDIT).filter((key) => table.rows.some((row) => row.audit[key])).map(auditColumn)];
  if (view === "setup") return [scoreColumn, ...["Date", "Backend", "Pixels at most", "Batch size", "Prompts", "Harness", "Tokens out", "Time"].map(textColumn)];
  const shown = shownRows();
  const judged = shown.some((row) => row.q || row.p) ? [judgeColumn("q", "Q"), judgeColumn("p", "P")] : [];
  const read = shown.some((row) => row.read) ? [readColumn] : [];
  const gain = shown.some((row) => row.gain) ? [gainColumn] : [];
  return [scoreColumn, plotColumn, aboveColumn, ...[["tf", "T/F"], ["mcq", "MCQ"], ["oe", "Open"]].map(([key, label]) => ({ ...cellColumn(key), label })), ...gain, ...read, formatColumn, ...judged];
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
  if (row.provenance === "reproduced") chips.push(h("span", { class: "chip good" }, "reproduced"));
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
  const rank = rankOf(row), open = state.opened.has(row.id);
  const classes = ["row", row.provenance === "reported" && "reported", !row.ranked && "unranked"].filter(Boolean).join(" ");
  const main = h("tr", { class: classes },
    h("td", { class: "pick" }, row.provenance !== "reported" && h("input", {
      type: "checkbox", "aria-label": `Compare ${short(row.model)}`, checked: state.picked.includes(row.id), "data-focus": `pick:${row.id}`,
      onchange: () => pick(row.id),
    })),
    h("td", { class: "rank" }, rank ?? "–"),
    h("td", { class: "name" }, h("button", {
      type: "button", title: short(row.model, 300), "aria-expanded": String(open), "data-focus": `open:${row.id}`,
      onclick: () => { open ? state.opened.delete(row.id) : state.opened.add(row.id); drawTable(); },
    }, short(row.model, 120)), chipsOf(row)),
    columns.map((c) => c.draw(row)));
  return open ? [main, h("tr", { class: "detail" }, h("td", { colspan: columns.length + 3 }, rowPanel(row)))] : [main];
}

function axesOf(rows) {
  const scores = rows.map(scoreOf), floors = Object.values(state.floors).filter((value) => value !== null).map((value) => [value, null, null]);
  state.axis = axisOf([...scores, ...floors]);
  state.useAxis = axisOf(rows.filter((row) => row.strict.acc).flatMap((row) => [row.strict.acc, [unseenOf(row) ?? row.strict.acc[0], null, null]]).concat([[state.strictFloors.blind, null, null]]));
}

function drawTable() {
  const group = table.groups[state.group];
  const lines = (protocol) => Object.fromEntries(Object.entries(group?.floor ?? {}).map(([role, by]) => [role, by[protocol]]));
  Object.assign(state, { floors: lines(state.protocol), strictFloors: lines("strict") });
  const columns = columnsOf(state.view);
  const rows = sorted(shownRows(), columns);
  axesOf(rows);
  const own = rows.filter((row) => row.provenance !== "reported"), reported = rows.filter((row) => row.provenance === "reported");
  redraw(byId("table"), rows.length
    ? h("table", {}, header(columns), h("tbody", {}, own.flatMap((row) => bodyRow(row, columns))),
        reported.length > 0 && h("tbody", { class: "reported" },
          h("tr", { class: "block" }, h("th", { scope: "rowgroup", colspan: columns.length + 3 }, h("div", {}, "Reported by their authors on the test split under the paper's protocol; not recomputed here, never ranked"))),
          reported.flatMap((row) => bodyRow(row, columns))))
    : h("p", { class: "empty" }, "No model fits these filters."));
  drawDates(own);
  drawSizes(own);
  drawNote(group);
  drawLegend(columns);
  writeAddress();
}

function drawSizes(rows) {
  const sized = rows.filter((row) => row.params !== null && row.role === "model" && scoreOf(row));
  redraw(byId("sizes"), sized.length > 2 && [
    h("h3", {}, "Score against size"), sizePlot(sized, state.floors.blind ?? null),
    h("p", { class: "key" }, `Percent right, ${state.protocol} protocol, 95 % intervals, against parameters as the cards say. Dashed: answers from the question's text alone.${sized.some((row) => row.open === false) ? " Second colour: closed weights." : ""}`)].flat());
}

function drawDates(rows) {
  const dated = rows.filter((row) => row.ranked && row.role === "model" && scoreOf(row) && !Number.isNaN(dayOf(row)));
  redraw(byId("dates"), new Set(dated.map((row) => row.date)).size > 1 && [
    h("h3", {}, "Score over time"), datePlot(dated, state.floors.blind ?? null),
    h("p", { class: "key" }, `Percent right, ${state.protocol} protocol, 95 % intervals, by the date that the run's files carry. Line: the best so far. Dashed: answers from the question's text alone.${dated.some((row) => row.open === false) ? " Second colour: closed weights." : ""}`)].flat());
}

function drawNote(group) {
  const gap = group?.detectable[state.protocol], { blind, constant } = state.floors;
  const oracles = table.rows.filter((row) => row.group === state.group && row.role === "oracle");
  redraw(byId("table-note"), [
    group?.cannot_rank ? `${group.cannot_rank} ` : "",
    blind !== null && blind !== undefined ? `Dashed line: ${number(blind)} %, answers from the question's text alone. Dotted: ${number(constant)} %, always the same answer. ` : "",
    gap && Object.keys(group.ranks[state.protocol]).length ? `Two typical models here must differ by about ${number(gap)} points to be told apart (80 % power). ` : "",
    Object.keys(group?.ranks[state.protocol] ?? {}).length ? "Rows stand in the order of their score; a rank counts only differences that a test can tell from chance. " : "",
    oracles.map((row) => `Oracle, which repeats the gold: ${number(scoreOf(row)?.[0])} %. `).join(""),
    "Click a name for its profile; tick two boxes to compare.",
  ].join(""));
}

const MEANINGS = {
  score: "Share of questions answered right under the chosen protocol, with its 95 % interval.",
  plot: "The same as a dot with its interval; the lines need no picture.",
  above: "Points above answers worked out from the question's text alone, strict protocol, with its interval.",
  gain: "Points that are gone without the image: the same model's run with images minus its run without, strict protocol.",
  use: "Full dot: with the image. Open dot: the same model without. Strict protocol.",
  format: "Share of answers in the asked-for form.",
  q: "Judge score, 0 to 10; only judges of one name compare.", p: "Judge score, 0 to 10; only judges of one name compare.",
  tf: "True or false questions, % right.", mcq: "Multiple choice, % right.", oe: "Open-ended questions, % right.",
  ...Object.fromEntries(Object.entries(AUDIT).map(([key, [, , meaning]]) => [key, `${meaning[0].toUpperCase()}${meaning.slice(1)}.`])),
};
function drawLegend(columns) {
  const known = columns.filter((column) => MEANINGS[column.key]);
  redraw(byId("legend").querySelector("dl"), known.flatMap((column) => [
    h("dt", {}, column.label ?? { plot: "Interval", use: "With and without the image" }[column.key]), h("dd", {}, MEANINGS[column.key])]));
}

function drawTools() {
  const set = (changes) => { Object.assign(state, changes); drawAll(); };
  const groups = table.groups.map((g, i) => [i, `${groupName(g)} (${g.dataset.slice(0, 8)})`]);
  const sized = table.rows.some((row) => row.params !== null), weighed = table.rows.some((row) => row.open !== null);
  redraw(byId("tools"),
    groups.length > 1 && select("Data and condition", groups, state.group, (v) => set({ group: Number(v) })),
    choice("Protocol", [["strict", "Strict"], ["paper", "Paper"]], state.protocol, (protocol) => set({ protocol })),
    choice("Columns", VIEWS, state.view, (view) => set({ view })),
    h("input", { type: "search", placeholder: "Find a model  ( / )", "aria-label": "Find a model", id: "search", "data-focus": "search", value: state.search, oninput: (e) => { state.search = e.target.value; drawTable(); } }),
    h("details", { class: "more", open: state.rowsOpen, ontoggle: (e) => { state.rowsOpen = e.target.open; } }, h("summary", {}, "Filter"), h("div", {},
      sized && select("Size", Object.keys(SIZES).map((size) => [size, size || "any size"]), state.size, (size) => set({ size })),
      weighed && select("Weights", [["", "any weights"], ["true", "open weights"], ["false", "closed weights"]], state.open, (open) => set({ open })),
      tick("baselines", state.baselines, (baselines) => set({ baselines })),
      table.rows.some((r) => r.provenance === "reported") && tick("reported", state.reported, (reported) => set({ reported })),
      table.rows.some((r) => !r.ranked && r.provenance !== "reported" && r.role !== "oracle") && tick("unranked", state.unranked, (unranked) => set({ unranked })))));
}

function drawStats() {
  const group = table.groups[state.group];
  const runs = table.rows.filter((row) => row.group === state.group);
  if (group) byId("ranking-title").textContent = group.headline;
  const counts = group ? [`${groupName(group)}`, `${runs.filter((r) => !isBaseline(r)).length} models`, `${group.questions.toLocaleString("en")} questions`, `${group.panoramas.toLocaleString("en")} panoramas`, "recomputed from saved answers, 95 % intervals"] : [`${table.rows.length} reported rows`];
  redraw(byId("stats"), counts.join(" · "));
  redraw(byId("banner"), group?.banner ?? "");
}
