"""One line and one small table about an object, as an interpreter and a notebook show it."""

from abc import ABC, abstractmethod
from html import escape
from typing import Any


class Summarised(ABC):
    """Something that tells what it is in a few facts, never by printing its arrays."""

    @abstractmethod
    def _facts(self) -> dict[str, Any]:
        """Names and values, those that matter most first; None is left out."""

    def __repr__(self) -> str:
        facts = (f"{name} {value}" for name, value in self._known().items())
        return f"<{type(self).__name__}: {', '.join(facts)}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self._known().items()
        )
        return f"<table><caption>{escape(type(self).__name__)}</caption>{rows}</table>"

    def _known(self) -> dict[str, str]:
        return {name: str(value) for name, value in self._facts().items() if value is not None}


def counted(number: int, what: str) -> str:
    """Number and noun, with an s where there are several."""
    return f"{number} {what}{'' if number == 1 else 's'}"
