import { describe, expect, it, vi } from "vitest";
import type { Credential } from "../state/room-actions.ts";
import { AdmissionDesk, asRefusal } from "./admission.ts";
import { type Keepsake, keepsake, kept } from "./keepsake.ts";

const blocked: Keepsake = keepsake(() => {
  throw new DOMException("blocked", "SecurityError");
});
const never = new AbortController().signal;
const link: Credential = { kind: "invitation", invitation: "secret" };
const answer = {
  token: "token-1",
  expires_at: 1,
  room: { id: "r", name: "Customs 101" },
  person: { name: "Ana" },
  role: "officer",
  muted: true,
  ice_servers: [],
};

function replying(status: number, body: unknown): typeof fetch {
  return vi.fn(async () => new Response(JSON.stringify(body), { status }));
}

describe("the admission desk", () => {
  it("exchanges an invitation and keeps the token, even where storage is blocked", async () => {
    const fetcher = replying(200, answer);
    const desk = new AdmissionDesk(blocked, blocked, fetcher);
    const admission = await desk.exchange(link, "Ana", never);
    expect(admission).toMatchObject({ ok: true, answer: { room: { name: "Customs 101" }, muted: true } });
    expect(desk.token).toBe("token-1");
    const body = JSON.parse(String(vi.mocked(fetcher).mock.calls[0]?.[1]?.body));
    expect(body).toMatchObject({ invitation: "secret", name: "Ana" });
    expect(body.guest_key).toHaveLength(22);
  });

  it("tells the server's reason and when to try again", async () => {
    const desk = new AdmissionDesk(
      blocked,
      blocked,
      replying(429, { code: "rate_limited", retry_after_s: 30 }),
    );
    expect(await desk.exchange(link, "Ana", never)).toEqual({
      ok: false,
      code: "rate_limited",
      retryAfterS: 30,
    });
  });

  it("calls an answer that breaks the contract unreachable", async () => {
    const desk = new AdmissionDesk(blocked, blocked, replying(200, { token: 7 }));
    expect(await desk.exchange(link, "Ana", never)).toMatchObject({ ok: false, code: "unreachable" });
  });

  it("gives a request up with its way in, and a late answer leaves no token", async () => {
    const store = keepsake(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    const way = new AbortController();
    const late = vi.fn(async (_: unknown, init?: RequestInit) => {
      way.abort();
      expect(init?.signal?.aborted).toBe(true);
      return new Response(JSON.stringify(answer));
    });
    const desk = new AdmissionDesk(store, store, late as typeof fetch);
    await desk.exchange(link, "Ana", way.signal);
    expect(late).toHaveBeenCalledOnce();
    expect(desk.token).toBeNull();
  });

  it("asks nothing without a token", async () => {
    const fetcher = replying(200, answer);
    expect(
      await new AdmissionDesk(
        keepsake(() => new Map() as never),
        blocked,
        fetcher,
      ).resume(never),
    ).toMatchObject({
      code: "no_link",
    });
    expect(fetcher).not.toHaveBeenCalled();
  });

  it("knows only the contract's reasons", () => {
    expect(asRefusal("ticket_used")).toBe("ticket_used");
    expect(asRefusal("novel")).toBe("unreachable");
  });
});

describe("a keepsake", () => {
  it("gives the same id again", () => {
    expect(kept(blocked, "tab")).toBe(kept(blocked, "tab"));
  });
});
