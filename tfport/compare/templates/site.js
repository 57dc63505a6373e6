"use strict";
(() => {
  const root = document.documentElement;
  const kept = {
    get(name) { try { return localStorage.getItem(name); } catch { return null; } },
    set(name, value) { try { localStorage.setItem(name, value); } catch { /* a page from a file may keep nothing */ } },
  };

  function language(value) {
    root.dataset.language = value;
    root.lang = value;
    labels();
  }

  // What no element can say twice: titles, descriptions of figures, names for screen readers.
  function labels() {
    for (const element of document.querySelectorAll("[data-ko]")) {
      const text = element.dataset[root.dataset.language];
      if (element.dataset.says) element.setAttribute(element.dataset.says, text);
      else element.textContent = text;
    }
  }

  // Before the first paint, so that nothing flickers.
  if (kept.get("theme")) root.dataset.theme = kept.get("theme");
  if (kept.get("language")) language(kept.get("language"));

  document.addEventListener("DOMContentLoaded", () => {
    labels();
    document.getElementById("theme").addEventListener("click", () => {
      const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
      root.dataset.theme = now === "dark" ? "light" : "dark";
      kept.set("theme", root.dataset.theme);
    });
    document.getElementById("language").addEventListener("click", () => {
      language(root.dataset.language === "en" ? "ko" : "en");
      kept.set("language", root.dataset.language);
    });
    document.querySelectorAll(".panes").forEach(together);
    document.querySelectorAll("a.use").forEach(told);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
    const tip = document.getElementById("tip");
    tip.addEventListener("mouseenter", () => clearTimeout(leaving));
    tip.addEventListener("mouseleave", hide);
  });

  // Panes of a section scroll together: by the part of their height, for the two are not equally long.
  function together(panes) {
    const [first, second] = panes.querySelectorAll(".pane");
    let led = null;
    for (const [pane, other] of [[first, second], [second, first]]) {
      pane.addEventListener("scroll", () => {
        if (shownBy && document.activeElement === shownBy) show(shownBy); // where it is now
        else hide();
        if (led === pane) { led = null; return; }
        const room = pane.scrollHeight - pane.clientHeight;
        const top = room ? (pane.scrollTop / room) * (other.scrollHeight - other.clientHeight) : 0;
        if (Math.abs(top - other.scrollTop) >= 1) { led = other; other.scrollTop = top; }
      });
    }
  }

  let shownBy = null;
  let leaving = 0; // a moment in which the pointer may go from the link to what it shows

  function told(link) {
    link.addEventListener("mouseenter", () => show(link));
    link.addEventListener("focus", () => show(link));
    link.addEventListener("mouseleave", () => {
      if (document.activeElement !== link) leaving = setTimeout(hide, 300);
    });
    link.addEventListener("blur", hide);
  }

  function show(link) {
    const tip = document.getElementById("tip");
    const entry = document.getElementById(link.dataset.entry);
    if (!entry) return;
    clearTimeout(leaving);
    tip.replaceChildren(...[...entry.children].filter((part) => part.matches("h3, .told")).map((part) => part.cloneNode(true)));
    tip.hidden = false;
    hideBefore(link);
    link.setAttribute("aria-describedby", "tip");
    const place = link.getBoundingClientRect();
    const left = Math.max(8, Math.min(place.left, root.clientWidth - tip.offsetWidth - 16));
    const below = place.bottom + tip.offsetHeight + 8 < root.clientHeight;
    const top = below ? place.bottom + 6 : Math.max(4, place.top - tip.offsetHeight - 6);
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${top + scrollY}px`;
  }

  function hideBefore(link) {
    if (shownBy && shownBy !== link) shownBy.removeAttribute("aria-describedby");
    shownBy = link;
  }

  function hide() {
    document.getElementById("tip").hidden = true;
    hideBefore(null);
  }
})();
