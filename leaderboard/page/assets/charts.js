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

// Score against something else of the rows, over the line that no picture is needed for.
function scatter(rows, floor, { place, from, to, ticks, words, named, record = [] }) {
  // A narrow screen gets a narrower drawing, not a smaller one.
  const narrow = innerWidth < 760, [width, height, left, right, bottom] = narrow ? [400, 300, 34, 34, 262] : [860, 300, 40, 40, 262];
  const axis = axisOf([...rows.map(scoreOf), ...(floor === null ? [] : [[floor, null, null]])]);
  const x = (value) => left + (to > from ? (value - from) / (to - from) : 0.5) * (width - left - right);
  const y = (value) => bottom - ((value - axis.from) / (axis.to - axis.from)) * (bottom - 14);
  const steps = record.flatMap((row, i) => [`${i ? "H" : "M"}${x(place(row))}${i ? "V" : " "}${y(scoreOf(row)[0])}`]).join("");
  return s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Percent right against ${words.axis}: ${rows.map((row) => `${short(row.model, 40)} ${words.of(row)} ${number(scoreOf(row)[0])}`).join("; ")}` },
    axisTicks(axis).flatMap((v) => [s("line", { class: "axis", x1: left, x2: width - right, y1: y(v), y2: y(v) }), s("text", { x: left - 8, y: y(v) + 4, "text-anchor": "end" }, String(v))]),
    ticks.filter((_, i) => !narrow || i % 2 === 0).map(([value, text]) => s("text", { x: x(value), y: bottom + 20, "text-anchor": "middle" }, text)),
    floor !== null && s("line", { class: "floor", x1: left, x2: width - right, y1: y(floor), y2: y(floor) }),
    steps && s("path", { class: "best", d: `${steps}H${width - right}` }),
    rows.flatMap((row) => {
      const cell = scoreOf(row), across = x(place(row)), end = across > width * 0.75;
      return [
        s("g", { class: row.open === false ? "b" : "" }, cell[1] !== null && s("line", { class: "whisker", x1: across, x2: across, y1: y(Math.max(axis.from, cell[1])), y2: y(Math.min(axis.to, cell[2])) }), s("circle", { class: "dot", cx: across, cy: y(cell[0]), r: 4 })),
        named(row) && (!narrow || rows.length <= 8) && s("text", { x: across + (end ? -7 : 7), y: y(cell[0]) - 6, "text-anchor": end ? "end" : "start" }, short(row.model, narrow ? 18 : 28)),
      ];
    }));
}

function sizePlot(rows, floor) {
  const sizes = rows.map((row) => row.params);
  const [from, to] = [Math.log(Math.min(...sizes) / 1.3), Math.log(Math.max(...sizes) * 1.3)];
  const ticks = [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map((size) => [Math.log(size), `${size} B`]).filter(([at]) => at >= from && at <= to);
  return scatter(rows, floor, { place: (row) => Math.log(row.params), from, to, ticks, words: { axis: "parameters", of: (row) => `${row.params} B` }, named: () => rows.length <= 15 });
}

// The rows in the order of their dates, and those of them that were the best when they came.
const dayOf = (row) => Date.parse(row.date);
function records(rows) {
  let best = -Infinity;
  return [...rows].sort((a, b) => dayOf(a) - dayOf(b) || scoreOf(b)[0] - scoreOf(a)[0]).filter((row) => {
    const better = scoreOf(row)[0] > best;
    if (better) best = scoreOf(row)[0];
    return better;
  });
}
function datePlot(rows, floor) {
  const days = rows.map(dayOf), from = Math.min(...days), to = Math.max(...days), record = records(rows);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => from + part * (to - from)).map((at) => [at, new Date(at).toISOString().slice(0, 10)]);
  return scatter(rows, floor, { place: dayOf, from, to, ticks, words: { axis: "the date of the run", of: (row) => row.date }, named: (row) => record.includes(row) && record.length <= 12, record });
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

const HEADINGS = [["back", 0], ["left", 640], ["front", 1280], ["right", 1920], ["back", 2560]];
const FACE_NAMES = ["left", "front", "right", "back", "top", "bottom"];

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

// The panorama, or a bare grid of it, under its headings, with the boxes that the question prints.
function panorama(image, boxes, name) {
  const backdrop = image
    ? s("image", { href: image, width: 2560, height: 1280, preserveAspectRatio: "none" })
    : s("g", {},
        s("rect", { class: "ground", x: 0, y: 640, width: 2560, height: 640 }),
        [320, 960, 1600, 2240].map((x) => s("line", { class: "grid", x1: x, x2: x, y1: 0, y2: 1280, "stroke-width": 3 })),
        s("line", { class: "grid", x1: 0, x2: 2560, y1: 640, y2: 640, "stroke-width": 3 }));
  const places = labelPlaces(boxes), strip = innerWidth < 760 ? 110 : 64;
  return h("div", { class: "pano" }, s("svg", { viewBox: `0 ${-strip} 2560 ${1280 + strip}`, role: "img", "aria-label": `Panorama ${name} with ${boxes.length} boxes` },
    HEADINGS.map(([face, x]) => s("text", { class: "face", x, y: -0.28 * strip, "text-anchor": x ? (x === 2560 ? "end" : "middle") : "start", vars: { "font-size": `${0.66 * strip}px` } }, face)),
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

// A face's axes in the camera frame: rightwards, downwards, into the picture (panoenv_tasks/geometry/cube.py).
const FACE_AXES = {
  front: [[1, 0, 0], [0, -1, 0], [0, 0, 1]], back: [[-1, 0, 0], [0, -1, 0], [0, 0, -1]],
  left: [[0, 0, 1], [0, -1, 0], [-1, 0, 0]], right: [[0, 0, -1], [0, -1, 0], [1, 0, 0]],
  top: [[1, 0, 0], [0, 0, 1], [0, 1, 0]], bottom: [[1, 0, 0], [0, 0, -1], [0, -1, 0]],
};
const FACE_SIZE = 240;

// Where a point of the panorama lies on a face, in its pixels; null when on another.
function onFace(px, py, face) {
  const longitude = (px / 2560 - 0.5) * 2 * Math.PI, latitude = (0.5 - py / 1280) * Math.PI;
  const ray = [Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude), Math.cos(latitude) * Math.cos(longitude)];
  const [right, down, into] = FACE_AXES[face].map((axis) => axis.reduce((sum, part, i) => sum + part * ray[i], 0));
  if (into <= 0 || Math.abs(right) > into || Math.abs(down) > into) return null;
  return [right, down].map((part) => ((part / into + 1) / 2) * FACE_SIZE);
}

// A box's outline on a face; straight edges of the panorama are curves there.
function outline([, x1, y1, x2, y2], face) {
  const wide = x1 <= x2 ? x2 - x1 : x2 + 2560 - x1, high = y2 - y1, around = [];
  const walk = (length, at) => { const steps = Math.max(1, Math.ceil(length / 2)); for (let i = 0; i <= steps; i += 1) around.push(at((length * i) / steps)); };
  walk(wide, (d) => [x1 + d, y1]);
  walk(high, (d) => [x1 + wide, y1 + d]);
  walk(wide, (d) => [x1 + wide - d, y2]);
  walk(high, (d) => [x1, y2 - d]);
  let pen = "M";
  return around.map(([px, py]) => {
    const point = onFace(px % 2560, py, face);
    const step = point && `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    pen = point ? "L" : "M";
    return step ?? "";
  }).join("");
}

// A face cut out of the panorama: the nearest pixel is near enough at this size.
function cutFace(canvas, pixels, face) {
  const [right, down, into] = FACE_AXES[face], context = canvas.getContext("2d"), cut = context.createImageData(FACE_SIZE, FACE_SIZE);
  for (let v = 0; v < FACE_SIZE; v += 1) {
    for (let u = 0; u < FACE_SIZE; u += 1) {
      const a = ((u + 0.5) * 2) / FACE_SIZE - 1, b = ((v + 0.5) * 2) / FACE_SIZE - 1;
      const [x, y, z] = [0, 1, 2].map((i) => right[i] * a + down[i] * b + into[i]);
      const column = Math.min(pixels.width - 1, Math.floor((Math.atan2(x, z) / (2 * Math.PI) + 0.5) * pixels.width));
      const row = Math.min(pixels.height - 1, Math.floor((0.5 - Math.atan2(y, Math.hypot(x, z)) / Math.PI) * pixels.height));
      cut.data.set(pixels.data.subarray(4 * (row * pixels.width + column), 4 * (row * pixels.width + column) + 4), 4 * (v * FACE_SIZE + u));
    }
  }
  context.putImageData(cut, 0, 0);
}

// The six views around the camera with the same boxes: what the questions about views speak of.
function sixViews(image, boxes) {
  const canvases = {};
  const views = h("div", { class: "views" }, FACE_NAMES.map((face) => {
    canvases[face] = h("canvas", { width: FACE_SIZE, height: FACE_SIZE, "aria-hidden": "true" });
    const lines = boxes.map((box) => outline(box, face));
    const seen = boxes.filter((_, i) => lines[i]).map(([label]) => label);
    return h("figure", {}, h("figcaption", {}, face), canvases[face],
      s("svg", { viewBox: `0 0 ${FACE_SIZE} ${FACE_SIZE}`, role: "img", "aria-label": `${face} view, ${seen.length ? `with ${seen.join(", ")}` : "no box"}` },
        lines.flatMap((d, index) => d ? [s("path", { class: "halo", d }), s("path", { class: `box box${index}`, d })] : [])));
  }));
  if (image) {
    const picture = new Image();
    picture.onload = () => {
      const whole = h("canvas", { width: picture.width, height: picture.height }), context = whole.getContext("2d");
      context.drawImage(picture, 0, 0);
      const pixels = context.getImageData(0, 0, picture.width, picture.height);
      for (const face of FACE_NAMES) cutFace(canvases[face], pixels, face);
      views.dataset.cut = "true";
    };
    picture.src = image;
  }
  return views;
}
