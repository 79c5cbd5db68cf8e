// Opening a case from the list takes it at once: the link becomes the form that the case's own page has as a button.
export function opening() {
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!row?.dataset.opening || !plain) return;
    event.preventDefault();
    const form = document.createElement("form");
    form.method = "post";
    form.action = row.dataset.opening;
    document.body.append(form);
    form.submit();
  });
}
