/** What a person asks of the room, and what this page tells it: only while joined, and said again after a gap. */
import type { ClientEvent } from "./protocol/messages.ts";
import type { Moderation, Source, TileView } from "./protocol/vocabulary.ts";
import type { SignalingClient } from "./signaling/signaling-client.ts";
import type { NoticeBody } from "./state/room-state.ts";

export class RoomRequests {
  readonly #request: SignalingClient["request"];
  readonly #notice: (body: NoticeBody) => void;
  #joined = false;
  #view: readonly TileView[] = [];
  #announced = "";

  constructor(request: SignalingClient["request"], notice: (body: NoticeBody) => void) {
    this.#request = request;
    this.#notice = notice;
  }

  /** The server has acknowledged a join on this connection. */
  get joined(): boolean {
    return this.#joined;
  }

  set joined(joined: boolean) {
    this.#joined = joined;
    this.#announced = "";
  }

  announce(on: Readonly<Record<Source, boolean>>): void {
    const said = JSON.stringify(on);
    if (said === this.#announced || !this.#joined) return;
    this.#announced = said;
    void this.#send("media", { ...on });
  }

  setView(tiles: readonly TileView[]): void {
    this.#view = tiles;
    this.repeatView();
  }

  /** A peer that is new, or taken up again, knows no tiles. */
  repeatView(): void {
    if (this.#joined) void this.#send("view", { tiles: this.#view });
  }

  setHand(raised: boolean): void {
    void this.#act("hand", { raised });
  }

  moderate(moderation: Moderation): void {
    void this.#act("moderate", { ...moderation });
  }

  /** What a person asked for: that it did not happen is said, whatever the reason. */
  async #act(event: ClientEvent, payload: object): Promise<void> {
    if (!this.#joined || (await this.#send(event, payload)) === "unreachable")
      this.#notice({ kind: "action_failed" });
  }

  /** The server's refusal as a note; a lost connection is no refusal, and its code is given back. */
  async #send(event: ClientEvent, payload: object): Promise<"unreachable" | null> {
    const reply = await this.#request(event, payload);
    if (reply.ok) return null;
    if (reply.code === "unreachable") return reply.code;
    const kinds: Partial<Record<string, NoticeBody>> = {
      rate_limited: { kind: "too_fast" },
      forbidden: { kind: "not_allowed" },
    };
    this.#notice(kinds[reply.code] ?? { kind: "action_failed" });
    return null;
  }
}
