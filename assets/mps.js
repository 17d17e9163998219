// The pledge list narrows while someone types, and says how many rows are left.
// Without this the same search is answered by the server.
(() => {
  const field = document.getElementById("find"), list = document.querySelector(".mps");
  const rows = [...list.querySelectorAll(".m")], left = list.querySelector(".tally b");
  const words = s => s.normalize("NFKD").toLowerCase()
    .replace(/\p{Mn}|['’‘]/gu, "").replace(/&/g, " and ")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim().split(" ");
  const quarter = w => w.replace(/^([ns])([ew])$/, (_, a, b) => (a == "n" ? "north" : "south") + " " + (b == "e" ? "east" : "west"));
  let texts, timer;
  const say = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { left.textContent = rows.filter(r => r.getClientRects().length).length; }, 300);
  };
  const narrow = () => {
    texts ??= rows.map(r => " " + words((r.dataset.also || "") + " " + r.cells[0].textContent + " " + r.cells[1].firstChild.textContent).join(" "));
    // A digit means a postcode, which only the server knows.
    const typed = /\p{N}/u.test(field.value) ? [] : words(words(field.value).map(quarter).join(" "));
    rows.forEach((r, i) => { r.hidden = !typed.every(w => texts[i].includes(" " + w)); });
    say();
  };
  field.addEventListener("input", narrow);
  list.addEventListener("change", say);
  if (field.value) narrow();
})();
