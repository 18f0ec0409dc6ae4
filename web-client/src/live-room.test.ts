import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BEN, failed, flush, ME, setUp, snapshot, somebody } from "./live-room.fixture.ts";
import type { SlotChange } from "./protocol/messages.ts";
import type { ParticipantId } from "./protocol/vocabulary.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a stay", () => {
  it("begins with the join, then the media, then the room", async () => {
    const { signaling, peers, phase, joined } = setUp();
    expect(signaling.connect).toHaveBeenCalled();
    await joined();
    expect(signaling.requests.map((request) => request.event)).toEqual(["join", "media", "offer", "view"]);
    expect(signaling.asked("join")[0]).toMatchObject({ media: { mic: true, camera: false } });
    expect(peers[0]?.published).toEqual(["mic"]);
    expect(phase()).toEqual({ name: "room" });
  });

  it("announces a switch that was pressed while the join was on its way", async () => {
    const { signaling, own, room } = setUp();
    let answer = (_: unknown) => {};
    await signaling.comes(new Promise((resolve) => (answer = resolve)));
    own.announcement = { mic: false, camera: true, screen: false };
    room.announce(own.announcement);
    expect(signaling.asked("media")).toEqual([]);
    answer({ ok: true, value: { state: snapshot(1) } });
    await flush();
    expect(signaling.asked("media")).toEqual([{ mic: false, camera: true, screen: false }]);
  });

  it("waits its turn when it joins too often, and says nothing of a first try as of a reconnection", async () => {
    const { signaling, notice, over, phase } = setUp();
    await signaling.comes(failed("rate_limited", 12), { ok: true, value: { state: snapshot(1) } });
    expect(phase().name).toBe("connecting");
    await vi.advanceTimersByTimeAsync(12_000);
    expect(phase()).toEqual({ name: "room" });
    expect(over).not.toHaveBeenCalled();
    expect(notice).not.toHaveBeenCalled();
  });

  it("ends when the join is refused for good", async () => {
    const { signaling, over } = setUp();
    await signaling.comes(failed("room_full"));
    expect(over).toHaveBeenCalledWith({ name: "refused", code: "room_full", retryAfterS: null });
    expect(signaling.close).toHaveBeenCalled();
  });
});

describe("the version of the room", () => {
  it("carries changes that follow each other and leaves out old ones", async () => {
    const { store, signaling, joined } = setUp();
    await joined(4);
    signaling.events.participant({ version: 5, participant: somebody(BEN) });
    signaling.events.participant({ version: 4, participant: somebody(BEN, { name: "old" }) });
    expect(store.getState().participants.get(BEN)?.name).toBe("ben");
    signaling.events.left({ version: 6, participant: BEN, reason: "left" });
    expect(store.getState().participants.has(BEN)).toBe(false);
    expect(signaling.asked("sync")).toHaveLength(0);
  });

  it("asks for one full state however many changes follow a gap", async () => {
    const { store, signaling, joined } = setUp();
    await joined(4);
    signaling.answer("sync", { ok: true, value: { state: snapshot(9, ME, [somebody(BEN)]) } });
    for (const version of [7, 8, 9]) signaling.events.participant({ version, participant: somebody(BEN) });
    await flush();
    expect(signaling.asked("sync")).toHaveLength(1);
    signaling.events.participant({ version: 10, participant: somebody(BEN, { hand: 5 }) });
    expect(store.getState().participants.get(BEN)?.hand).toBe(5);
  });

  it("asks again when the full state could not be had", async () => {
    const { signaling, joined } = setUp();
    await joined(4);
    signaling.answer("sync", failed("rate_limited", 1), { ok: true, value: { state: snapshot(9) } });
    signaling.events.left({ version: 8, participant: BEN, reason: "left" });
    await flush();
    signaling.events.left({ version: 9, participant: BEN, reason: "left" });
    await flush();
    expect(signaling.asked("sync")).toHaveLength(2);
  });
});

describe("offers", () => {
  it("that the server refuses twice are not repeated for ever", async () => {
    const { signaling, over, joined, peers } = setUp();
    signaling.answer("offer", failed("offer_refused"), failed("offer_refused"));
    await joined();
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(over).toHaveBeenCalledWith({ name: "refused", code: "browser_unsupported", retryAfterS: null });
    expect(peers).toHaveLength(2);
  });

  it("that did not arrive do not count as refused", async () => {
    const { signaling, over, joined, phase } = setUp();
    signaling.answer("offer", failed("offer_refused"), failed("unreachable"), failed("offer_refused"));
    await joined();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(over).not.toHaveBeenCalled();
    expect(phase()).toEqual({ name: "room" });
  });
});

describe("slots", () => {
  const change: SlotChange = { mid: "7", participant: BEN, source: "camera", state: "live" };

  it("that are told before the answer are shown after it", async () => {
    const { store, signaling, joined } = setUp();
    let answer = (_: unknown) => {};
    signaling.answer("offer", new Promise((resolve) => (answer = resolve)));
    await joined();
    signaling.events.slots({ slots: [change] });
    expect(store.getState().pictures.size).toBe(0);
    answer({ ok: true, value: { sdp: "answer" } });
    await flush();
    expect(store.getState().pictures.get("camera:ben" as never)?.state).toBe("live");
  });

  it("go with their peer when the media are renewed", async () => {
    const { store, signaling, peers, joined } = setUp();
    await joined();
    signaling.events.slots({ slots: [change] });
    signaling.events.renew_media({});
    expect(peers[0]?.close).toHaveBeenCalled();
    expect(store.getState().pictures.size).toBe(0);
    await flush();
    expect(peers).toHaveLength(2);
  });
});

describe("a connection that drops", () => {
  it("resumes the same participant with the same peer", async () => {
    const { signaling, peers, phase, notice, joined } = setUp();
    await joined();
    signaling.drops();
    expect(phase()).toEqual({ name: "reconnecting", attempt: 1, reason: "network" });
    await joined(5);
    expect(peers).toHaveLength(1);
    expect(phase()).toEqual({ name: "room" });
    expect(notice).toHaveBeenCalledWith({ kind: "reconnected" });
    expect(signaling.asked("view")).toHaveLength(2);
  });

  it("makes a new peer for a new participant", async () => {
    const { signaling, peers, joined } = setUp();
    await joined();
    signaling.drops();
    await signaling.comes({ ok: true, value: { state: snapshot(5, "me-2" as ParticipantId) } });
    expect(peers).toHaveLength(2);
  });

  it("before the offer was answered makes a new peer too", async () => {
    const { signaling, peers, phase, joined } = setUp();
    signaling.answer("offer", failed("unreachable"));
    await joined();
    signaling.drops();
    await joined(2);
    expect(peers).toHaveLength(2);
    expect(phase()).toEqual({ name: "room" });
  });

  it("does not show the room while the media are still away", async () => {
    const { signaling, peers, phase, joined } = setUp();
    await joined();
    peers[0]?.handlers.flowing(false);
    signaling.drops();
    await joined(2);
    expect(phase().name).toBe("reconnecting");
    peers[0]?.handlers.flowing(true);
    expect(phase()).toEqual({ name: "room" });
  });

  it("is told as a restart when the server has said so", async () => {
    const { signaling, peers, phase, joined } = setUp();
    await joined();
    signaling.events.draining({ reconnect_in_ms: 500 });
    signaling.drops();
    peers[0]?.handlers.flowing(false);
    expect(phase()).toEqual({ name: "reconnecting", attempt: 1, reason: "server_restart" });
    signaling.connection.refused("draining");
    await vi.advanceTimersByTimeAsync(4_500);
    expect(signaling.retry).toHaveBeenCalledOnce();
  });

  it("keeps the place of who comes back too often, and tells who comes first", async () => {
    const { signaling, over, joined } = setUp();
    await joined();
    signaling.drops();
    signaling.connection.refused("rate_limited");
    expect(over).not.toHaveBeenCalled();
    const first = setUp();
    first.signaling.connection.refused("rate_limited");
    expect(first.over).toHaveBeenCalledWith({ name: "refused", code: "rate_limited", retryAfterS: null });
  });

  it("says that a hand could not be raised meanwhile", async () => {
    const { signaling, notice, room, joined } = setUp();
    await joined();
    signaling.drops();
    room.setHand(true);
    expect(notice).toHaveBeenCalledWith({ kind: "action_failed" });
    expect(signaling.asked("hand")).toEqual([]);
  });

  it("is tried now on demand: the socket, or else the path of the media", async () => {
    const { signaling, peers, room, joined } = setUp();
    await joined();
    peers[0]?.handlers.flowing(false);
    room.retryNow();
    expect(peers[0]?.restartIce).toHaveBeenCalledOnce();
    signaling.drops();
    room.retryNow();
    expect(signaling.retry).toHaveBeenCalledOnce();
  });
});

describe("what the server decides about me", () => {
  it.each([
    ["removed", { by: "Tutor" }, { name: "removed", by: "Tutor" }],
    ["ended", { by: null }, { name: "ended", by: null }],
    ["moved", {}, { name: "moved" }],
  ] as const)("%s ends the stay once", async (event, payload, phase) => {
    const { signaling, peers, over, joined } = setUp();
    await joined();
    signaling.events[event](payload as never);
    signaling.events.moved({});
    expect(over).toHaveBeenCalledOnce();
    expect(over).toHaveBeenCalledWith(phase);
    expect(peers[0]?.close).toHaveBeenCalled();
    expect(signaling.close).toHaveBeenCalled();
  });

  it("muted closes the microphone even while the key to talk is held", async () => {
    const { signaling, own, notice, joined } = setUp();
    await joined();
    signaling.events.muted({ source: "mic", by: "Tutor" });
    expect(own.set).toHaveBeenCalledWith("mic", false);
    expect(own.pushToTalk).toHaveBeenCalledWith(false);
    expect(notice).toHaveBeenCalledWith({ kind: "muted_by", name: "Tutor" });
  });

  it("muted while the connection was away is not undone by coming back", async () => {
    const { signaling, own, notice } = setUp();
    const state = (version: number, mic: boolean) => ({
      ok: true,
      value: { state: { ...snapshot(version), participants: [somebody(ME, { mic })] } },
    });
    await signaling.comes(state(1, true));
    signaling.drops();
    await signaling.comes(state(2, true));
    expect(own.set).not.toHaveBeenCalled();
    signaling.drops();
    await signaling.comes(state(4, false));
    expect(own.set).toHaveBeenCalledWith("mic", false);
    expect(notice).toHaveBeenCalledWith({ kind: "muted_by", name: "" });
  });

  it("a role that may not publish closes what the preview had opened", async () => {
    const { signaling, own } = setUp();
    const state = snapshot(1);
    await signaling.comes({ ok: true, value: { state: { ...state, you: { ...state.you, may: [] } } } });
    expect(own.set).toHaveBeenCalledOnce();
    expect(own.set).toHaveBeenCalledWith("mic", false);
  });

  it("lowered names who lowered my hand", async () => {
    const { signaling, notice, joined } = setUp();
    await joined();
    signaling.events.lowered({ by: "Tutor" });
    expect(notice).toHaveBeenCalledWith({ kind: "hand_lowered_by", name: "Tutor" });
  });
});

describe("leaving", () => {
  it("is over at once and closes the socket when the server knows", async () => {
    const { signaling, peers, room, over, joined } = setUp();
    await joined();
    let answer = (_: unknown) => {};
    signaling.answer("leave", new Promise((resolve) => (answer = resolve)));
    const left = room.leave();
    expect(peers[0]?.close).toHaveBeenCalled();
    expect(signaling.silence).toHaveBeenCalled();
    expect(signaling.close).not.toHaveBeenCalled();
    answer({ ok: true, value: {} });
    await left;
    expect(signaling.close).toHaveBeenCalled();
    expect(over).not.toHaveBeenCalled();
  });

  it("while the join is on its way is told after it, and the late join enters nothing", async () => {
    const { store, signaling, peers, room, phase } = setUp();
    let answer = (_: unknown) => {};
    await signaling.comes(new Promise((resolve) => (answer = resolve)));
    const left = room.leave();
    answer({ ok: true, value: { state: snapshot(1) } });
    await left;
    await flush();
    expect(signaling.requests.map((request) => request.event)).toEqual(["join", "leave"]);
    expect(peers).toHaveLength(0);
    expect(store.getState().participants.size).toBe(0);
    expect(phase().name).toBe("connecting");
  });

  it("before the socket is there closes it", async () => {
    const { signaling, room } = setUp();
    await room.leave();
    expect(signaling.close).toHaveBeenCalled();
  });

  it("while an offer is on its way makes no later peer and shows no room", async () => {
    const { signaling, peers, room, phase, joined } = setUp();
    let answer = (_: unknown) => {};
    signaling.answer("offer", new Promise((resolve) => (answer = resolve)));
    await joined();
    await room.leave();
    answer({ ok: true, value: { sdp: "answer" } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(peers).toHaveLength(1);
    expect(phase()).toEqual({ name: "connecting", step: "media" });
  });

  it("while a retry is due lets it lapse", async () => {
    const { signaling, peers, room, joined } = setUp();
    signaling.answer("offer", failed("unreachable"));
    await joined();
    await room.leave();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(peers).toHaveLength(1);
  });

  it("while a full state is on its way leaves the state as it is", async () => {
    const { store, signaling, room, joined } = setUp();
    await joined(1);
    let answer = (_: unknown) => {};
    signaling.answer("sync", new Promise((resolve) => (answer = resolve)));
    signaling.events.left({ version: 5, participant: BEN, reason: "left" });
    await room.leave();
    answer({ ok: true, value: { state: snapshot(5, ME, [somebody(BEN)]) } });
    await flush();
    expect(store.getState().participants.has(BEN)).toBe(false);
  });
});
