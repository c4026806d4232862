"""Looking for what was said, by its code."""

from collections.abc import Iterable

from napari_cmr.scan import Code, Notice


def said(notices: Iterable[Notice], code: Code, about: str | None = None) -> list[Notice]:
    """Notices of a code, about one thing (or it and another) if it is named."""
    return [one for one in notices if one.code == code and (about or "") in one.about]


def codes(notices: Iterable[Notice]) -> list[str]:
    return [one.code.value for one in notices]
