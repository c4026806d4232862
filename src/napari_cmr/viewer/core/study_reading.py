"""A reading study in the window: who reads, which image is next, and for how long it was seen."""

from collections.abc import Callable
from os import PathLike
from time import perf_counter
from typing import Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_cmr.scan import ScanError
from napari_cmr.workflow.reading.ratings import PanelReading, readers_of
from napari_cmr.workflow.reading.study import Item, StudyFolder, open_study


class ReadingPanel(QObject):
    """Knows study and reader; touches neither layers nor session.

    Parameters
    ----------
    player : callable
        Gives the player of the scan in the window, which stands still while somebody reads.

    Attributes
    ----------
    folder : StudyFolder or None
    reading : PanelReading or None
        Of the reader who was chosen.
    readers : tuple of str
        Who has begun to read the study.
    is_reading : bool
        Whether images are on screen.
    is_paused : bool
    """

    changed = Signal()

    def __init__(self, player: Callable[[], Any]) -> None:
        super().__init__()
        self._player = player
        self._was_playing = False
        self.folder: StudyFolder | None = None
        self.reading: PanelReading | None = None
        self.readers: tuple[str, ...] = ()
        self.is_reading = False
        self.is_paused = False
        self._seen_s = 0.0
        self._seen_from: float | None = None

    @property
    def item(self) -> Item | None:
        """Image that is to be rated; None without a reader, and when all are."""
        return None if self.reading is None else self.reading.item

    def open_study(self, path: str | PathLike[str]) -> None:
        """Take another study; nobody reads it yet.

        Raises
        ------
        ScanError
            If it cannot be used: what was open stays.
        """
        folder = open_study(path)
        self.readers = readers_of(folder)
        self.folder, self.reading = folder, None
        self.changed.emit()

    def choose_reader(self, code: str) -> None:
        """Go on with the ratings of a reader, or begin them.

        Raises
        ------
        ScanError
            If there is no study, or the code or the reader's file cannot be used: who was chosen
            stays.
        """
        if self.folder is None:
            raise ScanError("no study is open", remedy="open one first")
        self.reading = PanelReading(self.folder, code)
        self.readers = tuple(sorted({*self.readers, code}))
        self.changed.emit()

    def start(self) -> None:
        """Begin to read; the cine in the window stops meanwhile.

        Raises
        ------
        ScanError
            If there is no reader.
        """
        if self.reading is None:
            raise ScanError("nobody reads", remedy="give the reader's code first")
        if not self.is_reading:
            self._was_playing = self._player().is_playing
            self._player().stop()
        self.is_reading, self.is_paused = True, False
        self._look_anew()
        self.changed.emit()

    def leave(self) -> None:
        """End reading for now; all ratings are on disk."""
        if not self.is_reading:
            return
        self.is_reading = self.is_paused = False
        self._seen_from = None
        if self._was_playing:
            self._player().start()
        self.changed.emit()

    def pixels(self) -> np.ndarray:
        """Pixels of the image that is to be rated, uint16 ``(T, Y, X)``.

        Raises
        ------
        ScanError
            If its file is missing or damaged.
        """
        assert self.folder is not None  # there is an item
        assert self.item is not None
        return self.folder.image(self.item.id)

    def rate(self, score: int) -> bool:
        """Rate the image on screen; returns whether there was one.

        Raises
        ------
        ScanError
            If the rating cannot be written: the image stays then.
        """
        if self.reading is None or self.item is None or not self.is_reading or self.is_paused:
            return False
        self.reading.rate(score, self._seconds())
        self._look_anew()
        self.changed.emit()
        return True

    def take_back(self) -> bool:
        """Take the last rating back, and be at its image again; returns whether there was one.

        Raises
        ------
        ScanError
            If that cannot be written.
        """
        if self.reading is None or not self.reading.n_rated or self.is_paused:
            return False
        self.reading.take_back()
        self._look_anew()
        self.changed.emit()
        return True

    def toggle_pause(self) -> None:
        """Hide the image, so that the time does not count, or show it again."""
        if not self.is_reading or self.item is None:
            return
        if self.is_paused:
            self._seen_from = perf_counter()
        else:
            self._seen_s, self._seen_from = self._seconds(), None
        self.is_paused = not self.is_paused
        self.changed.emit()

    def _look_anew(self) -> None:
        self._seen_s, self._seen_from = 0.0, perf_counter()

    def _seconds(self) -> float:
        """For which the image was on screen."""
        running = 0.0 if self._seen_from is None else perf_counter() - self._seen_from
        return self._seen_s + running
