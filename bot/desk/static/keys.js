// Single keys, only outside fields; never with Alt, Option or AltGr, which people need for "@" and "€".
const field = "input, textarea, select, [contenteditable]";

const rows = () => [...document.querySelectorAll("[data-row]")];

function move(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement.closest?.("[data-row]"));
  const current = here >= 0 ? here : all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(current + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function drawer(name) {
  const found = document.querySelector(`[data-drawer="${name}"]`);
  if (!found) return;
  found.open = true;
  found.querySelector("button, input").focus();
}

const acts = {
  j: () => move(1),
  k: () => move(-1),
  r: () => document.getElementById("reply-text")?.focus(),
  e: () => drawer("e"),
  x: () => drawer("x"),
  f: () => document.querySelector('[data-key="f"]')?.click(),
  t: () => document.querySelector('[data-key="t"]')?.click(),
  i: () => document.querySelector('[data-key="i"]')?.click(),
  n: () => document.querySelector('[data-key="n"]')?.click(),
  u: () => document.querySelector('[data-key="u"]')?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
  Enter: (event) => {
    if (event.target !== document.body) return false;
    (document.querySelector('[data-key="Enter"]') ?? (document.body.dataset.pane === "list" ? rows()[0] : null))?.click();
  },
};

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.getModifierState("AltGraph") || event.isComposing || event.repeat) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "Enter" && !document.querySelector("dialog[open]")) {
        document.querySelector("[data-approve]")?.click();
      }
      return;
    }
    const busy = event.target.closest?.(field) || document.querySelector("dialog[open]");
    if (document.body.dataset.shortcuts !== "1" || busy) return;
    const act = acts[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });
}
