"""SVG's shapes as text: what every drawing is made of. Classes name styles; coordinates are numbers or CSS lengths."""

from __future__ import annotations

from html import escape


def text(x: float | str, y: float, words: str, style: str, *, anchor: str = "start") -> str:
    """Words at a point; ``y`` is their base line."""
    return f'<text class="{style}" x="{_length(x)}" y="{_length(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def rule(start: tuple[float | str, float], end: tuple[float | str, float], style: str = "rule") -> str:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{style}" x1="{_length(x1)}" y1="{_length(y1)}" x2="{_length(x2)}" y2="{_length(y2)}"/>'


def rectangle(x: float | str, y: float, size: tuple[float | str, float], style: str, *, hint: str = "") -> str:
    """A filled rectangle; ``hint`` is what it says when pointed at."""
    shape = f'class="{style}" x="{_length(x)}" y="{_length(y)}" width="{_length(size[0])}" height="{_length(size[1])}"'
    return f"<rect {shape}><title>{escape(hint)}</title></rect>" if hint else f"<rect {shape}/>"


def percent(share: float) -> str:
    """A share of the width, as SVG wants it: such a drawing is as wide as there is room."""
    return f"{share * 100:.2f}%"


def _length(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}"
