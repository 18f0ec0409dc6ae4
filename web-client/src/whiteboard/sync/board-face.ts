/** What the screens may ask of the board: types alone, so that the room's chunk carries nothing of it. */
import type { StoreApi } from "zustand/vanilla";
import type { PictureSource } from "../board-engine.ts";
import type { LiveMessage, PageModel } from "../page-model.ts";
import type { BoardState } from "./board-state.ts";
import type {
  Actor,
  ActorId,
  BoardId,
  GroupId,
  Mode,
  PageNumber,
  Paper,
  PersonId,
  Rule,
} from "./board-vocabulary.ts";

export type BoardStore = StoreApi<BoardState>;

/** Every message of docs/protocol.md section 3.1 that changes how boards are made up. */
export type BoardRequest =
  | { readonly type: "board_add"; readonly title: string; readonly after?: BoardId }
  | {
      readonly type: "board_change";
      readonly board: BoardId;
      readonly title?: string;
      readonly after?: BoardId;
    }
  | { readonly type: "board_remove"; readonly board: BoardId }
  | {
      readonly type: "page_add";
      readonly board: BoardId;
      /** 0 = first. */
      readonly after?: PageNumber | 0;
      readonly title?: string;
      readonly paper?: Paper;
    }
  | { readonly type: "page_copy"; readonly page: PageNumber }
  | {
      readonly type: "page_change";
      readonly page: PageNumber;
      readonly title?: string;
      readonly paper?: Paper;
    }
  | {
      readonly type: "page_move";
      readonly page: PageNumber;
      readonly board?: BoardId;
      readonly after?: PageNumber | 0;
    }
  | { readonly type: "page_remove" | "page_restore"; readonly pages: readonly PageNumber[] }
  | {
      readonly type: "rights";
      readonly page?: PageNumber;
      readonly board?: BoardId;
      readonly mode?: Mode;
      readonly rules?: readonly Rule[];
    }
  | {
      readonly type: "group_set";
      readonly group?: GroupId;
      readonly name: string;
      readonly persons: readonly PersonId[];
    }
  | { readonly type: "group_remove"; readonly group: GroupId }
  | { readonly type: "turn"; readonly page: PageNumber | null }
  | { readonly type: "hand_out" | "collect"; readonly page: PageNumber }
  | { readonly type: "show"; readonly page: PageNumber; readonly shown: boolean }
  | { readonly type: "settings"; readonly save_at_end: boolean };

export type BoardAnswer =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string };

export interface HeldPage {
  readonly model: PageModel;
  release(): void;
}

export interface LiveListener {
  live(from: Actor, message: LiveMessage): void;
  gone(actor: ActorId): void;
}

export interface StoredImage {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** Nothing here throws; what fails is told in the answer or seen in the store. */
export interface BoardFace {
  readonly store: BoardStore;
  readonly pictures: PictureSource;
  /** Keeps a page open for as long as somebody holds it. */
  hold(page: PageNumber): HeldPage;
  ask(request: BoardRequest): Promise<BoardAnswer>;
  sendLive(page: PageNumber, message: LiveMessage): void;
  onLive(page: PageNumber, listener: LiveListener): () => void;
  /** Makes pages of a PDF, an image or an Office file; its progress is in `uploads` and `jobs`. */
  addSlides(file: File, board: BoardId | null, after: PageNumber | null): void;
  cancelUpload(id: string): void;
  /** Stores an image for a shape; null = it failed, and `uploads` says why. */
  storeImage(file: File): Promise<StoredImage | null>;
  exportPage(page: PageNumber, format: "png" | "pdf"): Promise<Blob | null>;
  exportBoard(board: BoardId, format: "pdf" | "zip"): Promise<Blob | null>;
  /** The name of the file that was written, or null. */
  saveBoard(board: BoardId): Promise<string | null>;
  offerGhost(id: string): void;
  dropGhost(id: string): void;
  /** Good enough to fetch what is not needed yet. */
  linkIsGood(): boolean;
  /** Tries the link now instead of waiting for the next attempt. */
  retry(): void;
}
