// Sends a letter again that had to wait because many write. Without this the page's
// button does.
const form = document.getElementById("busy");
form.querySelector(".waits").classList.remove("waits");
let sent = false;
form.addEventListener("submit", () => { sent = true; });
setTimeout(() => { if (!sent) form.requestSubmit(); }, form.dataset.wait * 1000);
