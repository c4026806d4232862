"""Scans that were opened last: their paths, and nothing of what is in them."""

import json
from pathlib import Path

from qtpy.QtCore import QSettings

MAX_RECENT = 8
_KEY = "recent_scans"


class Recent:
    """Remembers paths from one start to the next, in the settings that Qt keeps for a user.

    Nothing is read from the scans for it. A path may itself tell whose scan it is, so the user can
    have all of them forgotten.
    """

    def __init__(self) -> None:
        self._settings = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "napari-cmr", "napari-cmr"
        )

    @property
    def paths(self) -> list[Path]:
        """Paths, the last one first."""
        try:
            known = json.loads(self._settings.value(_KEY, "[]"))
        except (json.JSONDecodeError, TypeError):
            return []  # somebody else wrote there
        return [Path(path) for path in known if isinstance(path, str)]

    def add(self, path: Path) -> None:
        """Put a path first."""
        path = Path(path).resolve()
        others = [one for one in self.paths if one != path]
        self._write([path, *others])

    def remove(self, path: Path) -> None:
        """Forget one path."""
        self._write([one for one in self.paths if one != path])

    def forget(self) -> None:
        """Forget all paths."""
        self._settings.remove(_KEY)
        self._settings.sync()

    def _write(self, paths: list[Path]) -> None:
        self._settings.setValue(_KEY, json.dumps([str(path) for path in paths[:MAX_RECENT]]))
        self._settings.sync()


def title_of(path: Path) -> str:
    """Short name of a path for a menu: what is opened, and the folder that it lies in."""
    return f"{path.name}  ({path.parent.name})" if path.parent.name else path.name
