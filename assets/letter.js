// What a browser can add to the pages of a letter: advice while it is written,
// a draft that outlives a reload, answers put in their place, buttons to copy.
// All of it can be done without; every word comes from the page.
import { advise } from "./words.js";

const $ = id => document.getElementById(id);
const show = e => e.classList.remove("waits");

// The tab's own memory: gone when the tab is closed, read by nobody else. Where
// the browser allows none, everything else works.
const memory = {
  get(key) { try { return sessionStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { sessionStorage.setItem(key, value); return true; } catch { return false; } },
  // Drops every draft whose name begins so.
  drop(start) {
    try {
      Object.keys(sessionStorage).filter(k => k.startsWith(start)).forEach(k => sessionStorage.removeItem(k));
    } catch { /* there is none to drop */ }
  },
};
const DRAFT = "draft ", SHARED = "shared computer";

// later calls f once, when nothing has happened for a while.
function later(f, ms) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(f, ms); };
}

function keepDraft(form) {
  const name = DRAFT + form.dataset.draft, shared = $("shared");
  const fields = [...form.elements].filter(e => e.name && e.matches("textarea, input:not([type=hidden], [type=radio], [type=checkbox])"));
  // What stands in a field before the supporter types: the campaign's words or nothing.
  const start = e => e.id === "body" ? e.dataset.template ?? (fresh ? e.defaultValue : "") : e.id === "subject" && fresh ? e.defaultValue : "";
  const fresh = "fresh" in form.dataset;

  function save() {
    if (shared.checked) return;
    const draft = {};
    for (const e of fields) {
      if (e.value !== start(e) && e.value.trim()) draft[e.name] = [e.value, e.defaultValue];
    }
    memory.set(name, JSON.stringify(draft));
  }
  // Coming back from the preview, answers stand in the letter already.
  const folded = text => text.normalize("NFC").replace(/\s+/g, " ").trim();
  const placed = (e, value) => e.closest(".questions") && folded($("body").defaultValue).includes(folded(value));

  function restore() {
    let draft;
    try { draft = JSON.parse(memory.get(name)) ?? {}; } catch { return; }
    for (const e of fields) {
      const [value, from] = draft[e.name] ?? [];
      if (typeof value !== "string" || placed(e, value)) continue;
      // Never over what the browser brought back itself, nor over another text
      // than the one that was being written.
      if (e.value === e.defaultValue && (fresh || e.defaultValue === from)) e.value = value;
    }
  }

  shared.checked = memory.get(SHARED) === "1";
  if (!shared.checked) {
    if (!memory.set(name, memory.get(name) ?? "{}")) return; // no memory here
    restore();
  }
  show($("draft"));
  // Only what was typed since is saved: whoever goes back to a form that the
  // browser kept, after the letter was sent, leaves nothing by looking at it.
  let typed = false;
  const keep = () => { if (typed) save(); typed = false; };
  const soon = later(keep, 300);
  form.addEventListener("input", () => { typed = true; soon(); });
  form.addEventListener("change", () => { typed = true; keep(); });
  addEventListener("pagehide", keep);
  shared.addEventListener("change", () => {
    memory.set(SHARED, shared.checked ? "1" : "");
    if (shared.checked) memory.drop(DRAFT);
  });
}

function giveAdvice(form) {
  const body = $("body"), template = body.dataset.template ?? body.defaultValue, sayings = $("sayings").content;
  const say = key => sayings.querySelector(`[data-say="${key}"]`).textContent;
  const answers = [...form.querySelectorAll(".questions textarea")], place = $("place");

  function look() {
    const a = advise(template, [...answers.map(e => e.value), body.value].join("\n\n"), form.dataset.lang);
    $("own-bar").value = a.own;
    $("own-word").textContent = say(a.level);
    const hints = [a.level + "-text", a.length, a.hard && "hard"].filter(Boolean);
    const words = hints.map(say).join(" ").replace("{age}", a.age);
    if ($("advice").textContent !== words) $("advice").textContent = words; // else it would be read out again
  }

  look();
  show($("own"));
  const soon = later(look, 800);
  form.addEventListener("input", soon);

  if (!place) return;
  show(place);
  place.addEventListener("click", () => {
    const given = answers.map(e => e.value.trim()).filter(Boolean);
    if (!given.length) return answers[0].focus();
    body.value = [...given, body.value].join("\n\n");
    for (const e of answers) e.value = "";
    body.focus();
    body.setSelectionRange(0, 0);
    body.dispatchEvent(new Event("change", { bubbles: true }));
    look();
    $("advice").textContent = say("placed") + " " + $("advice").textContent;
  });
}

function offerToCopy(button) {
  show(button);
  button.addEventListener("click", async () => {
    const field = $(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand("copy")) return; // it is selected, at least
    }
    $("copied").textContent = $("copied").dataset.copied;
  });
}

const form = $("letter");
if (form) {
  keepDraft(form);
  giveAdvice(form);
}
document.querySelectorAll("[data-copy]").forEach(offerToCopy);
// Within another page the browser's own command prints that page.
document.querySelectorAll("[data-print]").forEach(button => {
  show(button);
  button.addEventListener("click", () => print());
});
document.querySelectorAll("[data-sent]").forEach(e => memory.drop(DRAFT + e.dataset.sent + " "));
