"""The strokes that figures are made of: SVG and table markup from plain numbers and words.

Colours written here are greys that print; a page's style sheet gives the classes its own.
"""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

INK, SOFT, FAINT, PALE = "#1a1a1a", "#555555", "#999999", "#dddddd"


def rect(x: float, y: float, width: float, height: float, style: str, fill: str) -> Markup:
    return Markup(
        '<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"'
        ' fill="{fill}" stroke="#ffffff" stroke-width="0.5"/>'
    ).format(style=style, x=x, y=y, w=max(width, 0.0), h=max(height, 0.0), fill=fill)


def line(
    x1: float, y1: float, x2: float, y2: float, style: str, ink: str, *, dash: str = "none"
) -> Markup:
    return Markup(
        '<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        ' stroke="{ink}" stroke-width="1" stroke-dasharray="{dash}"/>'
    ).format(style=style, x1=x1, y1=y1, x2=x2, y2=y2, ink=ink, dash=dash)


def text(x: float, y: float, words: str, *, anchor: str = "start") -> Markup:
    return Markup(
        '<text class="chart-label" x="{x:.1f}" y="{y:.1f}" font-size="12" fill="{ink}"'
        ' text-anchor="{anchor}">{words}</text>'
    ).format(x=x, y=y, ink=SOFT, anchor=anchor, words=words)


def path(d: str, style: str, *, dash: str = "none") -> Markup:
    """Draw an open line from path data."""
    return Markup(
        '<path class="{style}" d="{d}" fill="none" stroke="{ink}" stroke-width="2"'
        ' stroke-dasharray="{dash}"/>'
    ).format(style=style, d=d, ink=INK, dash=dash)


def picture(title: str, description: str, body: Markup, *, width: float, height: float) -> Markup:
    """Wrap strokes as one image that says its finding to eyes and to screen readers."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {w:.0f} {h:.0f}"'
        ' font-family="Noto Sans CJK SC, sans-serif" aria-label="{title}">'
        "<title>{title}</title><desc>{desc}</desc>"
        '<text class="chart-title" x="0" y="18" font-size="15" font-weight="600"'
        ' fill="{ink}">{title}</text>{body}</svg>'
    ).format(w=width, h=height, title=title, desc=description, ink=INK, body=body)


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """Write the numbers of a figure as a table; the first cell of a row is its head."""
    head = joined(Markup('<th scope="col">{}</th>').format(text) for text in heads)
    body = joined(_row(row) for row in rows)
    return Markup(
        "<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        "<tbody>{body}</tbody></table>"
    ).format(caption=caption, head=head, body=body)


def joined(parts: Iterable[Markup]) -> Markup:
    """Join markup to markup."""
    return Markup("").join(parts)


def _row(row: Sequence[object]) -> Markup:
    name, *cells = row
    return Markup('<tr><th scope="row">{name}</th>{cells}</tr>').format(
        name=name, cells=joined(Markup("<td>{}</td>").format(cell) for cell in cells)
    )
