"""Synthetic late enhancement of the slice on screen: which styles, and the tiles that show them."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from weakref import ref

import numpy as np
from psygnal import Signal
from superqt.utils import qdebounced

from napari_cmr.scan import Scan
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.style.rendering import (
    N_DIRECTIONS,
    Styled,
    StyleRequest,
    render_styles,
)

STYLES = 5
CHOSEN = "chosen"
"""In the name of the tile whose style is that of a real slice: tiles are narrow."""
QUIET_MS = 120
NO_STYLES = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class RealStyles:
    """Styles of a late enhancement stack, of which one slice's is used.

    Attributes
    ----------
    name : str
        Of the scan.
    codes : ndarray of float32, shape (Z, S)
    """

    name: str
    codes: np.ndarray


class Styling:
    """Renders the slice on screen in styles while they are shown; the result is in the session.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    cover : callable
        Has other tiles make way while styles are shown.

    Attributes
    ----------
    wanted : StyleRequest
    real : RealStyles or None
        Where the first style was taken from.
    real_slice : int
        From 0.
    problem : str
        What went wrong last; empty where nothing did.
    """

    changed = Signal()
    """Styles are shown or not any more, others are wanted, or something went wrong."""

    def __init__(self, viewer: Any, session: Session, cover: Callable[[bool], None]) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self._cover = cover
        self.wanted = StyleRequest(STYLES, 0, NO_STYLES, (), (0.0,) * N_DIRECTIONS)
        self.real: RealStyles | None = None
        self.real_slice = 0
        self.problem = ""
        self._made: StyleRequest | None = None
        self._is_asked = self._is_busy = False
        self._before: layers.GridSettings | None = None
        self._view: layers.View | None = None
        self._hidden: list[Any] = []
        self._shown_of: Scan | None = None
        self.job = LatestJob("Rendering late enhancement", self._on_styled)
        self.reader = LatestJob("Reading a style", self._on_real)
        self.wait = qdebounced(self._request, timeout=QUIET_MS)
        for job in (self.job, self.reader):
            job.failed.connect(self._on_failed)
        session.scan_changed.connect(self._on_scan)
        session.picture_changed.connect(self._on_picture)
        viewer.dims.events.current_step.connect(self._on_step)
        viewer.layers.events.inserted.connect(self._on_inserted)

    # -- what the user asks for -------------------------------------------------------------------

    @property
    def is_shown(self) -> bool:
        """Whether styles are on screen."""
        return self._before is not None

    @property
    def is_asked(self) -> bool:
        """Whether styles are on screen, or will be soon."""
        return self._is_asked

    def show(self) -> None:
        """Render the slice on screen, and show it in tiles."""
        self._is_asked = True
        self._request()
        self.changed.emit()

    def leave(self) -> None:
        """Go back to the scan as it was."""
        viewer, before, self._before = self._viewer(), self._before, None
        self._is_asked = False
        self.wait.cancel()
        self.changed.emit()
        if before is None or viewer is None:
            return
        self.job.cancel()
        layers.remove_styles(viewer, self._shown_of, self._hidden)
        layers.leave_grid(viewer, before)
        if self._view is not None:
            self._view.restore(viewer)
        self._hidden, self._shown_of = [], None
        self._cover(False)
        if self.session.scan is not None:
            layers.write_notice(viewer, self.session.scan, self.session.mask)

    def choose(self, **changes: Any) -> None:
        """Change fields of what is wanted; what is on screen follows."""
        self.wanted = replace(self.wanted, **changes)
        self._mark()
        if self.is_shown:
            self.wait()

    def draw_others(self) -> None:
        """Draw other styles, and show them."""
        self.wanted = replace(self.wanted, seed=self.wanted.seed + 1)
        self.show()

    def take_style_of(self, path: Path, *, series: str | None = None) -> None:
        """Take the style of the middle slice of a file; another one can be chosen then."""
        self.reader.request(read_styles, path, series)

    def choose_slice(self, z: int) -> None:
        """Take the style of another slice of the real scan."""
        if self.real is not None:
            self.real_slice = z
            self.choose(given=self.real.codes[z : z + 1], given_names=(CHOSEN,))

    def reset(self) -> None:
        """Go back to drawn styles, not moved."""
        self.real = None
        self.choose(given=NO_STYLES, given_names=(), shifts=(0.0,) * N_DIRECTIONS)
        self.changed.emit()

    def restore(self, styled: Styled) -> None:
        """Take numbers of an earlier session; its styles are rendered again when they are shown."""
        given_names = tuple(filter(None, styled.names))
        self.real = None
        self.wanted = StyleRequest(
            len(styled.names), styled.seed, styled.given, given_names, styled.shifts
        )
        self._made = self.wanted
        self.session.derived.set_styles(styled)
        self._mark()
        self.changed.emit()

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, _scan: Scan | None) -> None:
        self.job.cancel()
        self._made = None
        self.problem = ""
        self.leave()

    def _on_picture(self, _picture: str) -> None:
        self.leave()  # another picture of the scan is asked for

    def _on_step(self, _event: Any = None) -> None:
        self._mark()
        if self.is_shown:
            self.wait()

    def _on_inserted(self, event: Any = None) -> None:
        is_ours = self._is_busy or layers.role_of(event.value) == "style"
        if self.is_shown and not is_ours:
            self._hidden.append(event.value)
            layers.set_visible(event.value, False)

    def _on_failed(self, problem: str) -> None:
        self.problem = problem
        if not self.is_shown:
            self._is_asked = False
        self.changed.emit()

    def _on_real(self, real: RealStyles) -> None:
        self.real = real
        self.real_slice = len(real.codes) // 2
        self.choose_slice(self.real_slice)
        self.show()

    def _place(self) -> tuple[int, int]:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return 0, 0
        return layers.frame_on_screen(viewer, scan), layers.slice_on_screen(viewer, scan)

    def _mark(self) -> None:
        """Say what the last result is of, where it is not what is on screen or chosen."""
        styled = self.session.derived.styles
        if styled is None:
            return
        why = ""
        if (styled.frame, styled.z) != self._place():
            why = f"of slice {styled.z + 1}, frame {styled.frame + 1}"
        elif self._made is not None and not same_request(self._made, self.wanted):
            why = f"of {len(styled.names)} other styles"
        self.session.derived.mark("styles", why)

    # -- rendering --------------------------------------------------------------------------------

    def _request(self) -> None:
        scan = self.session.scan
        if scan is None or why_not(scan):
            return
        frame, z = self._place()
        kept = self.session.derived.styles
        self.problem = ""
        self.job.request(_render, scan, frame, z, self.wanted, kept)

    def _on_styled(self, result: tuple[StyleRequest, Styled]) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None or not self._is_asked:
            return
        self._made, styled = result
        self._show(viewer, scan, styled)
        self.session.derived.set_styles(styled)
        self._mark()
        self.changed.emit()

    def _show(self, viewer: Any, scan: Scan, styled: Styled) -> None:
        assert styled.images is not None  # it was rendered now
        if self._before is None:
            self._cover(True)
            self._hidden = [layer for layer in viewer.layers if layer.visible]
            self._shown_of = scan
        image = np.abs(scan.image[styled.frame, styled.z])
        tiles = [layers.source_tile(image, self._labels_of_slice(scan, styled))]
        for k, picture in enumerate(styled.images):
            labels = None if styled.labels is None else styled.labels[k]
            tiles.append(layers.synthetic_tile(k, styled.names[k], picture, labels))
        self._is_busy = True
        try:
            layers.show_styles(viewer, scan, tiles)
            if self._before is None:
                before = layers.View.of(viewer)
                self._before = layers.open_tiles(viewer, layers.LAYERS_OF_A_STYLE)
                if styled.location is not None:
                    place = styled.location
                    layers.look_at_heart(viewer, scan, (place.row, place.column))
                self._view = before
        finally:
            self._is_busy = False
        layers.write_notice(viewer, scan, self.session.mask)

    def _labels_of_slice(self, scan: Scan, styled: Styled) -> np.ndarray:
        layer = self.session.labels_layer
        if layer is None or layer.data.shape != scan.shape:
            return np.zeros(scan.shape[2:], dtype=np.uint8)
        labels: np.ndarray = np.array(layer.data[styled.frame, styled.z])
        return labels


def _render(
    scan: Scan, frame: int, z: int, wanted: StyleRequest, kept: Styled | None
) -> Generator[tuple[StyleRequest, Styled], None, None]:
    for styled in render_styles(scan, frame, z, wanted, kept):
        yield wanted, styled


def same_request(one: StyleRequest, other: StyleRequest) -> bool:
    """Whether two requests ask for the same styles."""
    return (
        (one.samples, one.seed, one.given_names, one.shifts)
        == (other.samples, other.seed, other.given_names, other.shifts)
    ) and np.array_equal(one.given, other.given)


def read_styles(path: Path, series: str | None) -> Generator[RealStyles, None, None]:
    """Take the styles of all slices of a late enhancement file."""
    from napari_cmr.scan import open_scan
    from napari_cmr.workflow.style.translation import styles_of

    scan = open_scan(path, series=series)
    yield RealStyles(scan.name, styles_of(scan))


def why_not(scan: Scan | None) -> str:
    """Why there can be no styles; empty if there can."""
    from napari_cmr.zoo import default_choice, find_models

    name = default_choice("translation").name
    if (name, "live") not in find_models():
        return f"The model that renders late enhancement ({name}) is not installed."
    if scan is None:
        return "Open a cine to see what late enhancement of it could look like."
    if scan.kind == "lge":
        return (
            "This is late enhancement already. Open a cine to see what late enhancement of it "
            "could look like."
        )
    return ""
