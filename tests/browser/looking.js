// What a reader of the page would see: words that nobody translated, and words that do not fit.
(() => {
  const DATA = "[translate=no], [dir=auto], kbd, code, iframe, [lang]:not(html)";
  const BOX = "button, .btn, .chip, .row, .nav, .item, .toast, .alert, .guard, .held, th, label, [role=tab]";
  const LETTERS = /\p{L}{2,}/u;
  const told = (words) => words.replace(/\s+/g, " ").trim();

  function bare(words, known) {
    let rest = words;
    for (let before = ""; before !== rest; ) [before, rest] = [rest, rest.replace(/‹[^‹›]*›/g, " ")];
    for (const data of known) rest = rest.replaceAll(data, " ");
    return rest;
  }

  function* texts() {
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const parent = node.parentElement;
      const isTitle = parent.localName === "title" && parent.parentElement.localName === "head";
      if (!told(node.data) || !LETTERS.test(node.data) || parent.closest("template, noscript, script, datalist")) continue;
      if (isTitle || parent.localName === "option" || parent.checkVisibility({ visibilityProperty: true })) yield [node, parent];
    }
  }

  function where(element) {
    const path = [];
    for (let one = element; one && path.length < 3; one = one.parentElement) path.unshift(one.localName + (one.id ? `#${one.id}` : "") + (one.classList[0] ? `.${one.classList[0]}` : ""));
    return path.join(" > ");
  }

  window.untranslated = () => {
    const names = [...document.querySelectorAll(DATA)].map((one) => told(one.textContent));
    const known = [...names, document.querySelector("[name=application-name]")?.content ?? ""].filter((words) => LETTERS.test(words));
    known.sort((one, other) => other.length - one.length);
    const found = [];
    for (const [node, parent] of texts())
      if (!parent.closest(DATA) && LETTERS.test(bare(told(node.data), known))) found.push(`${where(parent)}: ${told(node.data)}`);
    for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        const words = told(one.getAttribute(name) ?? "");
        if (LETTERS.test(bare(words, known)) && !one.closest("[translate=no], template")) found.push(`${where(one)} [${name}]: ${words}`);
      }
    return [...new Set(found)];
  };

  /** The part of the screen in which a text may stand, by what cuts it off; whether it may end in dots. */
  function frame(parent) {
    const room = { left: 0, right: innerWidth, top: -Infinity, bottom: Infinity, dots: false };
    let sideways = true, upright = true;
    for (let one = parent; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      if (style.textOverflow === "ellipsis" && style.overflowX !== "visible") room.dots = true;
      if (sideways && style.overflowX !== "visible") /auto|scroll/.test(style.overflowX) && one.scrollWidth > one.clientWidth ? ([sideways, room.left, room.right] = [false, -Infinity, Infinity]) : ([room.left, room.right] = [Math.max(room.left, box.left), Math.min(room.right, box.right)]);
      if (upright && style.overflowY !== "visible") /auto|scroll/.test(style.overflowY) ? (upright = false) : ([room.top, room.bottom] = [Math.max(room.top, box.top), Math.min(room.bottom, box.bottom)]);
      if (one.matches(BOX) && style.display !== "inline") {
        if (sideways) [room.left, room.right] = [Math.max(room.left, box.left), Math.min(room.right, box.right)];
        [room.top, room.bottom] = [Math.max(room.top, box.top), Math.min(room.bottom, box.bottom)];
      }
      if (one.matches(":popover-open, dialog[open]") || style.position === "fixed") break;
    }
    return room;
  }

  const isOnlyHeard = (parent) => { for (let one = parent; one; one = one.parentElement) if (getComputedStyle(one).clipPath === "inset(50%)" || one.matches(".quietly")) return true; };
  const pen = document.createElement("canvas").getContext("2d");
  function tooLong(words, field) {
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
    return pen.measureText(words).width > room + 1;
  }

  window.clipped = () => {
    const found = [];
    for (const [node, parent] of texts()) {
      const isData = parent.closest(DATA) && !node.data.includes("‹");
      if (isData || parent.localName === "option" || parent.localName === "title" || isOnlyHeard(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const room = frame(parent);
      const out = [...range.getClientRects()].find((box) => box.width > 2 && (box.left < room.left - 1.5 || box.right > room.right + 1.5 || box.top < room.top - 3 || box.bottom > room.bottom + 3));
      if (out) found.push(`${where(parent)}: ${told(node.data)} (${[out.left, out.right, out.top, out.bottom].map(Math.round)} in ${[room.left, room.right, room.top, room.bottom].map(Math.round)})`);
    }
    for (const field of document.querySelectorAll("input[placeholder]"))
      if (field.checkVisibility() && tooLong(field.placeholder, field)) found.push(`${where(field)} [placeholder]: ${field.placeholder}`);
    for (const field of document.querySelectorAll("select")) {
      const chosen = field.selectedOptions[0];
      if (field.checkVisibility() && chosen && chosen.label.includes("‹") && tooLong(chosen.label, field)) found.push(`${where(field)}: ${chosen.label}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);
    return [...new Set(found)];
  };
})();
