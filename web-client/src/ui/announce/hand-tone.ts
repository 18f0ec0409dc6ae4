/** A soft tone when a hand goes up, for those who lead the class and for nobody else. */
import { useEffect } from "react";
import { usePage } from "../page-context.ts";
import { factsBetween } from "./facts.ts";

const TONE_HZ = 740;
const TONE_S = 0.22;
/** Well below speech: it is noticed and interrupts nobody. */
const LOUDNESS = 0.05;

export function useHandTone(): void {
  const { store } = usePage();
  useEffect(() => {
    let context: AudioContext | null = null;
    const stop = store.subscribe((now, before) => {
      if (!now.me.may.has("mute_others") || now.participants === before.participants) return;
      if (!factsBetween(before, now).some((fact) => fact.kind === "hand")) return;
      context ??= new AudioContext();
      play(context);
    });
    return () => {
      stop();
      void context?.close();
    };
  }, [store]);
}

function play(context: AudioContext): void {
  const tone = new OscillatorNode(context, { type: "sine", frequency: TONE_HZ });
  const level = new GainNode(context, { gain: 0 });
  const start = context.currentTime;
  level.gain.linearRampToValueAtTime(LOUDNESS, start + 0.03);
  level.gain.linearRampToValueAtTime(0, start + TONE_S);
  tone.connect(level).connect(context.destination);
  tone.start(start);
  tone.stop(start + TONE_S);
}
