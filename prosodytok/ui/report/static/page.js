const $ = (id) => document.getElementById(id);
const data = (id) => JSON.parse($(id).textContent);

// Steps of the arrow keys (s), and updates of the reading during playback (1/s).
const ARROW = 0.02;
const FAR_ARROW = 0.2;
const READINGS = 10;
// Smallest number of utterances with a filter.
const FILTERED = 8;
const COLUMNS = [
  ["levels", ({ name }) => name],
  ["bit/s", ({ bitrate }) => short(bitrate, 0)],
  ["F0 MAE (cents)", ({ f0_mae }) => number(f0_mae, 0)],
  ["F0 RMSE (cents)", ({ f0_rmse }) => number(f0_rmse, 0)],
  ["voicing error (%)", ({ vde }) => number(vde === null ? null : 100 * vde, 1)],
  ["energy RMSE (dB)", ({ energy_rmse }) => number(energy_rmse, 1)],
];

// Sources of word boundaries.
const SOURCES = {
  acoustic: "acoustic rules",
  learned: "boundary model",
  textgrid: "from a TextGrid",
  transcript: "aligned with a transcript",
};

const index = data("index");
const player = new Player(() => playingChanged());
const view = new View($("chart"), { seek, zoom: zoomed, hover: showTip });
let record = null;
let chosen = -1;
let sound = "";
let lastReading = 0;

function make(parent, tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

function number(value, digits) {
  return value === null ? "n/a" : short(value, digits);
}

// The list

function fillList() {
  index.utterances.forEach(({ id, duration, text }, i) => {
    const button = make(make($("list"), "li"), "button", "", { type: "button" });
    make(button, "b", id, { dir: "auto" });
    make(button, "span", seconds(duration), { class: "length" });
    make(button, "span", text, { class: "words", dir: "auto" });
    button.addEventListener("click", () => {
      choose(i);
      $("chart").focus({ preventScroll: true });
    });
  });
  $("utterances").hidden = index.utterances.length < 2;
  $("together").hidden = index.utterances.length < 2;
  $("filter").hidden = index.utterances.length < FILTERED;
  $("filter").addEventListener("input", filter);
}

function filter() {
  const wanted = $("filter").value.trim().toLowerCase();
  const items = [...$("list").children];
  items.forEach((item, i) => {
    const { id, text } = index.utterances[i];
    item.hidden = !`${id} ${text}`.toLowerCase().includes(wanted);
  });
  $("none").hidden = items.some((item) => !item.hidden);
}

// Go to the next (1) or the previous (-1) utterance that matches the filter.
function step(direction) {
  const items = [...$("list").children];
  let i = chosen + direction;
  while (items[i]?.hidden) i += direction;
  if (items[i]) choose(i);
}

function choose(i) {
  chosen = i;
  record = data(`utterance-${i}`);
  [...$("list").children].forEach((item, j) => {
    if (i === j) item.firstChild.setAttribute("aria-current", "true");
    else item.firstChild.removeAttribute("aria-current");
  });
  $("list").children[i].scrollIntoView({ block: "nearest" });
  $("name").textContent = record.id;
  $("text").textContent = record.text;
  $("problem").hidden = true;
  $("chart").setAttribute("aria-valuemax", record.duration);
  player.load(record.sounds, record.duration);
  fillSounds();
  fillContours();
  fillTable($("errors"), record.scores);
  $("register").textContent = describeRegister();
  $("doubts").textContent = `⚠ ${record.warnings.join("; ")}`;
  $("doubts").hidden = !record.warnings.length;
  view.show(record);
  moveTo(0);
}

// Choice of sounds and contours

function fillChoices(id, type, names, checked, onchange) {
  $(id).querySelectorAll("label").forEach((label) => label.remove());
  names.forEach((name, i) => {
    const label = make($(id), "label");
    const input = make(label, "input", "", { type, name: id, value: name });
    input.checked = checked(name, i);
    input.addEventListener("change", () => onchange(name, input.checked));
    label.append(` ${name}`);
  });
}

function fillSounds() {
  const names = record.sounds.map(({ name }) => name);
  if (!names.includes(sound)) sound = names[0];
  fillChoices("sounds", "radio", names, (name) => name === sound, listenTo);
}

function fillContours() {
  const names = [MEASURED, ...record.decoded.map(({ name }) => name)];
  fillChoices("contours", "checkbox", names, (name) => !view.hidden.has(name), (name, shown) => {
    if (shown) view.hidden.delete(name);
    else view.hidden.add(name);
    view.draw();
  });
  $("contours").querySelectorAll("input").forEach((input, i) => {
    const swatch = document.createElementNS(SVG, "svg");
    swatch.setAttribute("class", "swatch");
    swatch.setAttribute("aria-hidden", "true");
    const kind = i ? `contour prefix-${i}` : "contour dots";
    element(swatch, "path", { class: kind, d: i ? "M1 5H27" : "M3 5h0M10 5h0M17 5h0M24 5h0" });
    input.after(swatch);
  });
}

// Playing

function listenTo(name) {
  sound = name;
  attempt(player.change(name));
}

// Play the visible range, from the cursor if it is within; or stop.
function toggle() {
  if (player.playing) {
    moveTo(player.time);
    player.stop();
    return;
  }
  const inside = view.time >= view.start && view.time < view.end - 0.01;
  attempt(player.play(sound, inside ? view.time : view.start, view.end));
}

async function attempt(promise) {
  try {
    await promise;
  } catch (error) {
    $("problem").textContent = `This browser cannot play the sound: ${error.message}`;
    $("problem").hidden = false;
  }
}

function playingChanged() {
  $("play").textContent = player.playing ? "Stop" : "Play";
  document.body.dataset.playing = player.playing ? sound : "";
  if (player.playing) requestAnimationFrame(follow);
  else if (player.to - view.time < 0.1) moveTo(player.to);
}

function follow() {
  if (!player.playing) return;
  moveTo(player.time, performance.now() - lastReading > 1000 / READINGS);
  requestAnimationFrame(follow);
}

function seek(time) {
  moveTo(time);
  if (player.playing) attempt(player.play(sound, time, view.end));
}

// Playback ends with the visible range.
function zoomed() {
  if (!player.playing) return;
  if (player.time >= view.start && player.time <= view.end) player.until(view.end);
  else player.stop();
}

function moveTo(time, read = true) {
  const position = Math.min(Math.max(time, 0), record.duration);
  view.cursor(position);
  $("clock").textContent = `${short(position, 2)} / ${seconds(record.duration)}`;
  if (read) writeReading(position);
}

// Values at the cursor and in the tip

function writeReading(time) {
  lastReading = performance.now();
  const reading = view.reading(time);
  $("reading").replaceChildren();
  for (const [caption, text] of reading) {
    const group = make($("reading"), "div");
    make(group, "dt", caption, { dir: "auto" });
    make(group, "dd", text, { dir: "auto" });
  }
  $("chart").setAttribute("aria-valuenow", time.toFixed(2));
  const texts = reading.filter(([, text]) => text !== NOTHING).map((pair) => pair.join(" "));
  $("chart").setAttribute("aria-valuetext", [seconds(time), ...texts].join(", "));
}

function showTip(info, x, y) {
  const tip = $("tip");
  tip.hidden = !info;
  if (!info) return;
  tip.replaceChildren();
  make(tip, "b", info.title, { dir: "auto" });
  const table = make(tip, "table");
  for (const [name, value] of info.lines) {
    const row = make(table, "tr");
    make(row, "th", name, { scope: "row" });
    make(row, "td", value, { dir: "auto" });
  }
  const room = $("stage").clientWidth - tip.offsetWidth;
  tip.style.left = `${Math.max(0, Math.min(x + 14, room))}px`;
  const below = y + 18 + tip.offsetHeight < $("stage").clientHeight;
  tip.style.top = `${below ? y + 18 : y - tip.offsetHeight - 10}px`;
}

function fillTable(table, rows) {
  table.replaceChildren();
  const head = make(make(table, "thead"), "tr");
  COLUMNS.forEach(([name]) => make(head, "th", name, { scope: "col" }));
  const body = make(table, "tbody");
  for (const row of rows) {
    const line = make(body, "tr");
    COLUMNS.forEach(([, value], i) => {
      if (i) make(line, "td", value(row));
      else make(line, "th", value(row), { scope: "row" });
    });
  }
}

function describeRegister() {
  const { f0_median_hz, f0_spread_st, energy_level_db, word_rate_hz } = record.register;
  const rates = Object.entries(record.scores.at(-1).rates);
  const bits = rates.map(([name, rate]) => `${name} ${short(rate, 1)}`).join(", ");
  const voice = [
    `median F0 ${f0_median_hz.toFixed(0)} Hz`,
    `spread ${f0_spread_st.toFixed(1)} st`,
    `level ${short(energy_level_db, 0)} dB`,
    `${word_rate_hz.toFixed(1)} words per second`,
  ].join(", ");
  const words = SOURCES[record.source] ?? record.source;
  return `Bits per second: ${bits}. Voice: ${voice}. Words: ${words}. File: ${record.audio}.`;
}

// Keys

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { type, tagName } = event.target;
  const [typing, choosing] = [type === "search", type === "radio"];
  const ownSpace = typing || type === "checkbox" || tagName === "BUTTON" || tagName === "SUMMARY";
  const far = event.shiftKey ? FAR_ARROW : ARROW;
  const actions = {
    " ": ownSpace ? null : toggle,
    ArrowLeft: typing || choosing ? null : () => seek(Math.max(view.time - far, 0)),
    ArrowRight: typing || choosing ? null : () => seek(Math.min(view.time + far, record.duration)),
    Home: typing ? null : () => seek(view.start),
    "+": () => view.zoomIn(STEP),
    "=": () => view.zoomIn(STEP),
    "-": () => view.zoomIn(1 / STEP),
    0: () => view.zoom(),
    n: () => step(1),
    p: () => step(-1),
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = typing ? null : (actions[key] ?? soundOfKey(key));
  if (!action) return;
  event.preventDefault();
  action();
}

function soundOfKey(key) {
  const radio = $("sounds").querySelectorAll("input")[Number(key) - 1];
  return radio ? () => radio.click() : null;
}

function describeAll() {
  const total = index.utterances.reduce((sum, { duration }) => sum + duration, 0);
  const count = index.utterances.length;
  const many = count === 1 ? "One utterance" : `${count} utterances`;
  $("summary").textContent = `${many}, ${seconds(total)}. Checkpoint: ${index.checkpoint}.`;
}

fillList();
describeAll();
fillTable($("all-errors"), index.scores);
$("play").addEventListener("click", toggle);
$("closer").addEventListener("click", () => view.zoomIn(STEP));
$("farther").addEventListener("click", () => view.zoomIn(1 / STEP));
$("whole").addEventListener("click", () => view.zoom());
document.addEventListener("keydown", onKey);
choose(0);
