/** A short soft sound for an answer that nobody sees come: made here, of no file; never for one's own words. */
import { body, room } from "./room";

const HELD_MS = 3_000;
const TONES = [660, 880];
const LENGTH = 0.18;
let audio: AudioContext | undefined;

/** Browsers play nothing before somebody has pressed something, and neither do we. */
function wake(): void {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}
for (const name of ["pointerdown", "keydown"]) addEventListener(name, wake, { once: true });

/** An answer has come. isSeen: somebody looks at it here; then no other tab sounds either. */
export function came(pk: string, isSeen: boolean): void {
  if (!navigator.locks) {
    if (!isSeen) chime();
    return;
  }
  // Whoever of all tabs is first has it, for as long as the others need to hear of it.
  const held = navigator.locks.request(`telaio:${body.dataset["key"]}:sound:${pk}`, { ifAvailable: true }, (lock) => {
    if (!lock) return;
    if (!isSeen) chime();
    return new Promise((done) => setTimeout(done, HELD_MS));
  });
  // A frame of another site may be refused the locks.
  held.catch(() => !isSeen && chime());
}

function chime(): void {
  if (!audio || room.keep.quiet) return;
  for (const [place, tone] of TONES.entries()) {
    const at = audio.currentTime + place * LENGTH * 0.7;
    const voice = audio.createOscillator();
    const gain = audio.createGain();
    voice.frequency.value = tone;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.06, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0005, at + LENGTH * 2);
    voice.connect(gain).connect(audio.destination);
    voice.start(at);
    voice.stop(at + LENGTH * 2);
  }
}
