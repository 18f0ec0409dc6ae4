/** Makes the board of a stay with what this browser has: storage, locks, cache. The entry of the board's chunk. */
import { BoardClient } from "./board-client.ts";
import type { Wire } from "./board-link.ts";
import { CachedPictures, RememberedPictures } from "./board-pictures.ts";
import { IndexedKeeper } from "./indexed-keeper.ts";
import type { Keeper } from "./keeper.ts";
import { MemoryKeeper } from "./memory-keeper.ts";
import { LockClaims, noClaims } from "./tab-claims.ts";

export interface BoardStay {
  readonly room: string;
  readonly token: string;
  readonly tab: string;
  readonly linkIsGood: () => boolean;
}

export async function openBoard(stay: BoardStay, signal: AbortSignal): Promise<BoardClient> {
  const client = new BoardClient({
    ...stay,
    connect: () => socketWire(boardAddress(window.location)),
    keeper: await openKeeper(),
    claims: "locks" in navigator ? new LockClaims(navigator.locks) : noClaims,
    pictures: "caches" in window ? new CachedPictures(window.caches) : new RememberedPictures(),
  });
  const flush = () => {
    if (document.hidden) void client.flush();
  };
  const retry = () => client.retry();
  const leave = (event: BeforeUnloadEvent) => {
    const { waiting, keeps } = client.store.getState();
    if (waiting > 0 && !keeps) event.preventDefault();
  };
  window.addEventListener("beforeunload", leave);
  document.addEventListener("visibilitychange", flush);
  window.addEventListener("online", retry);
  signal.addEventListener("abort", () => {
    document.removeEventListener("visibilitychange", flush);
    window.removeEventListener("online", retry);
    window.removeEventListener("beforeunload", leave);
    void client.close();
  });
  if (!signal.aborted) client.start();
  return client;
}

/** A blocked frame and a private window give no database: then the board lives as long as its page. */
async function openKeeper(): Promise<Keeper> {
  try {
    return await IndexedKeeper.open(window.indexedDB);
  } catch {
    return new MemoryKeeper();
  }
}

function socketWire(address: string): Wire {
  const socket = new WebSocket(address);
  const wire: Wire = {
    onopen: null,
    onmessage: null,
    onclose: null,
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (data) => socket.send(data),
    close: () => socket.close(),
  };
  socket.binaryType = "arraybuffer";
  socket.onopen = () => wire.onopen?.();
  socket.onmessage = (event) => wire.onmessage?.(event);
  socket.onclose = (event) => wire.onclose?.(event);
  return wire;
}

function boardAddress({ protocol, host }: Location): string {
  return `${protocol === "https:" ? "wss" : "ws"}://${host}/ws/board`;
}
