// Runs once, when the page has loaded. The content of `element` is replaced later, so all listeners
// are attached to `element` itself or to the document.
const tokens = (level) => [...element.querySelectorAll(`.token[data-level="${level}"]`)];

const selectToken = (button) => {
  for (const other of element.querySelectorAll('.token[aria-pressed="true"]')) {
    other.setAttribute("aria-pressed", "false");
  }
  button.setAttribute("aria-pressed", "true");
  trigger("click", { level: button.dataset.level, unit: Number(button.dataset.unit) });
};

element.addEventListener("click", (event) => {
  const button = event.target.closest(".token");
  if (button) selectToken(button);
});

// Arrow keys move the focus between tokens of a level, since frames are narrow.
element.addEventListener("keydown", (event) => {
  const button = event.target.closest(".token");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!button || !step) return;
  event.preventDefault();
  const level = tokens(button.dataset.level);
  level[level.indexOf(button) + step]?.focus();
});

// A cursor follows playback in the figure. Media events do not bubble, so they are captured.
const follow = (audio) => {
  const figure = element.querySelector(".figure");
  const cursor = figure?.querySelector(".cursor");
  if (!cursor) return;
  const { start, end, duration } = figure.dataset;
  const share = Number(start) + (end - start) * Math.min(1, audio.currentTime / duration);
  cursor.hidden = audio.currentTime === 0;
  cursor.style.left = `${100 * share}%`;
  if (!audio.paused) requestAnimationFrame(() => follow(audio));
};
for (const name of ["play", "seeked", "ended"]) {
  document.addEventListener(name, (event) => {
    const audio = event.target;
    if (!audio.closest?.(".sound")) return;
    if (name === "play") {
      for (const other of document.querySelectorAll(".sound audio")) {
        if (other !== audio) other.pause();
      }
    }
    follow(audio);
  }, true);
}
