/** Title and favicon say from another tab whether one can be heard, and whether a hand waits for the tutor. */
import { useEffect } from "react";
import type { RoomState } from "../state/room-state.ts";
import type { Translate } from "./i18n/texts.ts";
import { useRoom, useText } from "./page-context.ts";

type Watched = Pick<RoomState, "phase" | "room" | "me" | "mic" | "talking" | "participants">;

export function usePageSigns(): void {
  const text = useText();
  const title = useRoom((state) => pageTitle(state, text));
  const icon = useRoom(pageIcon);
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    document.querySelector("link[rel=icon]")?.setAttribute("href", icon);
  }, [icon]);
}

export function pageTitle(state: Watched, text: Translate): string {
  const app = text("app.name");
  if (!state.room) return app;
  const room = state.room.name;
  if (state.phase.name === "joining") return `${text("title.joining", { room })} · ${app}`;
  if (!inRoom(state)) return `${room} · ${app}`;
  const hands = state.me.may.has("mute_others") ? countHands(state) : 0;
  if (hands > 0) return text("title.hands", { count: hands, room });
  return text(heard(state) ? "title.live" : "title.muted", { room });
}

export function pageIcon(state: Watched): string {
  if (!inRoom(state)) return "/favicon.svg";
  return heard(state) ? "/favicon-live.svg" : "/favicon-muted.svg";
}

function inRoom({ phase }: Watched): boolean {
  return phase.name === "room" || phase.name === "reconnecting";
}

function heard({ mic, talking }: Watched): boolean {
  return (mic.on || talking) && mic.problem === "none";
}

function countHands({ participants, me }: Watched): number {
  let count = 0;
  for (const person of participants.values())
    if (person.hand !== null && person.id !== me.participant) count++;
  return count;
}
