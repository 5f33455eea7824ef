"""Colours on light and dark ground, by what they mean."""

from __future__ import annotations

LIGHT = {
    "ground": "#ffffff",
    "raised": "#f6f8fa",
    "ink": "#1f2328",
    "quiet": "#59636e",
    "rule": "#d8dee4",
    "link": "#0969da",
    "share": "#0969da",
    "share-area": "#ddf4ff",
    "good": "#8fa8c4",
    "calm": "#2da44e",
    "busy": "#9a6700",
    "bad": "#cf222e",
    "unknown": "#818b98",
    "on-state": "#ffffff",
    "line-0": "#0969da",
    "line-1": "#bc4c00",
    "line-2": "#1a7f37",
    "line-3": "#8250df",
    "line-4": "#bf3989",
    "line-5": "#57606a",
    "line-6": "#9a6700",
    "line-7": "#0e7490",
}
DARK = {
    "ground": "#0d1117",
    "raised": "#161b22",
    "ink": "#e6edf3",
    "quiet": "#9198a1",
    "rule": "#30363d",
    "link": "#58a6ff",
    "share": "#58a6ff",
    "share-area": "#12243d",
    "good": "#6e87a3",
    "calm": "#2f8f46",
    "busy": "#bb8009",
    "bad": "#f85149",
    "unknown": "#656c76",
    "on-state": "#ffffff",
    "line-0": "#58a6ff",
    "line-1": "#f0883e",
    "line-2": "#3fb950",
    "line-3": "#a371f7",
    "line-4": "#f778ba",
    "line-5": "#9198a1",
    "line-6": "#d29922",
    "line-7": "#39c5cf",
}
LINES = 8
"""How many colours lines have before they begin anew."""


def variables(selector: str) -> str:
    """The CSS that gives ``selector`` the colours as ``--name``, for light ground and for dark."""
    return (
        f"{selector} {{ color-scheme: light dark; {_declared(LIGHT)} }}\n"
        f"@media (prefers-color-scheme: dark) {{ {selector} {{ {_declared(DARK)} }} }}\n"
    )


def line(index: int) -> str:
    """The colour of the line with this number."""
    return f"var(--line-{index % LINES})"


def _declared(colours: dict[str, str]) -> str:
    return "; ".join(f"--{name}: {colour}" for name, colour in colours.items())
