// Below this width (px), captions are above their rows instead of beside them.
const NARROW = 640;
const GAP = 7;
const CAPTION = 15;
const AXIS = 34;
// Largest movement of a click, and distance of the pointer from a point (px).
const CLICK = 4;
const REACH = 8;
// Shortest visible range (s), and factor of one zoom step.
const SHORTEST = 0.05;
const STEP = 1.6;

// Chart of an utterance: draws the rows, and converts pointer events to calls of `events`:
// `seek(time)`, `zoom()`, `hover(info, x, y)`.
class View {
  constructor(svg, events) {
    Object.assign(this, { svg, events, hidden: new Set(), record: null });
    this.listen();
    const resized = () => this.availableWidth !== this.width && this.draw();
    new ResizeObserver(resized).observe(svg.parentElement);
  }

  show(record) {
    Object.assign(this, { record, rows: null, start: 0, end: record.duration, time: 0 });
    this.draw();
  }

  // Available width (px).
  get availableWidth() {
    return Math.max(this.svg.parentElement.clientWidth, 240);
  }

  get zoomed() {
    return this.end - this.start < this.record.duration - 1e-9;
  }

  // Show a range (s), by default the whole utterance.
  zoom(start = 0, end = this.record.duration) {
    const length = Math.min(Math.max(end - start, SHORTEST), this.record.duration);
    this.start = Math.min(Math.max(start, 0), this.record.duration - length);
    this.end = this.start + length;
    this.draw();
    this.events.zoom();
  }

  // Zoom in (a factor above 1) about a time, which keeps its position.
  zoomIn(factor, time = this.middle) {
    const left = (time - this.start) / factor;
    this.zoom(time - left, time - left + (this.end - this.start) / factor);
  }

  get middle() {
    const visible = this.time >= this.start && this.time <= this.end;
    return visible ? this.time : (this.start + this.end) / 2;
  }

  x(time) {
    const share = (time - this.start) / (this.end - this.start);
    return this.left + share * (this.right - this.left);
  }

  timeAt(x) {
    const share = (x - this.left) / (this.right - this.left);
    const time = this.start + share * (this.end - this.start);
    return Math.min(Math.max(time, this.start), this.end);
  }

  centre(frame) {
    return (frame + 0.5) / this.record.frame_rate;
  }

  // First and last visible value of `count` at a rate, with one more beyond each edge.
  visible(rate, count) {
    const first = Math.max(0, Math.floor(this.start * rate) - 1);
    return [first, Math.min(count, Math.ceil(this.end * rate) + 1)];
  }

  draw() {
    if (!this.record) return;
    this.layOut();
    this.svg.replaceChildren();
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", this.height);
    const clip = element(element(this.svg, "defs"), "clipPath", { id: "plot" });
    element(clip, "rect", this.plot(0, this.height));
    this.rows.forEach((row) => this.drawRow(row));
    this.drawAxis();
    this.drawOverlay();
    this.cursor(this.time);
  }

  layOut() {
    this.width = this.availableWidth;
    this.narrow = this.width < NARROW;
    this.left = this.narrow ? 34 : 108;
    this.right = this.width - (this.narrow ? 46 : 52);
    const f0Height = Math.round(Math.min(Math.max(0.17 * this.width, 170), 380));
    if (!this.rows || f0Height !== this.f0Height) this.rows = rowsOf(this.record, f0Height);
    this.f0Height = f0Height;
    let top = 0;
    this.rows.forEach((row, i) => {
      const gap = row.joined ? 0 : row.tier && !this.rows[i - 1].tier ? 2 * GAP : GAP;
      row.top = top + gap + (this.narrow && !row.joined ? CAPTION : 0);
      top = row.top + row.height;
    });
    this.bottom = top;
    this.height = top + AXIS;
  }

  plot(top, height) {
    return { x: this.left, y: top, width: this.right - this.left, height };
  }

  drawRow(row) {
    this.drawCaption(row);
    if (row.panel) element(this.svg, "rect", { class: "panel", ...this.plot(row.top, row.height) });
    this.drawGrid(row);
    const group = element(this.svg, "g", { "clip-path": "url(#plot)", "data-row": row.caption[0] });
    if (row.panel) this.drawPhrases(group, row);
    row.draw(this, group, row.top);
  }

  drawCaption({ caption, top, height, joined }) {
    if (this.narrow) {
      const position = { class: "caption", x: this.left, y: top - 4 };
      const shown = truncate(caption.join(", "), this.right - this.left);
      if (!joined) element(this.svg, "text", position, shown);
      return;
    }
    caption.forEach((line, i) => {
      const y = top + height / 2 + (i - (caption.length - 1) / 2) * 14;
      const attributes = { class: i ? "caption unit" : "caption", x: 0, y };
      const shown = truncate(line, this.left - 30);
      const position = { ...attributes, "dominant-baseline": "central" };
      const text = element(this.svg, "text", position, shown);
      if (shown !== line) element(text, "title", {}, line);
    });
  }

  drawGrid({ grid = [], right = [], top, height }) {
    for (const [share, value] of grid) {
      const y = top + share * height;
      element(this.svg, "line", { class: "grid", x1: this.left, x2: this.right, y1: y, y2: y });
      const position = { class: "tick", x: this.left - 5, y, "text-anchor": "end" };
      element(this.svg, "text", { ...position, "dominant-baseline": "central" }, short(value, 0));
    }
    right.forEach(([share, value], i) => {
      const position = { class: "tick", x: this.right + 5, y: top + share * height };
      const text = short(value, 0) + (i === right.length - 1 ? " Hz" : "");
      element(this.svg, "text", { ...position, "dominant-baseline": "central" }, text);
    });
  }

  drawPhrases(parent, { top, height }) {
    const phrase = this.record.levels.find(({ name }) => name === "phrase");
    for (const edge of phrase ? phrase.edges.slice(1, -1) : []) {
      const x = this.x(edge);
      element(parent, "line", { class: "edge", x1: x, x2: x, y1: top, y2: top + height });
    }
  }

  drawAxis() {
    const marks = ticks(this.start, this.end, (this.right - this.left) / 70);
    const step = marks.length > 1 ? marks[1] - marks[0] : 1;
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    const y = this.bottom + 5;
    element(this.svg, "line", { class: "axis", x1: this.left, x2: this.right, y1: y, y2: y });
    marks.forEach((time, i) => {
      const x = this.x(time);
      element(this.svg, "line", { class: "axis", x1: x, x2: x, y1: y, y2: y + 4 });
      const text = short(time, digits) + (i === marks.length - 1 ? " s" : "");
      element(this.svg, "text", { class: "tick", x, y: y + 16, "text-anchor": "middle" }, text);
    });
  }

  drawOverlay() {
    const whole = this.plot(0, this.bottom);
    const group = element(this.svg, "g", { "clip-path": "url(#plot)" });
    this.band = element(group, "rect", { class: "band", ...whole, visibility: "hidden" });
    this.selection = element(group, "rect", { class: "selection", ...whole, visibility: "hidden" });
    this.line = element(group, "line", { class: "cursor", y1: 0, y2: this.bottom });
  }

  cursor(time) {
    this.time = time;
    const x = this.x(time).toFixed(1);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
  }

  mark(rect, start, end) {
    rect.setAttribute("x", this.x(start));
    rect.setAttribute("width", Math.max(this.x(end) - this.x(start), 1));
    rect.setAttribute("visibility", "visible");
  }

  // Short texts of the rows at a time: pairs of caption and text.
  reading(time) {
    const rows = this.rows.filter((row) => row.read);
    return rows.map((row) => [row.caption[0], row.read(time, this.reach)]);
  }

  // Largest distance of the pointer from a point (s).
  get reach() {
    return (REACH * (this.end - this.start)) / (this.right - this.left);
  }

  listen() {
    const { svg } = this;
    svg.addEventListener("pointerdown", (event) => this.press(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.release(event));
    svg.addEventListener("pointercancel", () => this.cancelDrag());
    svg.addEventListener("pointerleave", () => this.leave());
    svg.addEventListener("dblclick", () => this.zoom());
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  position(event) {
    const box = this.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  press(event) {
    if (event.button) return;
    this.pressed = this.position(event)[0];
    this.svg.setPointerCapture(event.pointerId);
    this.leave();
  }

  move(event) {
    const [x, y] = this.position(event);
    if (this.pressed === undefined) this.hover(x, y);
    else if (Math.abs(x - this.pressed) > CLICK) this.mark(this.selection, ...this.dragged(x));
  }

  release(event) {
    if (this.pressed === undefined) return;
    const [x] = this.position(event);
    const moved = Math.abs(x - this.pressed) > CLICK;
    const range = this.dragged(x);
    this.cancelDrag();
    if (moved) this.zoom(...range);
    else this.events.seek(this.timeAt(x));
  }

  dragged(x) {
    return [this.timeAt(this.pressed), this.timeAt(x)].sort((a, b) => a - b);
  }

  cancelDrag() {
    this.pressed = undefined;
    this.selection.setAttribute("visibility", "hidden");
  }

  hover(x, y) {
    const row = this.rows.find(({ top, height }) => y >= top && y <= top + height);
    const inside = row && x >= this.left && x <= this.right;
    const info = inside ? row.at(this.timeAt(x), this.reach) : null;
    if (info?.start !== undefined) this.mark(this.band, info.start, info.end);
    else this.band.setAttribute("visibility", "hidden");
    this.events.hover(info, x, y);
  }

  leave() {
    this.band?.setAttribute("visibility", "hidden");
    this.events.hover(null);
  }

  wheel(event) {
    const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoomIn(Math.exp(-event.deltaY / 250), this.timeAt(this.position(event)[0]));
    } else if (this.zoomed && Math.abs(along) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
      event.preventDefault();
      const shift = (along * (this.end - this.start)) / (this.right - this.left);
      this.zoom(this.start + shift, this.end + shift);
    }
  }
}
