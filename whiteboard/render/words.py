"""Text set in lines: wrapped, ordered for both directions and shaped, by the rules of layout.json."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import bidirectional, category

from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection

from whiteboard.render.faces import Face, Glyph, faces_of
from whiteboard.render.layout import layout


def _marks() -> str:
    """The marks and joiners of the basic plane as a regular expression's set."""
    codes = [code for code in range(0x300, 0x10000) if category(chr(code)) in ("Mn", "Mc", "Me")]
    return "".join(f"\\u{code:04x}" for code in [*codes, 0x200C, 0x200D])


_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb]")
_IDEOGRAPH = "\u2e80-\u2fdf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(
    f"[{_IDEOGRAPH}] *|(?:(?![{_IDEOGRAPH} ]).)+?(?:(?<=[^\\W\\d][-\u2010])(?=[^\\W\\d])| +|$|(?=[{_IDEOGRAPH}]))| +"
)
_CLUSTER = re.compile(f".[{_marks()}]*", re.DOTALL)
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one face; `x` in units from the left of the text's box."""

    face: Face
    x: float
    text: str
    glyphs: tuple[Glyph, ...]
    right_to_left: bool


@dataclass(frozen=True, slots=True)
class TextLine:
    """`baseline` in units from the top of the text's box, `x` and `width` the painted part."""

    baseline: float
    x: float
    width: float
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text that has been set. `height` in units, whole lines."""

    size: float
    height: float
    lines: tuple[TextLine, ...]


def set_text(text: str, width: float, size: float, *, bold: bool, centred: bool) -> TextBlock:
    """Sets `text` into a column of `width` units. Never raises: what no face has is a box."""
    rule = layout().text
    lines: list[TextLine] = []
    for paragraph in _paragraphs(text):
        right_to_left = _starts_right(paragraph)
        for words in _wrapped(paragraph, width / size, bold):
            runs, line_width = _set_line(words, size, bold, right_to_left)
            left = (width - line_width) / 2 if centred else width - line_width if right_to_left else 0.0
            baseline = (len(lines) * rule.line_height + rule.baseline) * size
            placed = tuple(Run(run.face, run.x + left, run.text, run.glyphs, run.right_to_left) for run in runs)
            lines.append(TextLine(baseline, left, line_width, placed))
    return TextBlock(size, len(lines) * rule.line_height * size, tuple(lines))


def fit_text(text: str, width: float, height: float, size: float, *, bold: bool, centred: bool) -> TextBlock:
    """Sets a note's text: smaller until it fits, then without the lines that do not."""
    rule = layout().note
    em = layout().text.line_height
    while size > rule.least_size and not _fits(text, width, height, size, bold):
        size = max(rule.least_size, size * rule.shrink)
    block = set_text(text, width, size, bold=bold, centred=centred)
    if block.height <= height:
        return block
    kept = max(1, int(height / (em * size)))
    return TextBlock(size, kept * em * size, block.lines[:kept])


def _fits(text: str, width: float, height: float, size: float, bold: bool) -> bool:
    left = int(height / (layout().text.line_height * size))
    for paragraph in _paragraphs(text):
        for _ in _wrapped(paragraph, width / size, bold):
            left -= 1
            if left < 0:
                return False
    return True


def plain(text: str) -> str:
    """What is painted of a text: without controls and overrides of direction."""
    text = _NEWLINES.sub("\n", text)
    text = text.replace("\t", " " * layout().text.tab_spaces)
    return _CONTROLS.sub("", _DIRECTION_MARKS.sub("", text))


def _paragraphs(text: str) -> list[str]:
    return plain(text).split("\n")


def _starts_right(paragraph: str) -> bool:
    """The first strong character decides (UAX 9, P2 and P3)."""
    for character in paragraph:
        direction = bidirectional(character)
        if direction == "L":
            return False
        if direction in ("R", "AL"):
            return True
    return False


def _wrapped(paragraph: str, width: float, bold: bool) -> Iterator[str]:
    """Lines of at most `width` ems, without the spaces at their ends."""
    line = ""
    used = 0.0
    for token in _TOKEN.findall(paragraph):
        word = token.rstrip(" ")
        spaces = token[len(word) :]
        word_width = width_of(word, bold)
        if line and used + word_width > width:
            yield line.rstrip(" ")
            line, used = "", 0.0
        if word_width > width:
            *cut, word = _cut(word, width, bold)
            yield from cut
            word_width = width_of(word, bold)
        line += word + spaces
        used += word_width + len(spaces) * width_of(" ", bold)
    yield line.rstrip(" ")


def _cut(word: str, width: float, bold: bool) -> list[str]:
    """A word too wide for a line, cut where the widths of its characters (marks with their letters) add up to more."""
    pieces = [""]
    used = 0.0
    for character in _CLUSTER.findall(word):
        own = width_of(character, bold)
        if pieces[-1] and used + own > width:
            pieces.append("")
            used = 0.0
        pieces[-1] += character
        used += own
    return pieces


@lru_cache(maxsize=4096)
def width_of(word: str, bold: bool) -> float:
    """The width of a word in ems, measured alone."""
    total = 0.0
    for face, start, end in faces_of(word, bold):
        right = any(bidirectional(character) in _RIGHT_TO_LEFT for character in word[start:end])
        total += sum(glyph.advance for glyph in face.shape(word[start:end], right))
    return total


def _set_line(line: str, size: float, bold: bool, right_to_left: bool) -> tuple[list[Run], float]:
    runs = []
    x = 0.0
    for text, right in _ordered(line, right_to_left):
        stretches = list(faces_of(text, bold))
        for face, start, end in reversed(stretches) if right else stretches:
            glyphs = face.shape(text[start:end], right)
            runs.append(Run(face, x, text[start:end], tuple(glyphs), right))
            x += sum(glyph.advance for glyph in glyphs) * size
    return runs, x


def _ordered(line: str, right_to_left: bool) -> list[tuple[str, bool]]:
    """The line's stretches of one level from left to right, each still in reading order (UAX 9, L2)."""
    if not line:
        return []
    if not right_to_left and not any(bidirectional(character) in _RIGHT_TO_LEFT for character in line):
        return [(line, False)]
    base = TextDirection.RTL if right_to_left else TextDirection.LTR
    paragraph = BidiParagraph(line, base, preserve_bn_chars=True)
    stretches: list[tuple[int, list[str]]] = []
    for character in paragraph.get_characters_with_embedding_level():
        if stretches and stretches[-1][0] == character.embedding_level:
            stretches[-1][1].append(character.character)
        else:
            stretches.append((character.embedding_level, [character.character]))
    for level in range(max(level for level, _ in stretches), 0, -1):
        _reverse_from(stretches, level)
    return [("".join(characters), level % 2 == 1) for level, characters in stretches]


def _reverse_from(stretches: list[tuple[int, list[str]]], least: int) -> None:
    start = 0
    while start < len(stretches):
        end = start
        while end < len(stretches) and stretches[end][0] >= least:
            end += 1
        stretches[start:end] = reversed(stretches[start:end])
        start = max(end, start + 1)
