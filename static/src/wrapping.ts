/** Puts marks around what is selected in a text field, or takes them away; the browser's own undo takes it back. */
export function wrap(box: HTMLTextAreaElement, mark: string): void {
  const { value, selectionStart, selectionEnd } = box, size = mark.length;
  const chosen = value.slice(selectionStart, selectionEnd);
  // A mark beside a space is none: it stands at the words.
  const start = selectionStart + chosen.length - chosen.trimStart().length;
  const end = Math.max(start, selectionEnd - (chosen.length - chosen.trimEnd().length));
  const words = value.slice(start, end);
  const isWithin = words.length > 2 * size && words.startsWith(mark) && words.endsWith(mark);
  const isAround = value.slice(start - size, start) === mark && value.slice(end, end + size) === mark;
  if (isAround) put(box, start - size, end + size, words, 0);
  else if (isWithin) put(box, start, end, words.slice(size, -size), 0);
  else put(box, start, end, mark + words + mark, size);
}

function put(box: HTMLTextAreaElement, start: number, end: number, words: string, inner: number): void {
  box.setSelectionRange(start, end);
  // Only this way of writing goes on the field's own list of what can be undone.
  if (!document.execCommand("insertText", false, words)) {
    box.setRangeText(words, start, end, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  box.setSelectionRange(start + inner, start + words.length - inner);
}
