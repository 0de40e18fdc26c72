"use strict";
const key = "panoenv-labels-" + document.body.dataset.queue;
let labels = {};
try { labels = JSON.parse(localStorage.getItem(key) || "{}"); } catch { /* a browser that keeps nothing */ }
const articles = [...document.querySelectorAll("article")];
const show = () => { document.getElementById("done").textContent = Object.keys(labels).length; };
for (const article of articles) {
  const id = article.dataset.id;
  for (const input of article.querySelectorAll("input")) {
    input.checked = labels[id] === input.value;
    input.addEventListener("change", () => {
      labels[id] = input.value;
      try { localStorage.setItem(key, JSON.stringify(labels)); } catch { /* saving the file still works */ }
      show();
    });
  }
}
document.getElementById("save").addEventListener("click", () => {
  const rows = articles.filter((a) => labels[a.dataset.id]).map((a) => (
    { id: a.dataset.id, text: a.dataset.text, label: labels[a.dataset.id] }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify({ labels: rows }, null, 1)], { type: "application/json" }));
  link.download = "labels.json";
  link.click();
});
show();
