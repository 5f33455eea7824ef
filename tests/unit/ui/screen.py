"""As much of a terminal as the live board uses: what a person would see after the bytes written so far."""

from __future__ import annotations

import re

_PARTS = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """Rows of text with a cursor. An escape that it does not know is an error, so that nothing passes unseen."""

    def __init__(self) -> None:
        self.rows = [""]
        self.cursor_visible = True
        self._row = 0
        self._column = 0

    @property
    def text(self) -> str:
        """All rows, without blanks at their ends and without empty rows at the end."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip()

    def feed(self, written: str) -> None:
        """Take in what a program wrote."""
        for number, letter, control, text in _PARTS.findall(written):
            if text:
                self._put(text)
            elif control:
                self._move(control)
            else:
                self._escape(number, letter)

    def _put(self, text: str) -> None:
        row = self.rows[self._row].ljust(self._column)
        self.rows[self._row] = row[: self._column] + text + row[self._column + len(text) :]
        self._column += len(text)

    def _move(self, control: str) -> None:
        if control == "\r":
            self._column = 0
            return
        self._row += 1
        if self._row == len(self.rows):
            self.rows.append("")

    def _escape(self, number: str, letter: str) -> None:
        match number, letter:
            case ("2", "K"):
                self.rows[self._row] = ""
            case (_, "A"):
                self._row -= int(number or 1)
            case ("?25", "l" | "h"):
                self.cursor_visible = letter == "h"
            case (_, "m"):
                pass
            case _:
                raise ValueError(f"unknown escape: {number}{letter}")
