// The preview beside a letter follows what is typed. Without this script a
// button does the same.
const form = document.querySelector("form[data-look]");
let timer, asked = 0;

async function look() {
  const mine = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "look");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("look");
    if (fresh && mine === asked) document.getElementById("look").replaceWith(fresh);
  } catch {
    // Offline, or the page is being left: what is shown stays.
  }
}

form?.addEventListener("input", (e) => {
  if (e.target.name === "note") return;
  clearTimeout(timer);
  timer = setTimeout(look, 350);
});
