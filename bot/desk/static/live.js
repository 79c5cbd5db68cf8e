// What changes elsewhere: new cases wait behind a button, the badge counts, the consent panel follows the words.
import { takeHits } from "./hits.js";
import { get, post } from "./post.js";

const EVERY = 3000;
const PANEL = 5000;
const AFTER_TYPING = 700;

function news(told) {
  const button = document.querySelector("[data-news]");
  if (!button) return;
  button.hidden = !told;
  button.querySelector("span").textContent = told;
}

function badge(count) {
  const shown = document.querySelector('[data-live="outbox"]');
  if (!shown) return;
  shown.textContent = count;
  shown.hidden = !count;
}

function offline(on) {
  const banner = document.querySelector("[data-offline]");
  if (banner) banner.hidden = !on;
}

function poll() {
  const { changes, mark } = document.body.dataset;
  if (!changes) return;
  const list = document.querySelector("[data-list]");
  const address = `${changes}?since=${list?.dataset.since ?? 0}&lane=${list?.dataset.laneShown ?? ""}`;
  let known = `"${mark}"`;
  const look = async () => {
    try {
      const answer = await get(address, { "If-None-Match": known });
      offline(answer.status === 401 || answer.status >= 500);
      if (answer.status !== 200) return;
      known = answer.headers.get("ETag");
      const told = await answer.json();
      news(told.news);
      badge(told.outbox);
      document.querySelector("[data-stopped]")?.toggleAttribute("hidden", !told.stopped);
      if (document.querySelector("[data-leaving]") && !document.querySelector("details[open]")) location.reload();
    } catch {
      offline(true);
    }
  };
  setInterval(() => { if (!document.hidden) look(); }, EVERY);
}

function panel(writing) {
  const place = document.querySelector("[data-panel]");
  if (!place) return;
  let running = null;
  let timer = 0;
  const look = async () => {
    if (document.hidden || place.contains(document.activeElement) || place.querySelector("details.drawer[open]")) return;
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const asked = writing?.area.value;
    try {
      const answer = writing
        ? await post(place.dataset.preview, new FormData(writing.form), { signal })
        : await get(place.dataset.panel);
      if (answer.status !== 200) return;
      const wasOpen = place.querySelector("details.calm")?.open;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      place.replaceChildren(...fresh.childNodes);
      const calm = place.querySelector("details.calm");
      if (calm && wasOpen) calm.open = true;
      if (writing) takeHits(place, writing, asked);
    } catch {
      // Typing on cancels the older question; a lost line is told by the poll.
    }
  };
  if (writing) takeHits(place, writing, writing.area.value);
  setInterval(look, PANEL);
  writing?.onChange(() => {
    clearTimeout(timer);
    timer = setTimeout(look, AFTER_TYPING);
  });
}

export function live(writing) {
  poll();
  panel(writing);
}
