// The F0 axis holds this share of the frames and a margin (st); what lies beyond, such as
// a tracker's octave error, is marked at the edge.
const SHOWN = [0.005, 0.995];
const MARGIN = 2;
// The least that the axes span: so that a level tone looks level.
const LEAST_SEMITONES = 8;
const LEAST_DECIBELS = 10;

function semitones(hz, reference) {
  return 12 * Math.log2(hz / reference);
}

function f0Span(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (!sorted.length) return [-LEAST_SEMITONES / 2, LEAST_SEMITONES / 2];
  const [low, high] = SHOWN.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const margin = Math.max(MARGIN, (LEAST_SEMITONES - (high - low)) / 2);
  return [low - margin, high + margin];
}

function energySpan(values) {
  const high = values.reduce((a, b) => Math.max(a, b)) + 1;
  return [Math.min(values.reduce((a, b) => Math.min(a, b)) - 1, high - LEAST_DECIBELS), high];
}

// Multiples of a round step between two values, not more than `most` of them.
function ticks(low, high, most) {
  const rough = Math.max((high - low) / Math.max(most, 1), 1e-9);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high + 1e-9; n++) found.push(n * step);
  return found;
}

// A number without the rounding errors of its making, and with a minus that is one.
function short(number, digits) {
  return number.toFixed(digits).replace("-", "\u2212");
}

function seconds(time) {
  return `${short(time, 2)} s`;
}

function signed(number, digits) {
  return (number >= 0 ? "+" : "") + short(number, digits);
}
