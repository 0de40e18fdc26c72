// Two models side by side: the tested difference, both profiles, the questions on which they differ.
function pick(id) {
  state.picked = state.picked.includes(id) ? state.picked.filter((p) => p !== id) : [...state.picked, id].slice(-2);
  drawTable();
  drawCompare();
}

const comparable = () => table.rows.filter((row) => row.group === state.group && row.provenance !== "reported");

function chosenPair() {
  const rows = comparable();
  const picked = state.picked.map((id) => rowById.get(id)).filter((row) => row?.group === state.group);
  const rest = rows.filter((row) => !picked.includes(row) && row.role !== "oracle").sort((a, b) =>
    b.ranked - a.ranked || isBaseline(a) - isBaseline(b) || scoreOf(b)[0] - scoreOf(a)[0]);
  const pair = [...picked, ...rest].slice(0, 2);
  return pair.length === 2 ? pair : null;
}

function verdict(a, b) {
  const group = groupOf(a), pairs = group.pairs[state.protocol];
  const [i, j] = [group.ranked.indexOf(a.id), group.ranked.indexOf(b.id)];
  if (!pairs || i < 0 || j < 0) return h("p", { class: "verdict" }, "At least one of these rows takes no rank, so their difference is not tested.");
  const difference = pairs.difference[i][j], reach = pairs.reach[i][j], p = pairs.p[i][j];
  const [better, worse] = difference >= 0 ? [a, b] : [b, a];
  const adjusted = Math.max(pairs.adjusted[i][j], pairs.adjusted[j][i]);
  const size = Math.abs(difference);
  const bounds = reach === null ? "" : ` (95 % interval ${signed(size - reach)} to ${signed(size + reach)})`;
  const told = adjusted < 0.05;
  return [
    h("p", { class: "verdict" }, size === 0 ? "Both score the same." : [
      h("b", {}, short(better.model)), ` is ahead of ${short(worse.model)} by ${number(size)} points${bounds}, `,
      told ? h("span", { class: "better" }, "more than chance explains.") : group.cannot_rank && !Object.keys(group.ranks[state.protocol]).length ? "which this set is too small to test." : "which chance may explain."]),
    h("p", { class: "note" }, `Same questions, ${state.protocol} protocol. Sign flips of whole environments: p ${pValue(p)}; with Holm over each model's comparisons ${pValue(adjusted)}.`),
  ];
}

// Right or wrong per question of two rows; null where one has no answer.
function outcomes(a, b) {
  const data = questionData();
  const dataset = data.datasets[data.place[a.id]];
  if (!dataset || data.place[b.id] !== data.place[a.id]) return null;
  const column = state.protocol === "paper" ? 1 : 2;
  const right = (row, q) => { const code = dataset.rows[row.id][q]; return code < 0 ? null : dataset.questions[q].answers[code][column] >= 0.99; };
  return dataset.questions.map((_, q) => [right(a, q), right(b, q)]);
}

function disagreements(a, b) {
  const found = outcomes(a, b);
  if (!found) return h("p", { class: "empty" }, "These rows answered different questions.");
  const count = (x, y) => found.filter(([p, q]) => p === x && q === y).length;
  const data = questionData(), dataset = data.datasets[data.place[a.id]];
  const differ = found.map(([x, y], q) => [x, y, q]).filter(([x, y]) => x !== null && y !== null && x !== y);
  return h("div", {},
    h("table", { class: "quad" },
      h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "B right"), h("th", { scope: "col" }, "B wrong"))),
      h("tbody", {},
        h("tr", {}, h("th", { scope: "row" }, "A right"), h("td", {}, String(count(true, true))), h("td", {}, String(count(true, false)))),
        h("tr", {}, h("th", { scope: "row" }, "A wrong"), h("td", {}, String(count(false, true))), h("td", {}, String(count(false, false)))))),
    h("h3", {}, `They differ on ${differ.length.toLocaleString("en")} questions`),
    differ.length > 0 && h("ul", { class: "list" }, differ.slice(0, 200).map(([x, , q]) => h("li", {}, h("button", {
      type: "button", onclick: () => openQuestion(data.place[a.id], q),
    }, h("span", { class: "q" }, plainQuestion(dataset.questions[q])), h("small", {}, `${x ? "only A" : "only B"} right · ${dataset.panoramas[dataset.questions[q].panorama]}`))))),
    differ.length > 200 && h("p", { class: "note" }, "The first 200 are listed; the browser below filters all of them."));
}

function drawCompare() {
  const host = byId("compare-body"), pair = chosenPair();
  if (!pair) return redraw(host, h("p", { class: "empty" }, "A comparison needs two runs on the same data."));
  const [a, b] = pair;
  const options = comparable().map((row) => [row.id, short(row.model, 70)]);
  const choose = (index) => (id) => { state.picked = pair.map((row, k) => (k === index ? id : row.id)); drawTable(); drawCompare(); };
  redraw(host,
    h("div", { class: "pair" }, select("Model A", options, a.id, choose(0), { class: "a" }), "against", select("Model B", options, b.id, choose(1), { class: "b" })),
    a === b ? h("p", { class: "empty" }, "Choose two different models.") : [
      verdict(a, b),
      h("div", { class: "split" },
        h("div", { class: "overlay" }, profile([cellsOf(a), cellsOf(b)], null, `Scores of ${short(a.model)} and ${short(b.model)} by cell`)),
        disagreements(a, b))].flat());
}
