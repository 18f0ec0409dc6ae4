/** The board of one stay in a room: wires the socket, the pages, what is kept, and the store that the screens read. */
import { createStore } from "zustand/vanilla";
import type { LiveMessage } from "../page-model.ts";
import { boardsChanged, jobChanged, pagesChanged, peopleChanged, welcomed } from "./board-changes.ts";
import type {
  BoardAnswer,
  BoardFace,
  BoardRequest,
  HeldPage,
  LiveListener,
  StoredImage,
} from "./board-face.ts";
import type { Fetched } from "./board-files.ts";
import { BoardFiles } from "./board-files.ts";
import type { Frame } from "./board-frames.ts";
import { encodeLive } from "./board-frames.ts";
import { BoardLink, type Wire } from "./board-link.ts";
import type { MessageOf, ServerMessage } from "./board-messages.ts";
import { BoardPictures, type PictureStore } from "./board-pictures.ts";
import { type BoardState, initialBoardState } from "./board-state.ts";
import type { Actor, ActorId, BoardId, PageNumber } from "./board-vocabulary.ts";
import { type Clock, realClock } from "./clock.ts";
import { CopyShelf } from "./copy-shelf.ts";
import { FetchAhead } from "./fetch-ahead.ts";
import type { Keeper } from "./keeper.ts";
import { LiveSender } from "./live-sender.ts";
import { LiveWire } from "./live-wire.ts";
import { Pace } from "./pace.ts";
import { PageShelf } from "./page-shelf.ts";
import type { Claims } from "./tab-claims.ts";
import { Uploads } from "./uploads.ts";

export interface BoardClientOptions {
  readonly room: string;
  readonly token: string;
  readonly tab: string;
  readonly connect: () => Wire;
  readonly keeper: Keeper;
  readonly claims: Claims;
  readonly pictures: PictureStore;
  /** The link is good enough to fetch what is not needed yet. */
  readonly linkIsGood: () => boolean;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export class BoardClient implements BoardFace {
  readonly store = createStore<BoardState>(() => initialBoardState);
  readonly pictures: BoardPictures;
  readonly #options: BoardClientOptions;
  readonly #link: BoardLink;
  readonly #clock: Clock;
  readonly #files: BoardFiles;
  readonly #uploads: Uploads;
  readonly #live: LiveSender;
  readonly #liveWire = new LiveWire();
  readonly #listeners = new Map<PageNumber, Set<LiveListener>>();
  readonly #pace: Pace;
  readonly #ahead: FetchAhead;
  #pages: PageShelf | null = null;
  #version = 0;

  constructor(options: BoardClientOptions) {
    this.#options = options;
    this.store.setState({ keeps: options.keeper.lasting });
    this.#clock = options.clock ?? realClock;
    this.#files = new BoardFiles(options.token);
    this.pictures = new BoardPictures(this.#files, options.pictures);
    this.#uploads = new Uploads(this.#files, (uploads) => this.store.setState({ uploads }));
    this.#link = new BoardLink({
      ...options,
      awaits: () => this.store.getState().waiting > 0,
      handlers: {
        welcome: (message) => this.#welcome(message),
        message: (message) => this.#message(message),
        frame: (frame) => this.#frame(frame),
        lost: (attempt) => this.#lost(attempt),
        refused: () => this.store.setState({ link: "refused" }),
      },
    });
    this.#pace = new Pace(this.#clock, () => this.#pages?.pump());
    this.#live = new LiveSender({
      clock: this.#clock,
      buffered: () => this.#link.buffered,
      send: (page, message) => {
        const { kind, payload } = this.#liveWire.encode(message);
        this.#link.send(encodeLive(page, kind, payload));
      },
    });
    this.#ahead = new FetchAhead({
      clock: this.#clock,
      state: () => this.store.getState(),
      calm: () => this.linkIsGood() && this.store.getState().waiting === 0,
      fetchPage: async (page, signal) => (await this.#pages?.visit(page, signal)) ?? false,
      fetchSlide: (file, page, signal) => this.pictures.fetchAhead(file, page, signal),
    });
  }

  start(): void {
    this.#link.start();
  }

  hold(number: PageNumber): HeldPage {
    if (!this.#pages) throw new Error("a page was asked for before the board was there");
    return this.#pages.hold(number);
  }

  async ask(request: BoardRequest): Promise<BoardAnswer> {
    const { type, ...fields } = request;
    const reply = await this.#link.request(type, fields);
    return reply.ok ? reply : { ok: false, code: reply.code };
  }

  sendLive(page: PageNumber, message: LiveMessage): void {
    this.#live.send(page, message);
  }

  onLive(page: PageNumber, listener: LiveListener): () => void {
    const listeners = this.#listeners.get(page) ?? new Set();
    this.#listeners.set(page, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(page);
    };
  }

  addSlides(file: File, board: BoardId | null, after: PageNumber | null): void {
    void this.#uploads.slides(file, board, after);
  }

  cancelUpload(id: string): void {
    this.#uploads.cancel(id);
  }

  storeImage(file: File): Promise<StoredImage | null> {
    return this.#uploads.image(file);
  }

  async exportPage(page: PageNumber, format: "png" | "pdf"): Promise<Blob | null> {
    return unlessFailed(await this.#files.exportPage(page, format));
  }

  async exportBoard(board: BoardId, format: "pdf" | "zip"): Promise<Blob | null> {
    return unlessFailed(await this.#files.exportBoard(board, format));
  }

  async saveBoard(board: BoardId): Promise<string | null> {
    return unlessFailed(await this.#files.saveBoard(board));
  }

  offerGhost(id: string): void {
    this.#pages?.offerGhost(id);
  }

  dropGhost(id: string): void {
    this.#pages?.dropGhost(id);
  }

  linkIsGood(): boolean {
    return this.#link.open && this.#options.linkIsGood();
  }

  retry(): void {
    this.#link.retry();
  }

  /** The tab is hidden or about to close. */
  async flush(): Promise<void> {
    await this.#pages?.flush();
  }

  async close(): Promise<void> {
    this.#ahead.close();
    this.#live.close();
    this.#pace.close();
    this.#uploads.close();
    this.#link.close();
    await this.#pages?.close();
  }

  #welcome(message: MessageOf<"welcome">): void {
    this.#version = message.version;
    this.store.setState((state) => welcomed(state, message));
    if (!this.#pages) {
      const { keeper, claims, room } = this.#options;
      const person = message.you.person;
      this.#pages = new PageShelf({
        store: this.store,
        clock: this.#clock,
        room,
        person,
        copies: new CopyShelf(keeper, claims, room, person),
        request: (type, fields) => this.#link.request(type, fields),
        tell: (told) => this.#link.send(told),
        send: (frame) => this.#pace.take(frame.length) && this.#link.send(frame),
        watch: () => this.#link.watch(),
      });
    }
    this.#pages.connected();
    this.#ahead.wake();
  }

  #message(message: ServerMessage): void {
    const { store } = this;
    switch (message.type) {
      case "pages":
        if (!this.#follows(message.version)) return;
        store.setState((state) => pagesChanged(state, message));
        this.#pages?.changed(message.gone);
        this.#ahead.wake();
        return;
      case "boards":
        if (this.#follows(message.version)) store.setState((state) => boardsChanged(state, message));
        return;
      case "groups":
        if (this.#follows(message.version)) store.setState({ groups: message.groups });
        return;
      case "turn":
        store.setState({ turn: { page: message.page, by: message.by ?? "" } });
        this.#ahead.wake();
        return;
      case "people":
        for (const actor of message.gone)
          for (const listeners of this.#listeners.values()) for (const one of listeners) one.gone(actor);
        store.setState((state) => peopleChanged(state, message));
        return;
      case "settings":
        store.setState({ saveAtEnd: message.save_at_end });
        return;
      case "job": {
        const { job } = message;
        if (!job) return;
        this.#uploads.jobChanged(job);
        store.setState((state) => jobChanged(state, job));
        return;
      }
      case "opened":
        void this.#pages?.find(message.page)?.opened(message);
        return;
      case "writer":
        this.#pages?.find(message.page)?.writer(message);
        return;
      case "nack":
        this.#pages?.find(message.page)?.nack(message.n, message.code);
        return;
      case "rolled":
        this.#pages?.find(message.page)?.open(true);
        return;
      default:
        return;
    }
  }

  #frame(frame: Frame): void {
    if (frame.kind !== "live") {
      this.#pages?.find(frame.page)?.frame(frame);
      return;
    }
    const listeners = this.#listeners.get(frame.page);
    if (!listeners) return;
    const { people, you } = this.store.getState();
    for (const { actor, kind, payload } of frame.parts) {
      // When several are at work one message goes to all of them, with everybody's own part in it.
      if (actor === you?.actor) continue;
      const from: Actor | undefined = people.get(actor as ActorId);
      const message = from && this.#liveWire.decode(frame.page, actor, kind, payload);
      if (from && message) for (const listener of listeners) listener.live(from, message);
    }
  }

  /** False = a gap: only a new welcome mends it. */
  #follows(version: number): boolean {
    if (version === this.#version + 1) {
      this.#version = version;
      return true;
    }
    if (version > this.#version) this.#link.renew();
    return false;
  }

  #lost(attempt: number): void {
    // Who leaves meanwhile is told of by nobody: no pointer stays behind.
    for (const actor of this.store.getState().people.keys())
      for (const listeners of this.#listeners.values()) for (const one of listeners) one.gone(actor);
    this.store.setState({ link: "waiting", attempt });
    this.#pages?.disconnected();
  }
}

function unlessFailed<Value>(fetched: Fetched<Value>): Value | null {
  return fetched.ok ? fetched.value : null;
}
