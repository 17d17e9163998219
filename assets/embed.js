// Puts the form for a letter into a page that is not ours: in the place of
// <postbag-letter>, and of a link a.postbag, which stays for where no form comes
// up. It gives those, and every iframe.postbag, the height of the form, and tells
// the page as events how far the form is: never what is typed into it.
(() => {
  const script = document.currentScript, tag = "postbag-letter";
  if (!script || customElements.get(tag)) return;
  const base = new URL(script.src).origin;
  const looks = ["theme", "accent", "radius", "compact"], credit = ["partner", "utm_source", "utm_medium", "utm_campaign"];
  const steps = ["start", "choose", "letter", "preview", "sent", "posted"];
  const forms = new Map(); // by iframe: what takes its messages

  // What the page's own address says of the reader goes into the form's, behind
  // the mark that no server gets to see, and is gone from the page's.
  const given = new URLSearchParams();
  if (location.hash.startsWith("#postbag:")) {
    for (const [name, value] of new URLSearchParams(location.hash.slice(9))) {
      if (/^(name|email|postcode)$/.test(name) && value.length < 255) given.set(name, value);
    }
    history.replaceState(history.state, "", location.pathname + location.search);
  }

  // Follows what the form in an iframe says of itself, and has target tell it.
  function follow(frame, target) {
    let next, ready, height, step;
    // A sandbox takes a page's origin away: there is no name left to call it by.
    const nameless = () => frame.sandbox.length && !frame.sandbox.contains("allow-same-origin");
    const tell = (type, detail) => target.dispatchEvent(new CustomEvent("postbag:" + type, { bubbles: true, detail: { version: 1, ...detail } }));
    const hello = () => frame.contentWindow.postMessage({ postbag: 1, type: "hello" }, nameless() ? "*" : base);

    function show() {
      const now = next;
      next = 0;
      ready ||= tell("ready");
      if (now.resized && now.resized !== height) {
        height = now.resized;
        frame.style.height = height + "px";
        tell("resized", { height });
      }
      if (now.step && step && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      if (now.step && now.step !== step) {
        step = now.step;
        tell("step", { step });
        if (step === "sent") tell("confirmed-pending");
      }
    }

    forms.set(frame, (origin, { type, height, step }) => {
      const value = type === "resized" ? Number.isFinite(height) && Math.min(Math.max(height, 100), 20000)
        : type === "step" ? steps.includes(step) && step
        : type === "ready";
      if (!value || origin !== (nameless() ? "null" : base)) return;
      target.heard = true;
      if (!next) requestAnimationFrame(show); // of however many, the latest of each kind
      next = { ...next, [type]: value };
    });
    frame.addEventListener("load", hello);
    if (!frame.contentDocument) hello(); // it was here before us
  }

  addEventListener("message", ({ origin, source, data }) => {
    for (const [frame, take] of forms) {
      if (!frame.isConnected) forms.delete(frame);
      else if (source === frame.contentWindow && data?.postbag === 1) take(origin, data);
    }
  });

  const make = (name, more) => Object.assign(document.createElement(name), more);

  customElements.define(tag, class extends HTMLElement {
    connectedCallback() {
      const get = name => encodeURIComponent(this.getAttribute(name) ?? "");
      const cy = /^cy/i.test(this.lang), lang = cy ? "/cy" : "", partner = get("partner");
      const words = () => this.textContent.trim() || (cy ? "Ysgrifennwch at eich AS" : "Write to your MP");
      const way = "/c/" + get("campaign") + "?" + [...credit, ...looks].filter(name => this.hasAttribute(name)).map(name => name + "=" + (get(name) || 1)).join("&");
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });

      // In place of the form: what the element holds, which is a link at least.
      const giveUp = () => {
        if (!this.querySelector("a")) this.append(make("a", { textContent: words(), href: base + lang + way }));
        root.replaceChildren(make("slot"));
      };
      if (!partner) return giveUp();
      const frame = make("iframe", { src: base + lang + "/embed/" + partner + way + "#" + given, referrerPolicy: "strict-origin" });
      Object.assign(frame.style, { display: "block", width: "100%", height: innerWidth < 480 ? "44rem" : "31rem", border: 0 });
      frame.onload = () => {
        frame.title = words();
        setTimeout(() => this.heard || giveUp(), 4000);
      };
      root.replaceChildren(frame);
      follow(frame, this);
    }
  });

  function look() {
    for (const link of document.querySelectorAll(`a.postbag:not(${tag} *)`)) {
      const [, lang, campaign] = /^(\/cy)?\/c\/([\w-]+)$/.exec(link.pathname) ?? [], asked = new URLSearchParams(link.search);
      if (link.origin !== base || !campaign) continue;
      const element = make(tag), set = (name, value) => value != null && element.setAttribute(name, value);
      set("campaign", campaign);
      set("lang", link.dataset.lang ?? lang?.slice(1));
      for (const name of credit) set(name, asked.get(name));
      for (const name of looks) set(name, link.dataset[name]);
      link.replaceWith(element);
      element.append(link);
    }
    for (const frame of document.querySelectorAll("iframe.postbag")) {
      if (forms.has(frame) || !frame.src.startsWith(base + "/")) continue;
      follow(frame, frame);
      if (given.size && !frame.src.includes("#")) frame.contentWindow.location.replace(frame.src + "#" + given);
    }
  }
  look();
  new MutationObserver(look).observe(document, { childList: true, subtree: true }); // for what is put in later
})();
