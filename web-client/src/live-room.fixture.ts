/** For tests: a stay whose connection and peers the test plays. */
import { vi } from "vitest";
import { LiveRoom, type LiveRoomOptions } from "./live-room.ts";
import type { MediaPeerHandlers } from "./media/media-peer.ts";
import type { Participant, ParticipantId, RoomSnapshot } from "./protocol/vocabulary.ts";
import type { ConnectionHandlers, EventHandlers } from "./signaling/signaling-client.ts";
import { createRoomStore } from "./state/room-store.ts";

export const ME = "me" as ParticipantId;
export const BEN = "ben" as ParticipantId;

export function somebody(id: ParticipantId, change: Partial<Participant> = {}): Participant {
  return {
    id,
    name: id,
    role: "officer",
    mic: false,
    camera: false,
    screen: false,
    hand: null,
    connection: "connected",
    quality: "good",
    joined_at: 1,
    ...change,
  };
}

export function snapshot(
  version: number,
  participant = ME,
  others: readonly Participant[] = [],
): RoomSnapshot {
  return {
    version,
    room: { id: "r", name: "Customs 101" } as RoomSnapshot["room"],
    session: { id: "s", started_at: 1 } as RoomSnapshot["session"],
    you: { participant, role: "officer", may: ["publish_mic", "publish_camera", "raise_hand"] },
    participants: [somebody(participant), ...others],
    now: 1,
  };
}

export const failed = (code: string, retryAfterS: number | null = null) => ({ ok: false, code, retryAfterS });
export const flush = () => vi.advanceTimersByTimeAsync(0);

class FakeSignaling {
  connected = false;
  readonly requests: { readonly event: string; readonly payload: unknown }[] = [];
  /** What the next request of an event is answered by; a promise keeps it waiting. */
  readonly answers = new Map<string, unknown[]>();
  readonly retry = vi.fn();
  readonly close = vi.fn(() => {
    this.connected = false;
  });
  readonly silence = vi.fn();
  readonly connect = vi.fn();
  events!: EventHandlers;
  connection!: ConnectionHandlers;

  answer(event: string, ...answers: unknown[]): void {
    this.answers.set(event, answers);
  }

  async request(event: string, payload: object): Promise<never> {
    this.requests.push({ event, payload });
    if (!this.connected) return failed("unreachable") as never;
    return ((await this.answers.get(event)?.shift()) ?? { ok: true, value: { sdp: "answer" } }) as never;
  }

  asked(event: string): unknown[] {
    return this.requests.flatMap((request) => (request.event === event ? [request.payload] : []));
  }

  /** The socket is there (again), and the server's answer to the join. */
  async comes(...joins: unknown[]): Promise<void> {
    if (joins.length > 0) this.answer("join", ...joins);
    this.connected = true;
    this.connection.connected();
    await flush();
  }

  drops(): void {
    this.connected = false;
    this.connection.interrupted();
  }
}

class FakePeer {
  /** Empty until the offer is made, as a browser's transceivers have no mid before. */
  mids: string[] = [];
  readonly published: unknown[] = [];
  readonly restartIce = vi.fn(async () => {});
  readonly setEncodings = vi.fn(async () => {});
  readonly close = vi.fn(() => this.#abort.abort());
  readonly #abort = new AbortController();
  constructor(readonly handlers: MediaPeerHandlers) {}

  async start(): Promise<boolean> {
    const answer = await this.handlers.negotiate("offer", [], this.#abort.signal);
    if (answer !== null) this.mids = ["3"];
    return answer !== null;
  }
  async publish(source: string): Promise<void> {
    this.published.push(source);
  }
  stream(mid: string): MediaStream | null {
    return { id: mid } as MediaStream;
  }
  use(mid: string) {
    return mid === "3" ? ("audio" as const) : ("video" as const);
  }
  soundMids(): string[] {
    return this.mids;
  }
}

export function setUp() {
  const store = createRoomStore({ phase: { name: "connecting", step: "signalling" } });
  const signaling = new FakeSignaling();
  const peers: FakePeer[] = [];
  const own = {
    announcement: { mic: true, camera: false, screen: false },
    tracks: () => new Map([["mic", null]]) as ReturnType<LiveRoomOptions["own"]["tracks"]>,
    set: vi.fn(async () => {}),
    setScreen: vi.fn(async () => {}),
    pushToTalk: vi.fn(async () => {}),
  };
  const notice = vi.fn();
  const over = vi.fn();
  const room = new LiveRoom({
    store,
    own,
    token: "token-1",
    tab: "tab-1",
    iceServers: [],
    notice,
    over,
    makePeer: (_, handlers) => {
      const peer = new FakePeer(handlers);
      peers.push(peer);
      return peer;
    },
    makeSignaling: (_, events, connection) => Object.assign(signaling, { events, connection }),
  });
  const phase = () => store.getState().phase;
  const joined = (version = 1) => signaling.comes({ ok: true, value: { state: snapshot(version) } });
  return { store, signaling, peers, own, notice, over, room, phase, joined };
}
