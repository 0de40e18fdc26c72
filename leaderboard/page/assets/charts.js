// Intervals, profiles and panoramas, drawn in SVG.
const across = (value, left, width) => left + (Math.max(0, Math.min(100, value)) / 100) * width;

function interval(cell, left, width, y, kind = "") {
  if (!cell) return null;
  const [mean, lo, hi] = cell;
  return s("g", { class: kind },
    lo !== null && s("line", { class: "whisker", x1: across(lo, left, width), x2: across(hi, left, width), y1: y, y2: y }),
    s("circle", { class: "dot", cx: across(mean, left, width), cy: y, r: 3.6 }));
}

// The part of 0 to 100 that the shown rows need, in whole tens.
function axisOf(cells) {
  const ends = cells.filter(Boolean).flatMap(([mean, lo, hi]) => [lo ?? mean, hi ?? mean]);
  if (!ends.length) return { from: 0, to: 100 };
  const from = Math.max(0, 10 * Math.floor((Math.min(...ends) - 1) / 10));
  return { from, to: Math.min(100, Math.max(from + 20, 10 * Math.ceil((Math.max(...ends) + 1) / 10))) };
}
const PLOT = { left: 10, width: 220, height: 44 };
const onAxis = (value, axis) => PLOT.left + ((value - axis.from) / (axis.to - axis.from)) * PLOT.width;
function axisTicks(axis) {
  const step = axis.to - axis.from > 50 ? 20 : 10;
  return Array.from({ length: Math.floor((axis.to - axis.from) / step) + 1 }, (_, i) => axis.from + i * step);
}
function plotHead(axis) {
  return s("svg", { viewBox: "0 0 240 16", width: 240, height: 16, "aria-label": "Percent right with 95 % interval", role: "img" },
    axisTicks(axis).map((v) => s("text", { x: onAxis(v, axis), y: 12, "text-anchor": "middle" }, String(v))));
}

// One row of the table: its interval on the shared axis, over the lines that no picture is needed for.
function plot(cell, kind, floors, axis) {
  const clamp = (v) => onAxis(Math.max(axis.from, Math.min(axis.to, v)), axis);
  const outside = cell && (cell[0] > axis.to || cell[0] < axis.from);
  return s("svg", { viewBox: `0 0 240 ${PLOT.height}`, width: 240, height: PLOT.height, role: "img", "aria-label": cell ? `${number(cell[0])} percent, interval ${range(cell)}` : "no value" },
    axisTicks(axis).map((v) => s("line", { class: "axis", x1: onAxis(v, axis), x2: onAxis(v, axis), y1: 0, y2: PLOT.height })),
    floorLines(floors, clamp),
    cell && s("g", { class: kind },
      cell[1] !== null && !outside && s("line", { class: "whisker", x1: clamp(cell[1]), x2: clamp(cell[2]), y1: PLOT.height / 2, y2: PLOT.height / 2 }),
      outside ? s("path", { class: "dot", d: `M${clamp(cell[0])} 17l7 5l-7 5z` }) : s("circle", { class: "dot", cx: clamp(cell[0]), cy: PLOT.height / 2, r: 4 })));
}

function floorLines(floors, clamp) {
  return Object.entries(floors).filter(([, value]) => value !== null).map(([role, value]) =>
    s("line", { class: `floor ${role}`, x1: clamp(value), x2: clamp(value), y1: 0, y2: PLOT.height }));
}

// With the image (full dot) and without (open dot): what lies between is what the image is worth.
function dumbbell(seen, unseen, floors, axis) {
  const clamp = (v) => onAxis(Math.max(axis.from, Math.min(axis.to, v)), axis), y = PLOT.height / 2;
  return s("svg", { viewBox: `0 0 240 ${PLOT.height}`, width: 240, height: PLOT.height, role: "img", "aria-label": unseen === null ? `${number(seen)} percent with the image, not run without` : `${number(unseen)} percent without the image, ${number(seen)} with` },
    axisTicks(axis).map((v) => s("line", { class: "axis", x1: onAxis(v, axis), x2: onAxis(v, axis), y1: 0, y2: PLOT.height })),
    floorLines(floors, clamp),
    unseen !== null && s("line", { class: `whisker${unseen > seen ? " b" : ""}`, x1: clamp(unseen), x2: clamp(seen), y1: y, y2: y }),
    unseen !== null && s("circle", { class: "hollow", cx: clamp(unseen), cy: y, r: 4.4 }),
    s("circle", { class: "dot", cx: clamp(seen), cy: y, r: 4.4 }));
}

// Score against parameters (logarithmic), over the line that no picture is needed for.
function sizePlot(rows, floor) {
  const width = 860, height = 300, left = 40, right = 40, bottom = 262;
  const sizes = rows.map((row) => row.params), axis = axisOf([...rows.map(scoreOf), ...(floor === null ? [] : [[floor, null, null]])]);
  const [low, high] = [Math.log(Math.min(...sizes) / 1.3), Math.log(Math.max(...sizes) * 1.3)];
  const x = (size) => left + ((Math.log(size) - low) / (high - low)) * (width - left - right);
  const y = (value) => bottom - ((value - axis.from) / (axis.to - axis.from)) * (bottom - 14);
  const ticks = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].filter((size) => Math.log(size) >= low && Math.log(size) <= high);
  return s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Percent right against parameters: ${rows.map((row) => `${short(row.model, 40)} ${row.params} B ${number(scoreOf(row)[0])}`).join("; ")}` },
    axisTicks(axis).flatMap((v) => [s("line", { class: "axis", x1: left, x2: width - right, y1: y(v), y2: y(v) }), s("text", { x: left - 8, y: y(v) + 4, "text-anchor": "end" }, String(v))]),
    ticks.map((size) => s("text", { x: x(size), y: bottom + 20, "text-anchor": "middle" }, `${size} B`)),
    floor !== null && s("line", { class: "floor", x1: left, x2: width - right, y1: y(floor), y2: y(floor) }),
    rows.flatMap((row) => {
      const cell = scoreOf(row), kind = row.open === false ? "b" : "";
      return [
        s("g", { class: kind }, cell[1] !== null && s("line", { class: "whisker", x1: x(row.params), x2: x(row.params), y1: y(Math.max(axis.from, cell[1])), y2: y(Math.min(axis.to, cell[2])) }), s("circle", { class: "dot", cx: x(row.params), cy: y(cell[0]), r: 4 })),
        rows.length <= 15 && s("text", { x: x(row.params) + (x(row.params) > width * 0.75 ? -7 : 7), y: y(cell[0]) - 6, "text-anchor": x(row.params) > width * 0.75 ? "end" : "start" }, short(row.model, 28)),
      ];
    }));
}

function tiny(cell, kind) {
  if (!cell || cell[1] === null) return null;
  return s("svg", { class: "tiny", viewBox: "0 0 64 8", "aria-hidden": "true" },
    s("line", { class: "axis edge", x1: 2, x2: 62, y1: 4, y2: 4 }),
    s("g", { class: kind },
      s("line", { class: "whisker", x1: across(cell[1], 2, 60), x2: across(cell[2], 2, 60), y1: 4, y2: 4 }),
      s("circle", { class: "dot", cx: across(cell[0], 2, 60), cy: 4, r: 2.2 })));
}

function profileLines(cellSets) {
  const there = (key) => cellSets.some((cells) => cells[key]);
  const keep = (kind, parent) => table.cells.filter((c) => c.kind === kind && (!parent || c.parent === parent) && there(c.key));
  const lines = [...keep("total"), ...keep("type"), ...keep("open_ended")].map((cell) => ({ cell, head: cell.kind === "total", indent: cell.kind === "open_ended" }));
  for (const category of keep("category")) {
    lines.push({ cell: category, head: true, gap: true });
    for (const sub of keep("subcategory", category.key)) lines.push({ cell: sub, indent: true });
  }
  return lines;
}

// Every cell of one or two rows as intervals under each other; `floor` marks the blind row.
function profile(cellSets, floor, label) {
  const left = 205, width = 300, total = cellSets.length > 1 ? 595 : 560;
  let y = -4;
  const marks = [];
  for (const line of profileLines(cellSets)) {
    y += line.gap ? 27 : 19;
    const { key } = line.cell;
    marks.push(s("text", { x: line.indent ? 14 : 0, y: y + 4, class: line.head ? "head" : "" }, line.cell.label));
    marks.push(s("line", { class: "axis edge", x1: left, x2: left + width, y1: y, y2: y }));
    if (floor && line.cell.kind === "total") marks.push(s("line", { class: "floor", x1: across(floor, left, width), x2: across(floor, left, width), y1: y - 7, y2: y + 7 }));
    cellSets.forEach((cells, index) => {
      const kind = index ? "b" : "";
      const shift = cellSets.length > 1 ? (index ? 3 : -3) : 0;
      marks.push(interval(cells[key], left, width, y + shift, kind));
      if (cells[key]) marks.push(s("text", { class: `num ${kind}`, x: left + width + 46 + index * 40, y: y + 4 }, number(cells[key][0])));
    });
  }
  const bottom = y + 16;
  const ticks = [0, 25, 50, 75, 100].flatMap((v) => [
    s("line", { class: "axis", x1: across(v, left, width), x2: across(v, left, width), y1: 4, y2: bottom }),
    s("text", { x: across(v, left, width), y: bottom + 14, "text-anchor": "middle" }, String(v)),
  ]);
  return s("svg", { viewBox: `0 0 ${total} ${bottom + 20}`, role: "img", "aria-label": label }, ticks, marks);
}

const FACES = [["back", 0], ["left", 640], ["front", 1280], ["right", 1920], ["back", 2560]];

// Where each label goes: above its box, else below, wherever it hides no box and no other label.
function labelPlaces(boxes) {
  const size = innerWidth < 760 ? 68 : 38, height = size * 1.36;
  const taken = boxes.map(([, x1, y1, x2, y2]) => [x1, y1, x2, y2]);
  const free = ([x, y, r, b]) => y >= 0 && b <= 1280 && !taken.some(([x1, y1, x2, y2]) => x < x2 && r > x1 && y < y2 && b > y1);
  return boxes.map(([label, x1, y1, , y2]) => {
    const width = (Math.min(label.length, 24) * 0.58 + 0.7) * size;
    const x = Math.max(0, Math.min(x1, 2560 - width));
    const candidates = [y1 - height - 4, y2 + 4, y1 - 2 * height - 8, y2 + height + 8].map((y) => [x, y, x + width, y + height]);
    const place = candidates.find(free) ?? [x, Math.max(0, y1 - height), x + width, y1];
    taken.push(place);
    return { x: place[0], y: place[1], width, height, size };
  });
}

// The panorama, or a bare grid of it, with the boxes that the question prints.
function panorama(image, boxes, name) {
  const backdrop = image
    ? s("image", { href: image, width: 2560, height: 1280, preserveAspectRatio: "none" })
    : s("g", {},
        s("rect", { class: "ground", x: 0, y: 640, width: 2560, height: 640 }),
        [320, 960, 1600, 2240].map((x) => s("line", { class: "grid", x1: x, x2: x, y1: 0, y2: 1280, "stroke-width": 3 })),
        s("line", { class: "grid", x1: 0, x2: 2560, y1: 640, y2: 640, "stroke-width": 3 }),
        FACES.map(([face, x]) => s("text", { class: "face", x: Math.max(70, Math.min(2490, x)), y: 64 }, face)));
  const places = labelPlaces(boxes);
  return h("div", { class: "pano" }, s("svg", { viewBox: "0 0 2560 1280", role: "img", "aria-label": `Panorama ${name} with ${boxes.length} boxes` },
    backdrop,
    boxes.flatMap(([label], index) => {
      const { x, y, width, height, size } = places[index];
      return [
        s("rect", { class: `plate box${index}`, x, y, width, height, rx: 6 }),
        s("text", { class: "tag", x: x + 0.32 * size, y: y + size, vars: { "font-size": `${size}px` } }, short(label, 24)),
      ];
    }),
    // A box that runs across the panorama's edge has its left side to the right of its right side.
    boxes.flatMap(([, x1, y1, x2, y2], index) => (x1 <= x2 ? [[x1, x2]] : [[x1, 2560], [0, x2]]).flatMap(([left, right]) => {
      const place = { x: left, y: y1, width: Math.max(right - left, 1), height: Math.max(y2 - y1, 1) };
      return [s("rect", { class: "halo", ...place }), s("rect", { class: `box box${index}`, ...place })];
    }))));
}
