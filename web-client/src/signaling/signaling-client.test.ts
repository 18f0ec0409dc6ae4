import { beforeEach, describe, expect, it, vi } from "vitest";
import { SignalingClient } from "./signaling-client.ts";

type Listener = (...said: unknown[]) => void;

class FakeEmitter {
  readonly listeners = new Map<string, Listener>();
  on(event: string, listener: Listener): void {
    this.listeners.set(event, listener);
  }
  off(event: string): void {
    this.listeners.delete(event);
  }
  removeAllListeners(): void {
    this.listeners.clear();
  }
  hears(event: string, ...said: unknown[]): void {
    this.listeners.get(event)?.(...said);
  }
}

class FakeSocket extends FakeEmitter {
  readonly io = new FakeEmitter();
  connected = true;
  active = true;
  readonly connect = vi.fn(() => this);
  readonly disconnect = vi.fn(() => this);
  readonly emitWithAck = vi.fn(async (_event: string, _payload: object): Promise<unknown> => ({ ok: true }));
  readonly timeout = vi.fn((_ms: number) => ({ emitWithAck: this.emitWithAck }));
}

const fake = vi.hoisted(() => ({ socket: null as unknown, options: null as unknown }));
vi.mock("socket.io-client", () => ({
  io: (options: unknown) => {
    fake.options = options;
    return fake.socket;
  },
}));

function setUp() {
  const socket = new FakeSocket();
  fake.socket = socket;
  const connection = { connected: vi.fn(), interrupted: vi.fn(), attempting: vi.fn(), refused: vi.fn() };
  const events = { speaking: vi.fn() };
  const client = new SignalingClient({ token: "secret-token", tab: "tab-1" }, events as never, connection);
  return { socket, connection, events, client };
}

beforeEach(() => {
  fake.options = null;
});

describe("the connection", () => {
  it("carries the token in its first message and never in an address", () => {
    setUp();
    expect(fake.options).toMatchObject({ auth: { token: "secret-token", tab: "tab-1" } });
    const { auth: _, ...rest } = fake.options as { auth: unknown };
    expect(JSON.stringify(rest)).not.toContain("secret-token");
  });

  it("tells the server's reason for a refusal, also one that this page does not know", () => {
    const { socket, connection } = setUp();
    socket.hears("connect_error", Object.assign(new Error(), { data: { code: "room_closed" } }));
    expect(connection.refused).toHaveBeenLastCalledWith("room_closed");
    socket.active = false;
    socket.hears("connect_error", new Error("refused by a middleware"));
    expect(connection.refused).toHaveBeenLastCalledWith("unreachable");
  });

  it("takes a path that failed for no refusal", () => {
    const { socket, connection } = setUp();
    socket.hears("connect_error", new Error("websocket error"));
    expect(connection.refused).not.toHaveBeenCalled();
  });

  it("comes back by itself when the server closed it", () => {
    const { socket, connection } = setUp();
    socket.hears("disconnect", "io server disconnect");
    expect(connection.interrupted).toHaveBeenCalledOnce();
    expect(socket.connect).toHaveBeenCalledOnce();
  });

  it("leaves out a message that breaks the contract", () => {
    const { socket, events } = setUp();
    socket.hears("speaking", { participants: "everybody" });
    expect(events.speaking).not.toHaveBeenCalled();
    socket.hears("speaking", { participants: ["a"] });
    expect(events.speaking).toHaveBeenCalledWith({ participants: ["a"] });
  });
});

describe("a request", () => {
  it("gives the server's refusal back with its waiting time", async () => {
    const { socket, client } = setUp();
    socket.emitWithAck.mockResolvedValueOnce({
      ok: false,
      error: { code: "rate_limited", detail: "", retry_after_s: 2 },
    });
    expect(await client.request("join", {})).toEqual({ ok: false, code: "rate_limited", retryAfterS: 2 });
  });

  it("is invalid when its answer is, and unreachable without one", async () => {
    const { socket, client } = setUp();
    expect(await client.request("join", {})).toMatchObject({ code: "invalid" });
    socket.emitWithAck.mockRejectedValueOnce(new Error("timeout"));
    expect(await client.request("sync", {})).toMatchObject({ code: "unreachable" });
    socket.connected = false;
    expect(await client.request("leave", {})).toMatchObject({ code: "unreachable" });
    expect(socket.emitWithAck).toHaveBeenCalledTimes(2);
  });

  it("still goes out when the client is silenced, and nothing else is heard", async () => {
    const { socket, connection, events, client } = setUp();
    socket.io.on("packet", vi.fn());
    client.silence();
    socket.hears("speaking", { participants: ["a"] });
    socket.hears("connect");
    socket.io.hears("reconnect_attempt", 1);
    expect(events.speaking).not.toHaveBeenCalled();
    expect(connection.connected).not.toHaveBeenCalled();
    expect(connection.attempting).not.toHaveBeenCalled();
    expect(socket.io.listeners.has("packet")).toBe(true);
    expect(await client.request("leave", {})).toEqual({ ok: true, value: {} });
  });
});
