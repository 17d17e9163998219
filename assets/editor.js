// The preview beside a letter follows what is typed. Without this script a
// button does the same.
const form = document.querySelector("form[data-look]");
let timer, asking;

async function look() {
  asking?.abort();
  asking = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "look");
  try {
    const { page } = await askPage(form.action, { method: "POST", body, signal: asking.signal });
    const fresh = page.getElementById("look");
    if (fresh) document.getElementById("look").replaceWith(fresh);
  } catch {
    // Offline, or something newer is asked for: what is shown stays.
  }
}

form?.addEventListener("input", (e) => {
  if (e.target.name === "note") return;
  clearTimeout(timer);
  timer = setTimeout(look, 350);
});
form?.addEventListener("submit", () => {
  clearTimeout(timer);
  asking?.abort();
});
