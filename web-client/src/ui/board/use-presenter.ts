/** Whose view is to be followed on this page: who turned the class to it; nobody, for those who lead themselves. */
import type { ActorId, Page } from "../../whiteboard/sync/board-vocabulary.ts";
import { useBoard } from "./board-context.ts";

export function usePresenter(page: Page): ActorId | null {
  return useBoard(({ turn, you, people }) => {
    if (turn.page !== page.number || !you || you.may.has("board_manage")) return null;
    const tutors = [...people.values()].filter(({ role }) => role === "tutor");
    return (tutors.find(({ name }) => name === turn.by) ?? tutors[0])?.actor ?? null;
  });
}
