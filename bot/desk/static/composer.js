// The reply while somebody writes it: gaps and hits are marked, the length is counted, every pause saves.
import { post } from "./post.js";

const GAP = /\[(?=[^[\]\n]*\p{L})[^[\]\n]{1,60}\]/gu;
const PAUSE = 1200;

// A hit is marked as long as its words still stand where the gate read them.
function mirror(text, shown, hits) {
  const gaps = [...text.matchAll(GAP)].map((found) => ({ start: found.index, words: found[0], kind: "gap", tone: "hold" }));
  const still = hits.filter(({ start, words }) => words && text.startsWith(words, start));
  const parts = [];
  let place = 0;
  for (const { start, words, kind, tone } of [...gaps, ...still].sort((one, other) => one.start - other.start)) {
    if (start < place) continue;
    const mark = document.createElement("mark");
    mark.className = kind;
    mark.dataset.outcome = tone;
    mark.textContent = words;
    parts.push(text.slice(place, start), mark);
    place = start + words.length;
  }
  shown.replaceChildren(...parts, `${text.slice(place)}\n`);
}

const ADDRESS = /https?:\/\/[^\s<>]+/gu;
const EMOJI = /\p{RGI_Emoji}/v;

function signs(text) {
  return [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)].map((each) => each.segment);
}

// Alphabets up to Georgian and common punctuation weigh one unit on X, everything else two; an address weighs 23.
function weight(sign) {
  if (EMOJI.test(sign)) return 2;
  const light = (code) => code < 4352 || (code > 8191 && code < 8206) || (code > 8207 && code < 8224) || (code > 8241 && code < 8248);
  return [...sign].reduce((sum, letter) => sum + (light(letter.codePointAt(0)) ? 1 : 2), 0);
}

// A first idea while typing; what counts is the count of the server, which refuses and never cuts.
const LENGTHS = {
  bluesky: (text) => signs(text).length,
  mastodon: (text) => [...text.replace(ADDRESS, "x".repeat(23)).replace(/(@[\w.-]+)@[\w.-]+/gu, "$1")].length,
  x: (text) => signs(text.normalize("NFC").replace(ADDRESS, "x".repeat(23))).reduce((sum, sign) => sum + weight(sign), 0),
};

function count(form, area) {
  const length = (LENGTHS[area.dataset.platform] ?? ((text) => [...text].length))(area.value);
  const limit = Number(area.dataset.limit);
  form.querySelector("meter").value = length;
  const told = form.querySelector("[data-count]");
  told.textContent = `${length} / ${limit}`;
  told.classList.toggle("over", length > limit);
}

// A filled gap goes into the text at once; its row leaves.
function gaps(form, area, changed) {
  for (const row of form.querySelectorAll("[data-gap]")) {
    const [name, value] = row.querySelectorAll("input");
    value.addEventListener("change", () => {
      const told = value.value.trim();
      if (!told) return;
      area.value = area.value.replace(`[${name.value}]`, () => told);
      row.remove();
      if (!form.querySelector("[data-gap]")) form.querySelector("[data-gap-hint]")?.remove();
      changed();
    });
  }
}

export function composer() {
  const form = document.querySelector("[data-composer]");
  const area = form?.querySelector("textarea");
  if (!area) return null;
  const saved = form.querySelector("[data-saved]");
  let timer = 0;
  let saving = null;
  let kept = area.value;
  const listeners = [];
  let hits = [];
  const draw = () => mirror(area.value, form.querySelector("[data-mirror]"), hits);

  async function save() {
    clearTimeout(timer);
    if (area.value === kept) return;
    const sent = area.value;
    const body = new FormData(form);
    body.delete("gap");
    body.delete("gap-name");
    const answer = await post(form.dataset.save, body, { headers: { Accept: "application/json" } });
    const known = answer.status === 200 || answer.status === 409 ? await answer.json() : {};
    if (known.version) {
      form.elements.version.value = known.version;
      kept = sent;
    }
    if (known.told) saved.textContent = known.told;
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      saving = save().catch(() => {}).finally(() => { saving = null; });
    }, PAUSE);
  }

  function changed() {
    draw();
    count(form, area);
    schedule();
    for (const listener of listeners) listener();
  }

  area.addEventListener("input", changed);
  gaps(form, area, changed);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    const by = event.submitter;
    saving.then(() => form.requestSubmit(by));
  });
  draw();
  count(form, area);
  return {
    form,
    area,
    onChange: (listener) => listeners.push(listener),
    mark: (found) => {
      hits = found;
      draw();
    },
  };
}
