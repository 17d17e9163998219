// For pages that people may have to leave in a hurry. Answers are fetched and
// put in place, and links within the page add nothing to its address, so that
// the window's history holds one entry for the whole visit: leaving replaces it,
// and Back then leads past it. Only where an answer cannot be fetched is its form
// sent as usual, which may add an entry. Without this script the link still
// leads away, and the forms still work.
(() => {
  const leave = document.querySelector("[data-leave] a");
  const main = document.getElementById("main");
  const times = 3; // that a key has to be pressed
  const within = 5000; // milliseconds

  const exit = () => {
    document.body.textContent = ""; // at once: the other site may be slow
    document.title = "\u00a0";
    location.replace(leave.href);
  };

  // What is said of the exit depends on whether this script runs.
  const tell = () => {
    for (const e of main.querySelectorAll("[data-scripted]")) e.hidden = false;
    for (const e of main.querySelectorAll("[data-unscripted]")) e.hidden = true;
  };
  tell();

  document.addEventListener("click", event => {
    const link = event.target.closest("a");
    if (link === leave) {
      event.preventDefault();
      exit();
    } else if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) {
      return;
    } else if (link.hreflang) {
      event.preventDefault(); // the page in another language takes the place of this one
      location.replace(link.href);
    } else if (link.matches('[href^="#"]')) {
      event.preventDefault(); // there, as the link would go, without an entry of its own
      const target = document.getElementById(link.hash.slice(1));
      target.focus({ preventScroll: true });
      target.scrollIntoView();
    }
  });

  let last = "", count = 0, since = 0;
  document.addEventListener("keydown", event => {
    if (event.repeat) return;
    if (event.key !== last || event.timeStamp - since > within) {
      last = event.key;
      count = 0;
      since = event.timeStamp;
    }
    count++;
    if (count >= times && (last === "Escape" || last === "Shift")) exit();
  });

  const show = ({ page }) => {
    const fresh = page.getElementById("main"), start = fresh?.querySelector("#errors, h1");
    if (!start) throw new Error("the answer is not ours"); // a proxy's, say
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    tell();
    start.tabIndex = -1;
    start.focus({ preventScroll: true });
    scrollTo(0, 0);
  };

  let plain = false;
  document.addEventListener("submit", event => {
    const form = event.target, button = event.submitter;
    if (plain || !button || form.method !== "post" || new URL(form.action).pathname !== location.pathname) return;
    event.preventDefault();
    const typed = new URLSearchParams(new FormData(form));
    if (button.name) typed.append(button.name, button.value);
    main.setAttribute("aria-busy", "true");
    askPage(form.action, { method: "POST", body: typed })
      .then(show)
      .catch(() => {
        plain = true; // as if there were no script
        button.click();
      })
      .finally(() => main.removeAttribute("aria-busy"));
  });

  // Whichever way the page is left, a browser that keeps whole pages for its
  // Back button gets an empty one, and starts afresh when it is shown again.
  addEventListener("pagehide", () => { main.textContent = ""; });
  addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
})();
