/** Plays everybody else's sound on the chosen speaker. */
import { useCallback, useEffect, useRef, useState } from "react";
import { useRoom } from "../page-context.ts";

export interface SoundState {
  readonly blocked: boolean;
  /** Rises with each wish to try again; the elements then call play() within the click. */
  readonly attempt: number;
  readonly onBlocked: () => void;
  readonly retry: () => void;
}

export function useSoundState(): SoundState {
  const [blocked, setBlocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);
  const retry = useCallback(() => {
    setBlocked(false);
    setAttempt((count) => count + 1);
  }, []);
  return { blocked, attempt, onBlocked, retry };
}

export function Sounds({ state }: { readonly state: SoundState }) {
  const sounds = useRoom((room) => room.sounds);
  const speaker = useRoom((room) => room.devices.speaker.selected);
  return sounds.map((sound) => (
    <SoundPlayer
      key={sound.id}
      stream={sound.stream}
      speaker={speaker}
      attempt={state.attempt}
      onBlocked={state.onBlocked}
    />
  ));
}

interface PlayerProps {
  readonly stream: MediaStream;
  readonly speaker: string | null;
  readonly attempt: number;
  readonly onBlocked: () => void;
}

function SoundPlayer({ stream, speaker, attempt, onBlocked }: PlayerProps) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = stream;
    return () => {
      audio.srcObject = null;
    };
  }, [stream]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new stream or a new attempt is what starts it.
  useEffect(() => {
    element.current?.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onBlocked();
    });
  }, [stream, attempt, onBlocked]);
  useEffect(() => {
    // Firefox before 116 and Safari choose the speaker by themselves; a device that is gone falls back to the default.
    if (speaker !== null && element.current && "setSinkId" in element.current)
      element.current.setSinkId(speaker).catch(() => {});
  }, [speaker]);
  return (
    // biome-ignore lint/a11y/useMediaCaption: live speech of a class; captions are a track of their own.
    <audio ref={element} autoPlay />
  );
}
