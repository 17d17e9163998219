// The page of a sync looks again by itself while Parliament is asked, and shows
// what comes next as soon as it is there.
(() => {
	"use strict";
	const box = document.getElementById("sync");
	const look = async () => {
		let page;
		try {
			const answer = await askPage(location.pathname);
			if (!answer.ok || answer.redirected) throw new Error("not the page");
			page = answer.page.getElementById("sync");
		} catch {
			return setTimeout(look, 5000);
		}
		if (!page || page.dataset.stage !== "running") return location.reload();
		for (const part of ["[role=status]", "progress"]) {
			const now = box.querySelector(part), next = page.querySelector(part);
			if (part === "progress") now.value = next.value;
			else if (now.textContent !== next.textContent) now.textContent = next.textContent;
		}
		setTimeout(look, 1000);
	};
	setTimeout(look, 1000);
})();
