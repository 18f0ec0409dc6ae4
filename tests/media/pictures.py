"""Test pictures and tones whose content can be checked after they were encoded, forwarded and decoded."""

import array
import itertools
import math
from fractions import Fraction

from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT = 320, 192
_BITS = 15
_COLUMNS = 5
_RATE = 48_000
_SAMPLES = 960  # 20 ms


def draw(number: int) -> VideoFrame:
    """The number, modulo 2**15, as 15 large black or white cells, which survive the coarsest quantizer."""
    cell = WIDTH // _COLUMNS
    luma = bytearray()
    for row in range(_BITS // _COLUMNS):
        bits = [number >> (row * _COLUMNS + column) & 1 for column in range(_COLUMNS)]
        luma += b"".join(bytes([235 if bit else 16]) * cell for bit in bits) * cell
    frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, content in zip(frame.planes, (bytes(luma), *[bytes([128]) * (WIDTH * HEIGHT // 4)] * 2), strict=True):
        width = len(content) // plane.height
        padding = bytes(plane.line_size - width)
        rows = (content[at : at + width] + padding for at in range(0, len(content), width))
        plane.update(b"".join(rows))
    return frame


def read(frame: VideoFrame) -> int:
    """The number of a decoded picture of any size. Raises ValueError when a cell is neither black nor white."""
    plane = frame.planes[0]
    luma = bytes(plane)
    cell = frame.width // _COLUMNS
    number = 0
    for bit in range(_BITS):
        row, column = divmod(bit, _COLUMNS)
        line = (row * cell + cell // 2) * plane.line_size + column * cell
        middle = luma[line + cell // 4 : line + 3 * cell // 4]
        value = sum(middle) / len(middle)
        if 64 < value < 190:
            raise ValueError(f"cell {bit} is grey ({value:.0f})")
        number |= int(value > 128) << bit
    return number


class CountingPictures(VideoStreamTrack):
    """30 pictures a second, numbered from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        self.number += 1
        frame = draw(self.number)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Tone(AudioStreamTrack):
    """A steady sine."""

    def __init__(self, frequency_hz: float) -> None:
        super().__init__()
        self._step = 2 * math.pi * frequency_hz / _RATE
        self._at = 0

    async def recv(self) -> AudioFrame:
        paced = await super().recv()  # silence at 8 kHz, in real time
        samples = array.array("h", (int(8_000 * math.sin((self._at + n) * self._step)) for n in range(_SAMPLES)))
        assert isinstance(paced, AudioFrame)
        frame = AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = _RATE, self._at, Fraction(1, _RATE)
        self._at += _SAMPLES
        return frame


def tone_of(frame: AudioFrame) -> tuple[float, float]:
    """Frequency in Hz by zero crossings, and RMS, of the first channel of a decoded s16 frame."""
    channels = len(frame.layout.channels)
    samples = array.array("h", bytes(frame.planes[0])[: 2 * frame.samples * channels])[::channels]
    crossings = sum(a < 0 <= b for a, b in itertools.pairwise(samples))
    rms = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    return crossings * frame.sample_rate / len(samples), rms
