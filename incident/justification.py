"""Lines of Chinese that fill the type area: the one thing that WeasyPrint does not set by itself.

GB/T 9704 (5.2.3) wants full lines. WeasyPrint widens spaces only, and Chinese has none, so a line
that holds digits or a broken bracket would end short. Here the slack goes between all characters.
This replaces a private function; the lock pins the version and a test measures the lines.
"""

from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import inline

# More slack than this, in CSS pixels (three characters), is a line that was broken on purpose.
_MOST = 64.0


def install() -> None:
    """Put our way of justifying in the place of WeasyPrint's."""
    inline.justify_line = _justify


def _justify(_context: object, line: Any, slack: float) -> None:
    gaps = _characters(line) - 1
    if gaps > 0 and slack <= _MOST:
        _widen(line, slack / gaps, 0)


def _characters(box: Any) -> int:
    if isinstance(box, boxes.TextBox):
        return len(box.text)
    if isinstance(box, boxes.LineBox | boxes.InlineBox):
        return sum(_characters(child) for child in box.children)
    return 0


def _widen(box: Any, gap: float, shift: float) -> float:
    """Widen every text in the box, move it by `shift`, and return the shift of what follows."""
    if isinstance(box, boxes.TextBox):
        spacing = box.style["letter_spacing"]
        box.style = box.style.copy()
        box.style["letter_spacing"] = gap + (0 if spacing == "normal" else spacing)
        box.position_x += shift
        box.width += gap * len(box.text)
        return shift + gap * len(box.text)
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    before = shift
    for child in box.children:
        if child.is_in_normal_flow():
            shift = _widen(child, gap, shift)
    box.width += shift - before
    return shift
