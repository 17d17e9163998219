// Buttons that copy what is to be pasted. Without them it can be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy), said = document.getElementById(field.id + "-copied");
  button.hidden = false;
  button.addEventListener("click", async () => {
    said.textContent = "";
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand("copy")) return; // it is selected, at least
    }
    said.textContent = said.dataset.copied;
  });
}
