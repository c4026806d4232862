"""Whether there is any colour in what a widget draws."""

from io import BytesIO

import numpy as np
from PIL import Image
from qtpy.QtCore import QBuffer
from qtpy.QtWidgets import QWidget


def colourfulness(widget: QWidget) -> int:
    """Largest difference between red, green and blue of one pixel, 0 to 255."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert widget.grab().save(buffer, "PNG")
    pixels = np.asarray(Image.open(BytesIO(bytes(buffer.data()))).convert("RGB"), dtype=int)
    return int(np.ptp(pixels, axis=2).max())
