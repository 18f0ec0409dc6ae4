"""A person's browser page in a class: joins by the link, and tells what the connection really carries."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.async_api import BrowserContext, FrameLocator, Page, expect

# Known to work headless; loopback candidates and real addresses, fake devices, no calls home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks",
    "--test-third-party-cookie-phaseout",
    "--allow-loopback-in-peer-connection",
    "--auto-select-desktop-capture-source=Entire screen",
]

# The page keeps its connections to itself; the test remembers each one as it is made.
REMEMBER_CONNECTIONS = """
(() => {
  const Native = window.RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...args) { super(...args); window.connections.push(this); }
  };
})();
"""

READ_STATS = """
async () => {
  const pc = (window.connections ?? []).filter((c) => c.connectionState !== 'closed').at(-1);
  if (!pc) return null;
  const found = { state: pc.connectionState, inbound: [], outbound: [], pair: null };
  const all = new Map();
  (await pc.getStats()).forEach((entry) => all.set(entry.id, entry));
  for (const entry of all.values()) {
    if (entry.type === 'inbound-rtp') found.inbound.push({
      mid: entry.mid, kind: entry.kind, framesDecoded: entry.framesDecoded ?? 0, height: entry.frameHeight ?? 0,
      packets: entry.packetsReceived ?? 0, energy: entry.totalAudioEnergy ?? 0, freezes: entry.freezeCount ?? 0 });
    if (entry.type === 'outbound-rtp') found.outbound.push({
      mid: entry.mid, kind: entry.kind, rid: entry.rid ?? null, framesEncoded: entry.framesEncoded ?? 0,
      packets: entry.packetsSent ?? 0 });
    if (entry.type === 'transport' && entry.selectedCandidatePairId) {
      const pair = all.get(entry.selectedCandidatePairId);
      found.pair = { protocol: all.get(pair?.remoteCandidateId)?.protocol ?? null, state: pair?.state };
    }
  }
  return found;
}
"""

WAIT_S = 20


@dataclass(frozen=True, slots=True)
class Received:
    """What a page has received so far, over all its slots."""

    frames: int
    energy: float
    videos: int
    sounds: int


class ClassPage:
    """One participant in one tab (or in a frame of one)."""

    def __init__(self, page: Page, view: Page | FrameLocator | None = None) -> None:
        self.page = page
        self.view: Page | FrameLocator = view if view is not None else page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._console)

    @classmethod
    async def open(cls, context: BrowserContext, link: str) -> "ClassPage":
        page = await context.new_page()
        opened = cls(page)
        await page.goto(link)
        return opened

    async def join(self, name: str | None, *, camera: bool = True, mic: bool = True) -> None:
        """Fills the join page (a reload knows the name) and enters; returns when the room is drawn."""
        if name is not None:
            await self.view.get_by_label("Your name").fill(name)
        await self._switch("microphone", mic)
        await self._switch("camera", camera)
        await self.view.get_by_role("button", name=re.compile("^Join")).click()
        await expect(self.view.get_by_role("toolbar", name="Your controls")).to_be_visible(timeout=WAIT_S * 1000)

    async def stats(self) -> dict[str, Any]:
        found: dict[str, Any] | None = await self.page.evaluate(READ_STATS)
        return found or {"state": "none", "inbound": [], "outbound": [], "pair": None}

    async def received(self) -> Received:
        inbound = (await self.stats())["inbound"]
        videos = [entry for entry in inbound if entry["kind"] == "video"]
        sounds = [entry for entry in inbound if entry["kind"] == "audio"]
        return Received(
            frames=sum(entry["framesDecoded"] for entry in videos),
            energy=sum(entry["energy"] for entry in sounds),
            videos=sum(entry["framesDecoded"] > 0 for entry in videos),
            sounds=sum(entry["energy"] > 0 for entry in sounds),
        )

    async def sees_and_hears(self) -> None:
        """Frames are decoded and audio energy rises from now on."""
        before = await self.received()
        await self.until(
            """([frames, energy]) => {
              const sum = (kind, key) => found.inbound.filter((e) => e.kind === kind).reduce((n, e) => n + e[key], 0);
              return sum('video', 'framesDecoded') > frames + 5 && sum('audio', 'energy') > energy;
            }""",
            [before.frames, before.energy],
        )

    async def until(self, condition: str, argument: object = None, timeout_s: float = WAIT_S) -> None:
        """Waits in the page until `condition`, a function that sees the statistics as `found`, is true."""
        await self.page.wait_for_function(
            f"async (argument) => {{ const found = await ({READ_STATS})(); return found && ({condition})(argument); }}",
            arg=argument,
            polling=100,
            timeout=timeout_s * 1000,
        )

    async def _switch(self, device: str, on: bool) -> None:
        """The button says what a press would do: press it when that is wanted, then wait for the other one."""
        press = self.view.get_by_role("button", name=f"Turn {device} {'on' if on else 'off'}")
        done = self.view.get_by_role("button", name=f"Turn {device} {'off' if on else 'on'}")
        await expect(press.or_(done)).to_be_visible(timeout=WAIT_S * 1000)
        if await press.is_visible():
            await press.click()
        await expect(done).to_be_visible(timeout=WAIT_S * 1000)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(message.text)
