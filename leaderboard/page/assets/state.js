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
  size: "",
  open: "",
  rowsOpen: false,
  sort: { key: "score", down: true },
  opened: new Set(),
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

// What is right without the image, worked out by the board itself.
const floorOf = (group, role = "blind") => table.groups[group]?.floor[role][state.protocol] ?? null;
const SIZES = { "": [0, Infinity], "up to 4 B": [0, 4], "4 to 10 B": [4, 10], "10 to 40 B": [10, 40], "over 40 B": [40, Infinity] };

function shownRows() {
  const wanted = state.search.trim().toLowerCase();
  return table.rows.filter((row) =>
    (row.provenance === "reported" ? state.reported : row.group === state.group) &&
    row.role !== "oracle" &&
    (state.baselines || !isBaseline(row)) &&
    (state.unranked || row.ranked || row.provenance === "reported") &&
    (!state.size || (row.params > SIZES[state.size][0] && row.params <= SIZES[state.size][1])) &&
    (!state.open || (row.open !== null && String(row.open) === state.open)) &&
    (!wanted || row.model.toLowerCase().includes(wanted)));
}

// What the reader chose stands in the address, so that it can be sent to somebody.
const IN_ADDRESS = { p: "protocol", v: "view", q: "search", size: "size", open: "open" };
function writeAddress() {
  const parts = new URLSearchParams();
  for (const [key, name] of Object.entries(IN_ADDRESS)) if (state[name]) parts.set(key, state[name]);
  if (state.group) parts.set("g", state.group);
  if (state.sort.key !== "score" || !state.sort.down) parts.set("s", (state.sort.down ? "-" : "") + state.sort.key);
  for (const name of ["baselines", "reported", "unranked"]) if (!state[name]) parts.append("hide", name);
  try { history.replaceState(null, "", `#${parts}`); } catch { /* some viewers forbid it */ }
}
function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (!parts.has("v")) return;
  const known = { protocol: ["strict", "paper"], size: Object.keys(SIZES), open: ["true", "false"], view: VIEWS.map(([view]) => view) };
  for (const [key, name] of Object.entries(IN_ADDRESS)) {
    const value = parts.get(key);
    if (value !== null && (!known[name] || known[name].includes(value))) state[name] = value;
  }
  if (table.groups[Number(parts.get("g"))]) state.group = Number(parts.get("g"));
  const sort = parts.get("s");
  if (sort) state.sort = { key: sort.replace(/^-/, ""), down: sort.startsWith("-") };
  for (const name of parts.getAll("hide")) if (["baselines", "reported", "unranked"].includes(name)) state[name] = false;
}
