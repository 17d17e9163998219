// The dashboard without reloading: it takes in what has changed when the server
// says so, follows its own links and forms in place, and narrows the table while
// someone types. Without this each is a page of the server's.
(() => {
  const dash = () => document.getElementById("dash"), status = text => { document.getElementById("live").textContent = text; };
  let query, asked = 0;

  // Makes the old tree like the new one, node by node, so that whatever did not
  // change stays: focus, what is open, what was typed, where it was scrolled to.
  const mine = /^(open|hidden)$/; // what a person, or narrow, has set
  const morph = (old, now) => {
    if (old.nodeType != now.nodeType || old.nodeName != now.nodeName) return old.replaceWith(now);
    if (old.nodeType != 1) { if (old.data != now.data) old.data = now.data; return; }
    if (old.isEqualNode(now) || old.id == "live") return;
    for (const a of [...old.attributes]) if (!now.hasAttribute(a.name) && !mine.test(a.name)) old.removeAttribute(a.name);
    for (const a of now.attributes) if (old.getAttribute(a.name) != a.value && !mine.test(a.name)) old.setAttribute(a.name, a.value);
    const named = new Map([...old.children].filter(c => c.id).map(c => [c.id, c]));
    let at = old.firstChild;
    for (const next of [...now.childNodes]) {
      const same = next.id && named.get(next.id);
      if (same && same != at) old.insertBefore(same, at), at = same;
      if (!at) { old.append(next); continue; }
      if (at.id != next.id && (at.id || next.id)) { old.insertBefore(next, at); continue; }
      const after = at.nextSibling;
      morph(at, next);
      at = after;
    }
    while (at) { const after = at.nextSibling; at.remove(); at = after; }
  };

  const show = async (url, push, watch) => {
    const turn = ++asked;
    const answer = await askPage(url, { headers: watch ? { "Postbag-Watch": "1" } : {} });
    const page = answer.page, now = page.getElementById("dash");
    if (turn != asked) return;
    if (!now) { if (!watch) location.assign(url); return answer.redirected && status(dash().dataset.over || document.getElementById("live").dataset.over); }
    const typed = query.value, focus = document.activeElement, mark = focus && (focus.id ? "#" + CSS.escape(focus.id) : focus.getAttribute("href") && `a[href="${CSS.escape(focus.getAttribute("href"))}"]`);
    morph(dash(), now);
    query = document.getElementById("q");
    if (watch) query.value = typed;
    else for (const f of document.querySelectorAll("#dash select, #dash input:not([type=hidden])")) {
      const same = page.getElementById(f.id);
      if (f.type == "checkbox") f.checked = f.defaultChecked; else if (f.tagName == "SELECT") f.value = [...f.options].find(o => o.defaultSelected)?.value ?? ""; else if (same || f.id) f.value = f.defaultValue;
    }
    if (push) history.pushState(null, "", url);
    narrow();
    if (mark && document.activeElement != focus) document.querySelector(mark)?.focus({ preventScroll: true });
  };

  // The table narrows by words that begin the words of a name.
  const words = s => s.normalize("NFKD").toLowerCase().replace(/\p{Mn}|['’‘]/gu, "").replace(/&/g, " and ").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const narrow = () => {
    const typed = words(query.value).split(" ");
    let shown = 0;
    for (const r of document.querySelectorAll(".seats tbody tr")) {
      const text = " " + words((r.dataset.also || "") + " " + r.cells[0].textContent + " " + r.cells[1].textContent);
      shown += !(r.hidden = !typed.every(w => text.includes(" " + w)));
    }
    const said = shown.toLocaleString("en-GB"), line = document.getElementById("shown");
    if (line.textContent != said) line.textContent = said;
  };

  query = document.getElementById("q");
  document.addEventListener("input", event => { if (event.target.id == "q") narrow(); });
  document.addEventListener("change", event => { if (event.target.closest("#sieve") && event.target.id != "q") event.target.form.requestSubmit(); });
  document.addEventListener("submit", event => {
    if (!event.target.closest("#dash")) return;
    event.preventDefault();
    const fields = new URLSearchParams([...new FormData(event.target)].filter(([, value]) => value));
    show(location.pathname + (fields.size ? "?" + fields : ""), true);
  });
  document.addEventListener("click", event => {
    const link = event.target.closest("#dash a");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.hasAttribute("download")) return;
    if (link.pathname != location.pathname || link.getAttribute("href").startsWith?.("#") || !link.closest(".ways, thead, .shown")) return;
    event.preventDefault();
    show(link.pathname + link.search, true);
  });
  addEventListener("popstate", () => { if (dash()) show(location.href); });

  // The name and the numbers of the hexagon that is pointed at.
  const say = event => {
    const link = event.target.closest(".hexmap a");
    if (link) document.getElementById("says").textContent = link.querySelector("title").textContent;
  };
  document.addEventListener("focusin", say);
  document.addEventListener("pointerover", say);

  const line = document.getElementById("live").dataset;
  const watch = () => {
    const source = new EventSource(dash().dataset.live + "?seen=" + dash().dataset.version);
    source.onopen = () => status(line.on);
    source.addEventListener("changed", () => show(location.href, false, true).catch(() => status(line.off)));
    source.addEventListener("over", () => { source.close(); status(line.over); });
    source.onerror = () => {
      status(line.off);
      if (source.readyState == EventSource.CLOSED) setTimeout(watch, 30000);
    };
  };
  watch();
})();
