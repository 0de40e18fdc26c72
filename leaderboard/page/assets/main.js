// Start: the table at once, the rest when the browser is idle.
function drawAll() {
  drawTools();
  drawStats();
  drawTable();
  drawCompare();
  drawQuestions();
}

function setUpTheme() {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();
  byId("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a page from a file may have no storage */ }
  });
}

readAddress();
setUpTheme();
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    byId("search").focus();
  }
});
if (table.refusals.length) {
  redraw(byId("refusals"), h("h3", {}, `Refused: ${table.refusals.length}`), h("ul", {}, table.refusals.map((line) => h("li", {}, line))));
}
drawTools();
drawStats();
drawTable();
performance.mark("table");
requestAnimationFrame(() => setTimeout(() => {
  drawCompare();
  drawQuestions();
  performance.mark("all");
  document.documentElement.dataset.ready = "true";
}, 0));
