// Writes the name and the numbers of the hexagon that is pointed at, or where the
// keyboard is, on a line above the map: the picture alone tells them to a screen
// reader and to a mouse that waits. They stay until others take their place.
(() => {
  const map = document.querySelector(".atlas .hexmap"), says = document.getElementById("says");
  const say = event => {
    const link = event.target.closest("a");
    if (link) says.textContent = link.querySelector("title").textContent;
  };
  map.addEventListener("focusin", say);
  map.addEventListener("pointerover", say);
})();
