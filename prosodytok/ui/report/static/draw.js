const SVG = "http://www.w3.org/2000/svg";
const FONT_SIZE = 11;
// Padding between a text and the edge of its box (px).
const PADDING = 2;

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();

function element(parent, name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

function textWidth(text) {
  if (!widths.has(text)) {
    ruler.font = `${FONT_SIZE}px ${getComputedStyle(document.body).fontFamily}`;
    widths.set(text, ruler.measureText(text).width);
  }
  return widths.get(text);
}

// Truncate a text with an ellipsis to a width in pixels.
function truncate(text, width) {
  if (textWidth(text) <= width) return text;
  let kept = [...text];
  while (kept.length && textWidth(`${kept.join("")}\u2026`) > width) kept = kept.slice(0, -1);
  return kept.length ? `${kept.join("")}\u2026` : "";
}

// Write a text into a box: horizontally if it fits, else vertically if it fits. `widest` is
// measured instead, so that all texts of equal boxes have the same rotation.
function writeInBox(parent, box, text, attributes, widest = text) {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const [long, high] = [textWidth(widest) + 2 * PADDING, FONT_SIZE + PADDING];
  const x = (box.left + box.right) / 2;
  const y = (box.top + box.bottom) / 2;
  const position = { x, y, "text-anchor": "middle", "dominant-baseline": "central", ...attributes };
  if (long <= width && high <= height) element(parent, "text", position, text);
  else if (long <= height && high <= width)
    element(parent, "text", { ...position, transform: `rotate(-90 ${x} ${y})` }, text);
}

// A line with gaps at missing points; an isolated point is a dot.
function linePath(points) {
  let path = "";
  points.forEach((point, i) => {
    if (!point) return;
    const begins = !points[i - 1];
    path += `${begins ? "M" : "L"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    if (begins && !points[i + 1]) path += "h0";
  });
  return path;
}

function dotPath(points) {
  const dots = points.filter(Boolean).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  return dots.join("");
}

// Triangles at an edge of a panel, pointing outwards (`direction` 1 is down).
function beyondPath(places, y, direction) {
  const tip = y + 4 * direction;
  return places.map((x) => `M${x.toFixed(1)} ${tip}l-3 ${-4 * direction}h6z`).join("");
}
