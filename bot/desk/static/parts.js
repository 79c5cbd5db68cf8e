// Small parts of every page: dialogs, drawers, the theme button, the toast.
import { post } from "./post.js";

export function dialogs() {
  for (const opener of document.querySelectorAll("[data-opens]")) {
    const dialog = document.getElementById(opener.dataset.opens);
    if (!dialog) continue;
    opener.hidden = false;
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
  }
  for (const closer of document.querySelectorAll("[data-closes]")) {
    closer.addEventListener("click", () => closer.closest("dialog").close());
  }
}

// One drawer at a time; Escape or a click beside it closes it.
export function drawers() {
  const open = () => document.querySelectorAll("details.drawer[open]");
  document.addEventListener("click", (event) => {
    for (const drawer of open()) if (!drawer.contains(event.target)) drawer.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const drawer of open()) {
      drawer.open = false;
      drawer.querySelector("summary").focus();
    }
  });
}

export function theme() {
  const form = document.querySelector("[data-theme-form]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const root = document.documentElement;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    const body = new FormData(form);
    body.set("theme", root.dataset.theme);
    post(form.action, body);
  });
}

// What stands in a field goes to the clipboard; without scripts the field is there to be marked by hand.
export function copies() {
  for (const button of document.querySelectorAll("[data-copies]")) {
    const field = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      // Browsers lend the clipboard to encrypted pages and to this machine only; the old way works everywhere.
      if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
      else document.execCommand("copy");
      button.querySelector("span").textContent = button.dataset.done;
    });
  }
}

// The toast belongs to one act: a reload or a bookmark must not show it again.
export function toast() {
  const address = new URL(location.href);
  if (address.searchParams.has("told")) {
    address.searchParams.delete("told");
    address.searchParams.delete("dispatch");
    history.replaceState(null, "", address);
  }
  const shown = document.querySelector("[data-toast]");
  if (!shown) return;
  const dismiss = shown.querySelector("[data-dismiss]");
  dismiss.hidden = false;
  dismiss.addEventListener("click", () => shown.remove());
  if (!shown.querySelector("form")) setTimeout(() => shown.remove(), 8000);
}
