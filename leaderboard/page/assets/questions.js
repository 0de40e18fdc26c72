// The question browser: filters, a paged list, one question with its panorama and all answers.
const PAGE = 40;
const look = { dataset: 0, category: "", type: "", outcome: "", row: "", text: "", page: 0, question: 0, views: false };
const TYPE_WORDS = { true_false: "true / false", multiple_choice: "multiple choice", open_ended: "open-ended" };

// The boxes are drawn; the list reads better without their numbers.
const plainQuestion = (question) => question.text.replace(/ \(boundingbox: \[[\d, ]+\]\)/g, "");
const rowsOf = (index) => table.rows.filter((row) => questionData().place[row.id] === index);

function matching() {
  const dataset = questionData().datasets[look.dataset];
  const wanted = look.text.trim().toLowerCase(), column = state.protocol === "paper" ? 1 : 2;
  const found = [];
  dataset.questions.forEach((question, q) => {
    if (look.category && question.category !== look.category) return;
    if (look.type && question.type !== look.type) return;
    if (wanted && !question.text.toLowerCase().includes(wanted) && !question.gold.toLowerCase().includes(wanted)) return;
    if (look.outcome) {
      const rows = look.row ? [look.row] : Object.keys(dataset.rows);
      const right = rows.map((id) => dataset.rows[id][q]).filter((code) => code >= 0).map((code) => question.answers[code][column] >= 0.99);
      if (look.outcome === "right" && !right.every(Boolean)) return;
      if (look.outcome === "wrong" && right.some(Boolean)) return;
      if (look.outcome === "split" && (right.every(Boolean) || !right.some(Boolean))) return;
    }
    found.push(q);
  });
  return found;
}

function openQuestion(dataset, question) {
  Object.assign(look, { dataset, question, category: "", type: "", outcome: "", row: "", text: "" });
  look.page = Math.floor(question / PAGE);
  drawQuestions();
  byId("questions").scrollIntoView();
}

function filters(change) {
  const data = questionData(), dataset = data.datasets[look.dataset];
  const categories = table.cells.filter((c) => c.kind === "category" && dataset.questions.some((q) => q.category === c.key));
  const rows = rowsOf(look.dataset);
  return h("div", { class: "filters" },
    h("input", { class: "wide", type: "search", placeholder: "Words in question or answer", "aria-label": "Words in question or answer", "data-focus": "words", value: look.text, oninput: (e) => change({ text: e.target.value }) }),
    data.datasets.length > 1 && select("Questions of", data.datasets.map((d, i) => [i, `${d.questions.length} questions, ${short(rowsOf(i)[0]?.condition ?? "", 20)} (${i + 1})`]), look.dataset, (v) => change({ dataset: Number(v), row: "", question: 0 }), { class: "wide" }),
    select("Category", [["", "every category"], ...categories.map((c) => [c.key, c.label])], look.category, (category) => change({ category })),
    select("Type", [["", "every type"], ...Object.entries(TYPE_WORDS)], look.type, (type) => change({ type })),
    select("Model", [["", "all rows"], ...rows.map((row) => [row.id, fullName(row, 40)])], look.row, (row) => change({ row })),
    select("Outcome", [["", "any outcome"], ["right", "all right"], ["wrong", "none right"], ["split", "some right"]], look.outcome, (outcome) => change({ outcome })));
}

function answersTable(dataset, q) {
  const question = dataset.questions[q], data = questionData();
  const rows = rowsOf(look.dataset).sort((a, b) => (scoreOf(b)?.[0] ?? 0) - (scoreOf(a)?.[0] ?? 0));
  const reward = (value) => h("td", { class: value >= 0.99 ? "ok" : "no" }, value >= 0.99 ? "✓" : value > 0 ? value.toFixed(2) : "✗");
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers" }, h("table", { class: "answers" },
    h("thead", {}, h("tr", {}, h("th", { class: "name", scope: "col" }, "Model"), h("th", { class: "text", scope: "col" }, "Answer"), h("th", { scope: "col" }, "Strict"), h("th", { scope: "col" }, "Paper"))),
    h("tbody", {}, rows.map((row) => {
      const code = dataset.rows[row.id][q];
      const name = h("td", { class: "name", title: short(row.model, 300) }, fullName(row, 60));
      if (code < 0) return h("tr", {}, name, h("td", { class: "said" }, code === -1 ? "(the request failed)" : "(not asked)"), h("td", {}, "–"), h("td", {}, "–"));
      const [text, paper, strict, status] = question.answers[code];
      const said = text ?? `(no answer tag) ${dataset.untagged[row.id]?.[q] ?? ""}`;
      const reading = data.readings[status];
      return h("tr", {}, name, h("td", { class: "said" }, said || "(empty)", !["answered", "no_answer_tag", "empty"].includes(reading) && h("small", { class: "of" }, ` ${STATUS_WORDS[reading]}`)), reward(strict), reward(paper));
    }))));
}

function questionCard(q, step) {
  const data = questionData(), dataset = data.datasets[look.dataset], question = dataset.questions[q];
  const place = dataset.panoramas[question.panorama];
  return h("div", {},
    panorama(data.images[place] ?? null, question.boxes, place),
    h("details", { class: "six", open: look.views, ontoggle: (e) => {
      look.views = e.target.open;
      if (look.views && !e.target.querySelector(".views")) e.target.append(sixViews(data.images[place] ?? null, question.boxes));
    } }, h("summary", { "data-focus": "views" }, "The six views")),
    h("div", { class: "card" },
      h("p", { class: "ask" }, plainQuestion(question)),
      h("p", { class: "gold" }, "Gold: ", h("b", {}, question.gold)),
      answersTable(dataset, q),
      h("div", { class: "pager" },
        h("button", { type: "button", "data-focus": "step:-1", onclick: () => step(-1) }, "← previous"),
        h("span", {}, `${place} · ${cellByKey.get(question.sub)?.label ?? question.sub} · ${TYPE_WORDS[question.type] ?? question.type}`),
        h("button", { type: "button", "data-focus": "step:1", onclick: () => step(1) }, "next →"))));
}

function drawQuestions() {
  const host = byId("questions-body");
  if (!questionData().datasets.length) return redraw(host, h("p", { class: "empty" }, "Reported rows have no answers to show."));
  const dataset = questionData().datasets[look.dataset], found = matching();
  if (!found.includes(look.question)) look.question = found[0] ?? 0;
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  look.page = Math.min(look.page, pages - 1);
  const change = (changes) => { Object.assign(look, { page: 0 }, changes); drawQuestions(); };
  const step = (by) => {
    const at = found.indexOf(look.question) + by;
    if (at < 0 || at >= found.length) return;
    look.question = found[at];
    look.page = Math.floor(at / PAGE);
    drawQuestions();
  };
  const list = h("ul", { class: "list", onkeydown: (e) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!by) return;
    e.preventDefault();
    step(by);
    byId("questions-body").querySelector('[aria-current="true"]')?.focus();
  } }, found.slice(look.page * PAGE, (look.page + 1) * PAGE).map((q) => h("li", {}, h("button", {
    type: "button", "aria-current": String(q === look.question), "data-focus": `question:${q}`, onclick: () => { look.question = q; drawQuestions(); },
  }, h("span", { class: "q" }, plainQuestion(dataset.questions[q])), h("small", {}, dataset.panoramas[dataset.questions[q].panorama])))));
  const scrolled = host.querySelector(".list")?.scrollTop ?? 0;
  redraw(host, h("div", { class: "browser" },
    h("div", {}, filters(change), found.length ? list : h("p", { class: "empty" }, "No question fits these filters."),
      h("div", { class: "pager" },
        h("button", { type: "button", disabled: look.page === 0, "data-focus": "page:-1", onclick: () => change({ page: look.page - 1 }) }, "←"),
        h("span", {}, `${found.length.toLocaleString("en")} questions, page ${look.page + 1} of ${pages}`),
        h("button", { type: "button", disabled: look.page >= pages - 1, "data-focus": "page:1", onclick: () => change({ page: look.page + 1 }) }, "→"))),
    found.length > 0 && questionCard(look.question, step)));
  list.scrollTop = scrolled;
}
