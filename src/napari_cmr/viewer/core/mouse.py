"""Small helps for pictures that answer the mouse."""

from typing import Any


def place_of(event: Any) -> tuple[float, float]:
    """Place of a mouse event; Qt 5 and Qt 6 name it differently."""
    point = event.position() if hasattr(event, "position") else event.localPos()
    return point.x(), point.y()


def signed(offset: int) -> str:
    """A line's place relative to the centre of k-space, with a true minus."""
    return f"{offset:+d}".replace("-", "−") if offset else "0"
