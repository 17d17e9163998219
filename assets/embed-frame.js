// Within a partner's page: tells that page how tall the form is and how far the
// supporter is on the way, and nothing else. It talks to the page right around
// it, and only if that is one of the partner's. Every word comes from the page.
(() => {
  if (parent === window) return;
  const { step, origins } = document.currentScript.dataset;
  const partners = origins.split(" "), root = document.documentElement;

  // Who is around us: browsers that do not say it wait for the page to greet us.
  const around = location.ancestorOrigins?.[0];
  let host = partners.includes(around) ? around : "", told;
  const tell = (type, more) => { if (host) parent.postMessage({ postbag: 1, type, ...more }, host); };

  // WordPress shows what it finds by oEmbed in a sandbox that lets no form be
  // sent, and has a language of its own (wp-includes/js/wp-embed.js): it sets
  // heights, up to a thousand pixels, and opens links to where the frame is from.
  const secret = () => /^#\?secret=([a-zA-Z0-9]+)$/.exec(location.hash)?.[1];
  const tellWordPress = (message, value) => { if (host) parent.postMessage({ message, value, secret: secret() }, host); };

  // The height without a scroll bar, which makes lines shorter and is gone once
  // the frame is tall enough.
  function measure() {
    const barred = innerWidth > root.clientWidth;
    if (barred) root.style.overflow = "hidden";
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (barred) root.style.overflow = "";
    return height;
  }

  function tellHeight() {
    const height = measure();
    if (height === told) return;
    told = height;
    tell("resized", { height });
    if (secret()) tellWordPress("height", height);
  }

  // At once: what is out of sight gets no animation frames.
  function tellAll() {
    told = 0;
    tell("ready");
    tellHeight();
    if (step) tell("step", { step });
  }
  tellAll();
  new ResizeObserver(tellHeight).observe(root); // heard once for each picture, at most

  let greeted;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || !partners.includes(origin)) return;
    const greets = data?.postbag === 1 && data.type === "hello" || data?.message === "ready" && secret() && data.secret === secret();
    if (!greets || greeted) return;
    host = origin;
    greeted = setTimeout(() => { // however often it says so
      greeted = 0;
      tellAll();
    });
  });

  // Whoever came on from another page of ours reads on at what is new. The page
  // around us keeps its place when the first one comes.
  const moved = /\/(letter|preview|send|sent-myself)$/.test(location.pathname) || document.referrer.startsWith(location.origin + "/") && document.referrer.includes("/embed/");
  if (moved && performance.getEntriesByType("navigation")[0]?.type === "navigate") {
    (document.getElementById("errors") ?? document.getElementById("main")).focus({ preventScroll: true });
  }

  // In a sandbox that lets no form be sent, browsers say nothing: the page does.
  let sent;
  addEventListener("submit", () => { sent = true; }, true);
  addEventListener("click", event => {
    const button = event.target.closest("button, a[target]");
    if (button?.matches("a") && secret() && button.host === location.host) {
      event.preventDefault();
      tellWordPress("link", button.href);
    }
    const form = button?.form;
    if (!form || button.type !== "submit" || !(form.noValidate || button.formNoValidate || form.checkValidity())) return;
    sent = false;
    setTimeout(() => {
      if (sent) return;
      const notice = document.getElementById("blocked");
      form.append(notice);
      notice.hidden = false;
      notice.scrollIntoView({ block: "nearest" });
    });
  });
})();
