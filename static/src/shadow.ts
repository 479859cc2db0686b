/** What this device keeps of a text besides the server: read when a page is drawn that the save did not reach. */
export type Shadow = { text: string; at: number; saved: boolean; writing?: string; buttons?: string[] };

const SAVED_STAYS = 15_000;

/** What the server has is needed here only until pages that were being drawn meanwhile stand. */
export function isOld(shadow: Shadow): boolean {
  return shadow.saved && Date.now() - shadow.at > SAVED_STAYS;
}

export function keep(place: string, shadow: unknown): void {
  try {
    localStorage.setItem(place, JSON.stringify(shadow));
  } catch {
    // This device keeps no more; the server, or the page, still does.
  }
}

export function kept<What>(place: string): What | null {
  return JSON.parse(localStorage.getItem(place) ?? "null") as What | null;
}

export function drop(place: string): void {
  localStorage.removeItem(place);
}
