// The data of the page and what the reader has chosen.
const table = JSON.parse(byId("table-data").textContent);
const rowById = new Map(table.rows.map((row) => [row.id, row]));
const cellByKey = new Map(table.cells.map((cell) => [cell.key, cell]));

let parsedQuestions = null;
function questionData() {
  parsedQuestions ??= JSON.parse(byId("question-data").textContent);
  return parsedQuestions;
}

const state = {
  protocol: "strict",
  group: 0,
  view: "overview",
  search: "",
  baselines: true,
  reported: !table.groups.length || table.groups[0].split !== "mini",
  unranked: true,
  sort: { key: "score", down: true },
  open: new Set(),
  picked: [],
};

const isBaseline = (row) => row.role !== "model";
const groupOf = (row) => table.groups[row.group] ?? null;
const rankOf = (row) => groupOf(row)?.ranks[state.protocol][row.id] ?? null;
// Reported rows exist under the paper's protocol only.
const cellsOf = (row) => (row.provenance === "reported" ? row.paper : row[state.protocol]);
const scoreOf = (row) => cellsOf(row).acc ?? null;
const conditionName = (condition) => ({ full: "with image", noimage: "no image" })[condition] ?? condition;
const groupName = (group) => `${group.split}, ${conditionName(group.condition)}`;
// Where rows of several conditions stand together.
const fullName = (row, length) => short(row.model, length) + (row.condition === "full" ? "" : `, ${conditionName(row.condition)}`);

// The floor of a group: its best blind row.
function floorOf(group) {
  const blind = table.rows.filter((r) => r.group === group && r.role === "blind" && r.ranked);
  return blind.sort((a, b) => scoreOf(b)[0] - scoreOf(a)[0])[0] ?? null;
}

function shownRows() {
  const wanted = state.search.trim().toLowerCase();
  return table.rows.filter((row) =>
    (row.provenance === "reported" ? state.reported : row.group === state.group) &&
    (state.baselines || !isBaseline(row)) &&
    (state.unranked || row.ranked || row.provenance === "reported" || row.role === "oracle") &&
    (!wanted || row.model.toLowerCase().includes(wanted)));
}
