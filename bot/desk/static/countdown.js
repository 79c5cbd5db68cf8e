// Seconds to a reply's departure. The number is the truth, the ring is its picture; both stop at nought.
function ring(shape) {
  if (shape.hasAttribute("data-paused")) return;
  const [text, arc] = [shape.querySelector("text"), shape.querySelector(".left")];
  const end = performance.now() + Number(shape.dataset.left) * 1000;
  const whole = Number(shape.dataset.whole);
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    text.textContent = left;
    arc.setAttribute("stroke-dashoffset", String(100 - (100 * left) / whole));
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}

function word(toast) {
  const told = toast.querySelector("[data-left]");
  const end = performance.now() + Number(toast.dataset.due) - Number(toast.dataset.now);
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left <= 0) {
      toast.remove();
      return;
    }
    told.textContent = told.textContent.replace(/\d+/, String(left));
    setTimeout(tick, 250);
  };
  tick();
}

export function countdowns() {
  document.querySelectorAll(".ring[data-left]").forEach(ring);
  document.querySelectorAll("[data-toast][data-due]").forEach(word);
}
