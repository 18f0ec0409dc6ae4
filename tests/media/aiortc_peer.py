"""An independent WebRTC peer (aiortc) that joins the plane as a client would."""

import asyncio
from typing import Self

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)

from media import Answer, GroupId, MediaPlane, Offer, PeerId, PublishedTrack, Section, Slot, Use


class AiortcPeer:
    """An async context manager; `publish` and `watch` come before `join`."""

    def __init__(self, plane: MediaPlane, group: int = 1, bundle: RTCBundlePolicy = RTCBundlePolicy.MAX_BUNDLE) -> None:
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=bundle)
        self.connection = RTCPeerConnection(configuration)
        self.peer: PeerId
        self.answer: Answer
        self._plane = plane
        self._group = GroupId(group)
        self._uses: list[Use] = []
        self._connected = asyncio.Event()
        self._ended = asyncio.Event()
        self.connection.on("connectionstatechange", self._changed)

    async def __aenter__(self) -> Self:
        self.peer = await self._plane.open_peer(self._group)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()
        await self._plane.close_peer(self.peer)

    def publish(self, use: Use, track: MediaStreamTrack) -> None:
        self.connection.addTransceiver(track, direction="sendonly")
        self._uses.append(use)

    def watch(self, *uses: Use) -> None:
        for use in uses:
            self.connection.addTransceiver(use.kind.value, direction="recvonly")
            self._uses.append(use)

    async def offer(self) -> Offer:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        mids = [transceiver.mid for transceiver in self.connection.getTransceivers()]
        sections = tuple(Section(str(mid), use) for mid, use in zip(mids, self._uses, strict=True))
        return Offer(self.connection.localDescription.sdp, sections)

    async def join(self) -> Self:
        """Offers, takes the answer and waits until DTLS is up."""
        self.answer = await self._plane.answer(self.peer, await self.offer())
        await self.connection.setRemoteDescription(RTCSessionDescription(self.answer.sdp, "answer"))
        async with asyncio.timeout(20):
            await self._connected.wait()
        return self

    async def ended(self) -> None:
        """Waits until the connection failed or was closed by the other side."""
        async with asyncio.timeout(20):
            await self._ended.wait()

    def track_of(self, use: Use) -> PublishedTrack:
        return next(track for track in self.answer.tracks if track.use is use)

    def slot_of(self, use: Use, place: int = 0) -> Slot:
        return [slot for slot in self.answer.slots if slot.use is use][place]

    def received(self, mid: str) -> MediaStreamTrack:
        """The remote track of a slot."""
        return next(one for one in self.connection.getTransceivers() if one.mid == mid).receiver.track

    def _changed(self) -> None:
        state = self.connection.connectionState
        if state == "connected":
            self._connected.set()
        elif state in ("failed", "closed"):
            self._ended.set()
