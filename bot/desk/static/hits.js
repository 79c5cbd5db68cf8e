// The words that rules mind. Their list comes with the consent panel and stands under the text while one writes; the
// text marks them, and a press on the words in the list selects them there.

// The gate counts code points of the trimmed text, a text area counts UTF-16 units of all of it.
function place(asked, item) {
  const signs = [...asked.trim()];
  const before = signs.slice(0, Number(item.dataset.start)).join("");
  const words = signs.slice(Number(item.dataset.start), Number(item.dataset.end)).join("");
  return { start: asked.length - asked.trimStart().length + before.length, words };
}

function button(words, title, { area }, { start, words: whole }) {
  const made = document.createElement("button");
  made.type = "button";
  made.title = title;
  made.textContent = words.textContent;
  made.addEventListener("click", () => {
    area.focus();
    if (area.value.startsWith(whole, start)) area.setSelectionRange(start, start + whole.length);
  });
  return made;
}

let standing = null;

export function takeHits(panel, writing, asked) {
  const here = writing.form.querySelector("[data-hits-here]");
  const fresh = panel.querySelector("[data-hits]");
  fresh?.remove();
  const known = `${asked}\n${fresh?.outerHTML ?? ""}`;
  if (known === standing || here.contains(document.activeElement)) return;
  standing = known;
  const marks = [];
  for (const item of fresh?.querySelectorAll("li") ?? []) {
    const found = { ...place(asked, item), kind: "hint", tone: item.dataset.outcome };
    const words = item.querySelector("q");
    if (!words) continue;
    words.replaceWith(button(words, here.dataset.show, writing, found));
    marks.push(found);
  }
  writing.mark(marks);
  here.replaceChildren(...(fresh ? [fresh] : []));
  const told = writing.form.querySelector("[data-hits-told]");
  const title = fresh?.querySelector("h3").textContent ?? "";
  if (told.textContent !== title) told.textContent = title;
}
