/** What every part of the board's stage may use: the board, what this person looks at, the words. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { BoardEngine, BoardState as Tools } from "../../whiteboard/board-engine.ts";
import type { BoardFace, BoardRequest } from "../../whiteboard/sync/board-face.ts";
import type { BoardState } from "../../whiteboard/sync/board-state.ts";
import type { BoardId, Page, PageNumber, PersonId } from "../../whiteboard/sync/board-vocabulary.ts";
import type { BoardTranslate } from "../i18n/texts.ts";
import { currentPage } from "./current-page.ts";

export type Panel = "shapes" | "ghosts" | "copies";

export type BoardDialog =
  | { readonly name: "rights" }
  | { readonly name: "restore"; readonly board: BoardId }
  | { readonly name: "rename_board"; readonly board: BoardId }
  | { readonly name: "remove_board"; readonly board: BoardId };

export interface BoardView {
  /** The page that the person chose; null = the page of the class. */
  readonly looking: PageNumber | null;
  readonly panel: Panel | null;
  readonly dialog: BoardDialog | null;
  readonly strip: boolean;
  readonly engine: BoardEngine | null;
  /** The engine's state, followed. */
  readonly tools: Tools | null;
  /** Said once: shown for some seconds and read out. */
  readonly note: { readonly id: number; readonly words: string } | null;
}

export type BoardViewStore = StoreApi<BoardView>;

export function createBoardView(overrides: Partial<BoardView> = {}): BoardViewStore {
  return createStore<BoardView>(() => ({
    looking: null,
    panel: null,
    dialog: null,
    strip: false,
    engine: null,
    tools: null,
    note: null,
    ...overrides,
  }));
}

export interface BoardParts {
  readonly face: BoardFace;
  readonly view: BoardViewStore;
  readonly words: BoardTranslate;
}

export const BoardContext = createContext<BoardParts | null>(null);

export function useBoardParts(): BoardParts {
  const parts = useContext(BoardContext);
  if (!parts) throw new Error("a component of the board stands outside of it");
  return parts;
}

export function useBoard<Part>(select: (state: BoardState) => Part): Part {
  return useStore(useBoardParts().face.store, select);
}

export function useBoardView<Part>(select: (view: BoardView) => Part): Part {
  return useStore(useBoardParts().view, select);
}

export function useWords(): BoardTranslate {
  return useBoardParts().words;
}

export function useCurrentPage(): Page | null {
  const looking = useBoardView((view) => view.looking);
  return useBoard((state) => currentPage(state, looking));
}

export function useManages(): boolean {
  return useBoard((state) => state.you?.may.has("board_manage") ?? false);
}

/** Of somebody who is in the room; who has left keeps the id, which is better than no name at all. */
export function usePersonName(person: PersonId | null): string {
  return useBoard((state) => {
    for (const actor of state.people.values()) if (actor.person === person) return actor.name;
    return person ?? "";
  });
}

let lastNote = 0;

export function say(view: BoardViewStore, words: string): void {
  view.setState({ note: { id: ++lastNote, words } });
}

/** Asks the server and says so when it did not work. True = done. */
export function useAsk(): (request: BoardRequest) => Promise<Readonly<Record<string, unknown>> | null> {
  const { face, view, words } = useBoardParts();
  return async (request) => {
    const answer = await face.ask(request);
    if (answer.ok) return answer.value;
    const why = answer.code === "offline" || answer.code === "full" ? answer.code : "failed";
    say(view, words(`say.ask_${why}`));
    return null;
  };
}
