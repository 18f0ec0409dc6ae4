/** A short check of the link to the server, for the join page: plain words come from the verdict. */
import { deadline } from "../deadline.ts";
import type { NetworkCheck, NetworkVerdict } from "../state/room-state.ts";

const ROUNDS = 4;
const SOCKET_TIMEOUT_MS = 6_000;
const FETCH_TIMEOUT_MS = 8_000;

export interface LinkFacts {
  /** Median, ms; null = the server did not answer. */
  readonly roundTripMs: number | null;
  readonly downlinkKbps: number | null;
  /** A WebSocket could be opened. */
  readonly socket: boolean;
  /** The browser believes that it has a network. */
  readonly online: boolean;
}

/** Audio needs about 40 kbit/s, one small picture 150, a class with a speaker and tiles about 1000. */
export function verdictOf(facts: LinkFacts): NetworkVerdict {
  if (!facts.online || facts.roundTripMs === null) return "offline";
  if (!facts.socket) return "blocked";
  const kbps = facts.downlinkKbps ?? Number.POSITIVE_INFINITY;
  if (facts.roundTripMs > 450 || kbps < 300) return "poor";
  if (facts.roundTripMs > 200 || kbps < 1_500) return "fair";
  return "good";
}

export async function checkNetwork(signal: AbortSignal): Promise<NetworkCheck> {
  const socket = openSocket(signal);
  const roundTripMs = await roundTrip(signal);
  const downlinkKbps = roundTripMs === null ? null : await downlink(roundTripMs, signal);
  const facts = { roundTripMs, downlinkKbps, socket: await socket, online: navigator.onLine };
  return { state: "done", verdict: verdictOf(facts), roundTripMs, downlinkKbps };
}

async function roundTrip(signal: AbortSignal): Promise<number | null> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const response = await load("/healthz", signal);
    if (response === null) continue;
    times.push(performance.now() - started);
  }
  // The first one may have paid for a new connection.
  times.sort((a, b) => a - b);
  const median = times[Math.floor((times.length - 1) / 2)];
  return median === undefined ? null : Math.round(median);
}

/** Loads the page's own largest script again; without the round trip that every request costs. */
async function downlink(roundTripMs: number, signal: AbortSignal): Promise<number | null> {
  const scripts = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const largest = scripts
    .filter((entry) => entry.name.startsWith(location.origin) && entry.initiatorType !== "fetch")
    .sort((a, b) => b.encodedBodySize - a.encodedBodySize)[0];
  if (!largest || largest.encodedBodySize < 10_000) return null;
  const started = performance.now();
  const body = await load(largest.name, signal);
  if (body === null) return null;
  const seconds = Math.max(1, performance.now() - started - roundTripMs) / 1_000;
  return Math.round((largest.encodedBodySize * 8) / 1_000 / seconds);
}

async function load(address: string, signal: AbortSignal): Promise<ArrayBuffer | null> {
  const limit = deadline(signal, FETCH_TIMEOUT_MS);
  try {
    const response = await fetch(address, { cache: "no-store", credentials: "omit", signal: limit.signal });
    return response.ok ? await response.arrayBuffer() : null;
  } catch {
    return null;
  } finally {
    limit.done();
  }
}

function openSocket(signal: AbortSignal): Promise<boolean> {
  const limit = deadline(signal, SOCKET_TIMEOUT_MS);
  return new Promise<boolean>((resolve) => {
    const address = new URL("/socket.io/?EIO=4&transport=websocket", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    const finish = (open: boolean) => {
      socket.close();
      resolve(open);
    };
    socket.addEventListener("open", () => finish(true));
    socket.addEventListener("error", () => finish(false));
    limit.signal.addEventListener("abort", () => finish(false));
    if (limit.signal.aborted) finish(false);
  })
    .catch(() => false)
    .finally(() => limit.done());
}
