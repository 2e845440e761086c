// Quantiles of the frames within the F0 axis, and its margin (st); values beyond, such as octave
// errors of a tracker, are marked at the edge.
const SHOWN = [0.005, 0.995];
const MARGIN = 2;
// Smallest spans of the axes, so that a level tone looks level.
const SMALLEST_SEMITONES = 8;
const SMALLEST_DECIBELS = 10;

function semitones(hz, reference) {
  return 12 * Math.log2(hz / reference);
}

function f0Span(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (!sorted.length) return [-SMALLEST_SEMITONES / 2, SMALLEST_SEMITONES / 2];
  const [low, high] = SHOWN.map((share) => sorted[Math.round(share * (sorted.length - 1))]);
  const margin = Math.max(MARGIN, (SMALLEST_SEMITONES - (high - low)) / 2);
  return [low - margin, high + margin];
}

function energySpan(values) {
  const high = values.reduce((a, b) => Math.max(a, b)) + 1;
  return [Math.min(values.reduce((a, b) => Math.min(a, b)) - 1, high - SMALLEST_DECIBELS), high];
}

// At most `most` multiples of a round step between two values.
function ticks(low, high, most) {
  const rough = Math.max((high - low) / Math.max(most, 1), 1e-9);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const values = [];
  for (let n = Math.ceil(low / step); n * step <= high + 1e-9; n++) values.push(n * step);
  return values;
}

// A rounded number with a typographic minus sign.
function short(number, digits) {
  return number.toFixed(digits).replace("-", "\u2212");
}

function seconds(time) {
  return `${short(time, 2)} s`;
}

function signed(number, digits) {
  return (number >= 0 ? "+" : "") + short(number, digits);
}
