// Rows of the chart, from top to bottom. A row has a `caption`, a `height` (px) and `draw`; `at`
// returns the contents of the tip at a time and the range that it describes, `read` a short text.

const HEIGHTS = { sound: 44, words: 26, codes: 30, tier: 26, line: 15 };
const MEASURED = "measured";
const NOTHING = "\u2013";

function rowsOf(record, f0Height) {
  return [
    soundRow(record),
    f0Row(record, f0Height),
    energyRow(record, Math.round(0.35 * f0Height)),
    ...record.levels.flatMap(levelRows),
    ...record.tiers.map((tier) => (tier.kind === "point" ? pointRow(tier) : intervalRow(tier))),
  ];
}

function soundRow(record) {
  const rate = record.waveform.length / record.duration;
  return {
    caption: ["sound"],
    height: HEIGHTS.sound,
    panel: true,
    draw(view, parent, top) {
      const middle = top + this.height / 2;
      const [first, last] = view.visible(rate, record.waveform.length);
      const edges = [[], []];
      for (let i = first; i < last; i++) {
        const size = (record.waveform[i] / 100) * (this.height / 2 - 2) + 0.3;
        const x = view.x((i + 0.5) / rate).toFixed(1);
        edges[0].push(`${x} ${(middle - size).toFixed(1)}`);
        edges[1].push(`${x} ${(middle + size).toFixed(1)}`);
      }
      const outline = [...edges[0], ...edges[1].reverse()].join("L");
      element(parent, "path", { class: "wave", d: `M${outline}Z` });
    },
    at: () => null,
  };
}

function contoursOf(record) {
  return [{ name: MEASURED, ...record.measured }, ...record.decoded];
}

function f0Row(record, height) {
  const reference = record.register.f0_median_hz;
  const contours = contoursOf(record).map(({ name, f0 }) => ({
    name,
    values: f0.map((hz) => (hz === null ? null : semitones(hz, reference))),
    f0,
  }));
  const [low, high] = f0Span(contours.flatMap(({ values }) => values));
  return {
    caption: ["F0", `st re ${reference.toFixed(0)} Hz`],
    height,
    panel: true,
    grid: ticks(low, high, height / 32).map((value) => [(high - value) / (high - low), value]),
    right: ticks(...[low, high].map((st) => reference * 2 ** (st / 12)), height / 36).map((hz) => [
      (high - semitones(hz, reference)) / (high - low),
      hz,
    ]),
    draw(view, parent, top) {
      const y = (value) => top + ((high - value) / (high - low)) * height;
      const zero = { class: "zero", x1: view.left, x2: view.right, y1: y(0), y2: y(0) };
      element(parent, "line", zero);
      drawContours(view, parent, contours, record.frame_rate, y);
      if (!view.hidden.has(MEASURED)) this.mark(view, parent, top, contours[0].values);
      if (contours[0].values.every((value) => value === null))
        writeInBox(parent, { ...view, top, bottom: y(0) }, "no voiced frame", { class: "note" });
    },
    mark(view, parent, top, values) {
      const positions = (beyond) =>
        values.flatMap((v, i) => (v !== null && beyond(v) ? [view.x(view.centre(i))] : []));
      const path =
        beyondPath(positions((v) => v > high), top + 4, -1) +
        beyondPath(positions((v) => v < low), top + height - 4, 1);
      element(parent, "path", { class: "beyond", d: path });
    },
    ...contourTexts(record, "F0", contours, ({ f0, values }, frame) => {
      if (f0[frame] === null) return "unvoiced";
      return `${signed(values[frame], 1)} st, ${f0[frame].toFixed(0)} Hz`;
    }),
  };
}

function energyRow(record, height) {
  const contours = contoursOf(record).map(({ name, energy }) => ({ name, values: energy }));
  const [low, high] = energySpan(contours.flatMap(({ values }) => values));
  return {
    caption: ["energy", "dB"],
    height,
    panel: true,
    grid: ticks(low, high, height / 16).map((value) => [(high - value) / (high - low), value]),
    draw(view, parent, top) {
      const y = (value) => top + ((high - value) / (high - low)) * height;
      drawContours(view, parent, contours, record.frame_rate, y, "thick");
    },
    ...contourTexts(record, "Energy", contours, ({ values }, frame) => {
      return `${short(values[frame], 1)} dB`;
    }),
  };
}

// `at` and `read` of a row of contours, from the text of a contour in a frame.
function contourTexts(record, name, contours, describe) {
  const last = record.measured.f0.length - 1;
  const frameAt = (time) => Math.min(Math.max(Math.floor(time * record.frame_rate), 0), last);
  return {
    at(time) {
      const lines = contours.map((contour) => [contour.name, describe(contour, frameAt(time))]);
      return { title: `${name} at ${seconds(time)}`, lines };
    },
    read: (time) => describe(contours[0], frameAt(time)),
  };
}

// Measured contours as dots or a thick line, and decoded contours as lines.
function drawContours(view, parent, contours, rate, y, measured = "dots") {
  contours.forEach(({ name, values }, index) => {
    if (view.hidden.has(name)) return;
    const [first, last] = view.visible(rate, values.length);
    const points = values
      .slice(first, last)
      .map((value, i) => value !== null && [view.x((first + i + 0.5) / rate), y(value)]);
    const path = index || measured !== "dots" ? linePath(points) : dotPath(points);
    const kind = index ? `contour prefix-${index}` : `contour ${measured}`;
    element(parent, "path", { class: kind, "data-name": name, d: path });
  });
}

// One row for the codes of a level, and one above it for its words if any.
function levelRows(level) {
  const texts = level.codes.map((codes) => codes.join(" "));
  const widest = level.codebook_sizes.map((size) => "0".repeat(String(size - 1).length)).join(" ");
  const codes = unitRow(level, texts, {
    caption: [level.name],
    // So that vertical texts fit.
    height: Math.max(HEIGHTS.codes, textWidth(widest) + 2 * PADDING + 1),
    kind: "code",
    widest,
    fills: level.colors,
  });
  if (!level.labels) return [codes];
  const words = unitRow(level, level.labels, {
    caption: [level.name],
    height: HEIGHTS.words,
    kind: "label",
  });
  return [words, { ...codes, caption: ["codes"], joined: true, read: undefined }];
}

function unitRow(level, texts, style) {
  const units = texts.map((text, i) => ({
    start: level.edges[i],
    end: level.edges[i + 1],
    text,
    fill: style.fills?.[i],
  }));
  return {
    ...style,
    draw: (view, parent, top) => drawBoxes(view, parent, top, units, style),
    at(time) {
      const i = unitAt(units, time);
      if (i < 0) return null;
      const lines = [["codes", level.codes[i].join(" ")]];
      if (level.labels) lines.unshift(["word", level.labels[i] || "(pause)"]);
      return { title: level.name, lines: [...lines, timeRange(units[i])], ...units[i] };
    },
    read(time) {
      const i = unitAt(units, time);
      if (i < 0) return NOTHING;
      return [level.labels?.[i], level.codes[i].join(" ")].filter(Boolean).join(": ");
    },
  };
}

function intervalRow(tier) {
  const units = tier.entries.map(([start, end, text]) => ({ start, end, text }));
  return {
    caption: [tier.name],
    height: HEIGHTS.tier,
    tier: true,
    draw: (view, parent, top) =>
      drawBoxes(view, parent, top, units, { height: HEIGHTS.tier, kind: "interval" }),
    at(time) {
      const unit = units[unitAt(units, time)];
      if (!unit) return null;
      const lines = [["label", unit.text || "(empty)"], timeRange(unit)];
      return { title: tier.name, lines, ...unit };
    },
    read: (time) => units[unitAt(units, time)]?.text || NOTHING,
  };
}

function unitAt(units, time) {
  return units.findIndex(({ start, end }) => start <= time && time < end);
}

function timeRange({ start, end }) {
  return ["time", `${short(start, 2)} to ${seconds(end)} (${Math.round(1000 * (end - start))} ms)`];
}

function drawBoxes(view, parent, top, units, { height, kind, widest }) {
  for (const { start, end, text, fill } of units) {
    if (end <= view.start || start >= view.end) continue;
    const left = Math.max(view.x(start), view.left - 1);
    const right = Math.min(view.x(end), view.right + 1);
    const box = { left, right, top, bottom: top + height };
    const empty = text ? "" : " empty";
    const size = { x: left, y: top, width: Math.max(right - left, 0.5), height };
    element(parent, "rect", { class: `${kind}${empty}`, ...size, ...(fill && { fill }) });
    if (text) writeInBox(parent, box, text, { class: `${kind}-text` }, widest);
  }
}

// Points, each with its label above its tick; a label that would overlap moves to a second line,
// and one that fits on neither is only shown in the tip.
function pointRow(tier) {
  const points = tier.entries.map(([time, , text]) => ({ time, text }));
  return {
    caption: [tier.name],
    height: 2 * HEIGHTS.line + 8,
    tier: true,
    draw(view, parent, top) {
      const ends = [-Infinity, -Infinity];
      for (const { time, text } of points) {
        if (time < view.start || time > view.end) continue;
        const x = view.x(time);
        const half = textWidth(text) / 2 + PADDING;
        const center = Math.min(Math.max(x, view.left + half), view.right - half);
        const line = ends.findIndex((end) => end <= center - half);
        const base = top + this.height;
        const foot = line < 0 ? 6 : 8 + (1 - line) * HEIGHTS.line;
        element(parent, "line", { class: "point", x1: x, x2: x, y1: base - foot, y2: base });
        if (line < 0) continue;
        ends[line] = center + half;
        const y = top + (line + 0.5) * HEIGHTS.line;
        const attributes = { class: "point-text", x: center, y, "text-anchor": "middle" };
        element(parent, "text", { ...attributes, "dominant-baseline": "central" }, text);
      }
    },
    at(time, reach) {
      const point = nearest(points, time, reach);
      if (!point) return null;
      const lines = [["label", point.text || "(empty)"], ["time", seconds(point.time)]];
      return { title: tier.name, lines, start: point.time, end: point.time };
    },
    read: (time, reach) => nearest(points, time, reach)?.text || NOTHING,
  };
}

function nearest(points, time, reach) {
  const distance = (point) => Math.abs(point.time - time);
  const near = points.filter((point) => distance(point) <= reach);
  return near.sort((a, b) => distance(a) - distance(b))[0];
}
