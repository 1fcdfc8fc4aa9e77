"use strict";
// Tabs for the stories, and light on what belongs together. Without this script everything is there all the same.
const tabs = [...document.querySelectorAll('[role="tab"]')];
const stories = [...document.querySelectorAll(".story")];

function show(number, focus) {
  tabs.forEach((tab, n) => {
    tab.setAttribute("aria-selected", String(n === number));
    tab.tabIndex = n === number ? 0 : -1;
    stories[n].hidden = n !== number;
  });
  if (focus) tabs[number].focus();
}

if (tabs.length) {
  tabs[0].parentElement.hidden = false;
  stories.forEach((story, n) => {
    story.setAttribute("role", "tabpanel");
    story.setAttribute("aria-labelledby", tabs[n].id);
  });
  const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  tabs.forEach((tab, n) => {
    tab.addEventListener("click", () => show(n));
    tab.addEventListener("keydown", (event) => {
      let next = n + (moves[event.key] ?? 0);
      if (event.key === "Home") next = 0;
      else if (event.key === "End") next = tabs.length - 1;
      else if (!(event.key in moves)) return;
      event.preventDefault();
      show((next + tabs.length) % tabs.length, true);
    });
  });
  show(Math.max(0, stories.findIndex((story) => story.querySelector(".row.broken"))));
}

// A link into a story that is not shown shows it.
function follow() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const number = target ? stories.findIndex((story) => story.contains(target)) : -1;
  if (number >= 0 && stories[number].hidden) {
    show(number);
    target.scrollIntoView();
  }
}
window.addEventListener("hashchange", follow);
follow();

// A block and its lines light up together, by the mouse and by the keyboard.
const panel = document.querySelector(".source");
const lit = (parts, on) => parts.forEach((part) => part.classList.toggle("lit", on));
function pair(part, others, scroll) {
  const on = () => {
    lit(others, true);
    if (scroll && others.length && panel.scrollHeight > panel.clientHeight + 1)
      panel.scrollTop += others[0].getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
  };
  const off = () => lit(others, false);
  part.addEventListener("mouseenter", on);
  part.addEventListener("mouseleave", off);
  part.addEventListener("focusin", on);
  part.addEventListener("focusout", off);
}
const blocksOf = new Map();
document.querySelectorAll("[data-lines]").forEach((block) => {
  const lines = block.dataset.lines.split(" ").map((n) => document.getElementById("L" + n)).filter(Boolean);
  pair(block, lines, true);
  lines.forEach((line) => blocksOf.set(line, [...(blocksOf.get(line) ?? []), block]));
});
blocksOf.forEach((blocks, line) => pair(line, blocks, false));
