import { describe, expect, it, vi } from "vitest";
import type { LiveRoomOptions } from "./live-room.ts";
import { type Promised, promised, settled } from "./promised.fixture.ts";
import type { RoomId } from "./protocol/vocabulary.ts";
import { createSession, type SessionParts } from "./session.ts";
import type { Admission } from "./signaling/admission.ts";
import type { Credential } from "./state/room-actions.ts";
import type { NetworkCheck } from "./state/room-state.ts";
import { createRoomStore } from "./state/room-store.ts";

const invitation: Credential = { kind: "invitation", invitation: "i" };
const ticket: Credential = { kind: "ticket", ticket: "t" };
const admitted: Admission = {
  ok: true,
  answer: {
    token: "token-1",
    room: { id: "r" as RoomId, name: "Customs 101" },
    person: { name: "Ana" },
    role: "officer",
    muted: false,
    ice_servers: [],
  },
};
const refused = (code: "unreachable" | "room_full" | "name_invalid" | "ticket_used"): Admission => ({
  ok: false,
  code,
  retryAfterS: null,
});
const NAME = { name: "Ana" };

function setUp(overrides: Partial<SessionParts> = {}) {
  const store = createRoomStore();
  const stays: { readonly options: LiveRoomOptions; readonly leave: ReturnType<typeof vi.fn> }[] = [];
  const exchanges = {
    exchange: vi.fn(async (_: Credential, _name: string, _signal: AbortSignal) => admitted),
    resume: vi.fn(async (_: AbortSignal) => admitted),
    forget: vi.fn(),
  };
  const own = {
    announcement: { mic: false, camera: false, screen: false },
    tracks: vi.fn(() => new Map()),
    onLevel: vi.fn(() => () => {}),
    set: vi.fn(async () => {}),
    pushToTalk: vi.fn(async () => {}),
    setScreen: vi.fn(async () => {}),
    select: vi.fn(async () => {}),
    list: vi.fn(async () => {}),
    release: vi.fn(),
  };
  const stay = (options: LiveRoomOptions) => {
    const nothing = () => {};
    const leave = vi.fn(async () => {});
    stays.push({ options, leave });
    return {
      publish: nothing,
      announce: nothing,
      setHand: nothing,
      setView: nothing,
      moderate: nothing,
      retryNow: nothing,
      leave,
    };
  };
  const actions = createSession(store, {
    desk: { ...exchanges, token: "token-1", tabId: "tab-1" },
    own: () => own,
    loadStay: async () => stay,
    followBoard: () => {},
    checkNetwork: async () => ({ state: "idle" }),
    supported: () => true,
    ...overrides,
  });
  const phase = () => store.getState().phase;
  const inRoom = () => store.setState({ phase: { name: "room" } });
  return { store, actions, exchanges, own, stay, stays, phase, inRoom };
}

async function joining(overrides: Partial<SessionParts> = {}) {
  const made = setUp(overrides);
  made.actions.open(invitation);
  await settled();
  return made;
}

async function connected() {
  const made = await joining();
  made.actions.join(NAME);
  await settled();
  expect(made.stays).toHaveLength(1);
  return made;
}

const JOIN_PAGE = { name: "joining", asksName: true, problem: null };

describe("cancel", () => {
  it("while an invitation is exchanged leads back to the join page and gives the request up", async () => {
    const { actions, exchanges, own, phase, stays } = await joining();
    const answer = promised<Admission>();
    exchanges.exchange.mockReturnValueOnce(answer.promise);
    actions.join(NAME);
    await settled();
    actions.leave();
    expect(phase()).toEqual(JOIN_PAGE);
    expect(exchanges.exchange.mock.calls[0]?.[2].aborted).toBe(true);
    expect(own.release).toHaveBeenCalled();
    answer.resolve(admitted);
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
    expect(stays).toHaveLength(0);
  });

  it("while an invitation is refused late shows no refusal and keeps the token", async () => {
    const { actions, exchanges, phase } = await joining();
    const answer = promised<Admission>();
    exchanges.exchange.mockReturnValueOnce(answer.promise);
    actions.join(NAME);
    await settled();
    actions.leave();
    answer.resolve(refused("room_full"));
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
    expect(exchanges.forget).not.toHaveBeenCalled();
  });

  it("while the chunk loads leads back, and nothing is connected when it is there", async () => {
    const chunk = promised<Awaited<ReturnType<SessionParts["loadStay"]>>>();
    const { actions, phase, stay, stays } = await joining({ loadStay: () => chunk.promise });
    actions.join(NAME);
    await settled();
    actions.leave();
    chunk.resolve(stay);
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
    expect(stays).toHaveLength(0);
  });

  it("while the chunk cannot be loaded says nothing about it afterwards", async () => {
    const chunk = promised<never>();
    const { actions, phase } = await joining({ loadStay: () => chunk.promise });
    actions.join(NAME);
    await settled();
    actions.leave();
    chunk.reject(new Error("offline"));
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
  });

  it.each(["signalling", "media"] as const)("at the step %s ends the stay and leads back", async (step) => {
    const { actions, own, phase, stays, store } = await connected();
    store.setState({ phase: { name: "connecting", step } });
    own.release.mockClear();
    actions.leave();
    expect(stays[0]?.leave).toHaveBeenCalledOnce();
    expect(own.release).toHaveBeenCalledOnce();
    expect(phase()).toEqual(JOIN_PAGE);
  });

  it("while the link is opened leads to the left page", async () => {
    const { actions, exchanges, phase } = setUp();
    const answer = promised<Admission>();
    exchanges.resume.mockReturnValueOnce(answer.promise);
    actions.open(null);
    actions.leave();
    expect(phase()).toEqual({ name: "left" });
    answer.resolve(admitted);
    await settled();
    expect(phase()).toEqual({ name: "left" });
  });

  it("while a ticket is redeemed does not waste it: who comes back is let in by the same answer", async () => {
    const { actions, exchanges, phase, stays } = setUp();
    const answer = promised<Admission>();
    exchanges.exchange.mockReturnValueOnce(answer.promise);
    actions.open(ticket);
    actions.leave();
    expect(exchanges.exchange.mock.calls[0]?.[2].aborted).toBe(false);
    actions.rejoin();
    answer.resolve(admitted);
    await settled();
    expect(exchanges.exchange).toHaveBeenCalledOnce();
    expect(stays).toHaveLength(1);
    expect(phase().name).toBe("connecting");
  });

  it("of a rejoin leads back to the left page", async () => {
    const { actions, exchanges, inRoom, phase, stays } = await connected();
    inRoom();
    actions.leave();
    const answer = promised<Admission>();
    exchanges.resume.mockReturnValueOnce(answer.promise);
    actions.rejoin();
    await settled();
    actions.leave();
    answer.resolve(admitted);
    await settled();
    expect(phase()).toEqual({ name: "left" });
    expect(stays).toHaveLength(1);
  });

  it("then joining again enters by the second way alone", async () => {
    const { actions, exchanges, stays } = await joining();
    const first = promised<Admission>();
    exchanges.exchange.mockReturnValueOnce(first.promise);
    actions.join(NAME);
    await settled();
    actions.leave();
    actions.join(NAME);
    await settled();
    first.resolve(admitted);
    await settled();
    expect(stays).toHaveLength(1);
  });
});

describe("leaving", () => {
  it.each(["room", "reconnecting"] as const)("from %s is over at once", async (name) => {
    const { actions, own, phase, stays, store } = await connected();
    store.setState({
      phase: name === "room" ? { name } : { name, attempt: 3, reason: "network" },
      notices: [{ id: 1, kind: "reconnected" }],
    });
    actions.leave();
    expect(phase()).toEqual({ name: "left" });
    expect(stays[0]?.leave).toHaveBeenCalledOnce();
    expect(own.release).toHaveBeenCalled();
    expect(store.getState().notices).toEqual([]);
  });

  it("is told to the server before the next join is", async () => {
    const { actions, inRoom, stays } = await connected();
    inRoom();
    const told = promised<void>();
    stays[0]?.leave.mockReturnValueOnce(told.promise);
    actions.leave();
    actions.rejoin();
    await settled();
    expect(stays).toHaveLength(1);
    told.resolve();
    await settled();
    expect(stays).toHaveLength(2);
  });

  it("a page that shows how the class ended changes nothing", async () => {
    const { actions, phase, stays } = await connected();
    stays[0]?.options.over({ name: "ended", by: "Tutor" });
    actions.leave();
    expect(phase()).toEqual({ name: "ended", by: "Tutor" });
  });
});

describe("rejoining", () => {
  it("does not wait for the question about a device", async () => {
    const { actions, inRoom, own, stays, store } = await connected();
    inRoom();
    actions.leave();
    store.setState({ mic: { on: true, starting: false, problem: "none", stream: null } });
    own.set.mockReturnValueOnce(new Promise(() => {}));
    actions.rejoin();
    await settled();
    expect(own.set).toHaveBeenCalledWith("mic", true);
    expect(stays).toHaveLength(2);
  });
});

describe("a refusal", () => {
  it("gives the devices back", async () => {
    const { actions, exchanges, own, phase } = await joining();
    own.release.mockClear();
    exchanges.exchange.mockResolvedValueOnce(refused("room_full"));
    actions.join(NAME);
    await settled();
    expect(phase()).toMatchObject({ name: "refused", code: "room_full" });
    expect(own.release).toHaveBeenCalled();
  });

  it("of the name keeps the person, and the devices, on the join page", async () => {
    const { actions, exchanges, own, phase } = await joining();
    own.release.mockClear();
    exchanges.exchange.mockResolvedValueOnce(refused("name_invalid"));
    actions.join(NAME);
    await settled();
    expect(phase()).toEqual({ name: "joining", asksName: true, problem: "name_invalid" });
    expect(own.release).not.toHaveBeenCalled();
  });

  it("of a full room while the socket connects can be tried again", async () => {
    const { actions, exchanges, phase, stays } = await connected();
    stays[0]?.options.over({ name: "refused", code: "room_full", retryAfterS: null });
    expect(exchanges.forget).not.toHaveBeenCalled();
    actions.retryNow();
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
  });

  it("of a closed room after a class lets the kept token try again", async () => {
    const { actions, exchanges, inRoom, phase, stays } = await connected();
    inRoom();
    stays[0]?.options.over({ name: "refused", code: "room_closed", retryAfterS: null });
    actions.retryNow();
    await settled();
    expect(exchanges.resume).toHaveBeenCalledOnce();
    expect(phase()).toEqual({ name: "joining", asksName: false, problem: null });
  });

  it("for want of a network does not forget the ticket", async () => {
    const { actions, exchanges, phase } = setUp();
    exchanges.exchange.mockResolvedValueOnce(refused("unreachable"));
    actions.open(ticket);
    await settled();
    expect(phase()).toMatchObject({ name: "refused", code: "unreachable" });
    actions.retryNow();
    await settled();
    expect(exchanges.exchange).toHaveBeenCalledTimes(2);
    expect(phase()).toEqual({ name: "joining", asksName: false, problem: null });
  });

  it("for good forgets the token", async () => {
    const { actions, exchanges } = setUp();
    exchanges.exchange.mockResolvedValueOnce(refused("ticket_used"));
    actions.open(ticket);
    await settled();
    expect(exchanges.forget).toHaveBeenCalled();
  });
});

describe("another link in the same tab", () => {
  it("ends the class that is open", async () => {
    const { actions, inRoom, phase, stays } = await connected();
    inRoom();
    actions.open(ticket);
    await settled();
    expect(stays[0]?.leave).toHaveBeenCalledOnce();
    expect(phase()).toEqual({ name: "joining", asksName: false, problem: null });
  });

  it("overtakes one that is still being opened", async () => {
    const { actions, exchanges, phase } = setUp();
    const answer = promised<Admission>();
    exchanges.exchange.mockReturnValueOnce(answer.promise);
    actions.open(ticket);
    actions.open(invitation);
    answer.resolve(refused("ticket_used"));
    await settled();
    expect(phase()).toEqual(JOIN_PAGE);
  });
});

describe("the network check", () => {
  it("is given up when one joins, and an older result never replaces a newer one", async () => {
    const results: Promised<NetworkCheck>[] = [];
    const signals: AbortSignal[] = [];
    const { actions, store } = await joining({
      checkNetwork: (signal) => {
        signals.push(signal);
        const result = promised<NetworkCheck>();
        results.push(result);
        return result.promise;
      },
    });
    actions.checkNetwork();
    actions.checkNetwork();
    const old = { state: "done", verdict: "poor", roundTripMs: 900, downlinkKbps: 90 } as const;
    results[0]?.resolve(old);
    await settled();
    expect(store.getState().network).toEqual({ state: "running" });
    actions.join(NAME);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });
});
