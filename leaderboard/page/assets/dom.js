// Elements from data. Text only ever becomes text nodes or attribute values, never markup.
const SVG = "http://www.w3.org/2000/svg";

function build(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "vars") for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}
const h = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
const s = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);
const byId = (id) => document.getElementById(id);

const number = (value, digits = 1) => (value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−"));
const signed = (value, digits = 1) => (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);
const range = (cell) => (cell && cell[1] !== null ? `${number(cell[1])} to ${number(cell[2])}` : "");
const pValue = (p) => (p === null ? "unknown" : p < 0.001 ? "< 0.001" : p.toFixed(3));
const short = (text, length = 60) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

// Redraw `host` and give the focus back to the control that had it.
function redraw(host, ...children) {
  const focused = host.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  host.replaceChildren(...children.flat().filter(Boolean));
  if (focused) [...host.querySelectorAll("[data-focus]")].find((e) => e.dataset.focus === focused)?.focus({ preventScroll: true });
}

function choice(label, options, current, pick) {
  return h("div", { class: "choice", role: "group", "aria-label": label },
    options.map(([value, text]) => h("button", {
      type: "button", "data-focus": `${label}:${value}`, "aria-pressed": String(value === current), onclick: () => pick(value),
    }, text)));
}
function select(label, options, current, pick, attributes = {}) {
  return h("select", { "aria-label": label, "data-focus": label, ...attributes, onchange: (e) => pick(e.target.value) },
    options.map(([value, text]) => h("option", { value, selected: String(value) === String(current) }, text)));
}
function tick(label, checked, pick) {
  return h("label", { class: "tick" },
    h("input", { type: "checkbox", checked, "data-focus": `tick:${label}`, onchange: (e) => pick(e.target.checked) }), label);
}
