"""The search for scar: in which labels, how, with which remote muscle, and its table."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet, ref

import numpy as np
from psygnal import Signal
from superqt.utils import qdebounced

from napari_cmr.analysis.scar import ScarFinder, ScarSettings
from napari_cmr.analysis.scar_extent import mass_by_others, sensitivity
from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.derived import LabelsUsed, ScarResult, digest_of
from napari_cmr.viewer.core.jobs import LatestJob
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.measure.scar import (
    ScarMeasurement,
    how_text,
    measure_found,
    scar_finder,
    with_curve,
)

QUIET_MS = 250


@dataclass(frozen=True, eq=False)
class Found:
    """What came back from the search; the finder is kept for the next threshold.

    ``of`` are the digests of the labels, and of the remote muscle that was drawn.
    """

    of: tuple[int, int | None]
    finder: ScarFinder
    result: ScarResult


@dataclass(frozen=True, eq=False)
class Refused:
    """Why there can be no search."""

    problem: str


class ScarSearch:
    """Looks for scar in the labels that were taken, whenever they, or the settings, change.

    It works while somebody looks (:meth:`watch`); otherwise a result whose labels change counts as
    old until somebody looks again. The result is in ``session.derived``.

    Attributes
    ----------
    settings : ScarSettings
    septum_deg : float or None
        Where the user has put the septum; None where the labels say it.
    problem : str
        Why the last search found nothing; empty where it found something.
    """

    changed = Signal()
    """Other labels were taken, or a search was refused."""

    def __init__(self, viewer: Any, session: Session) -> None:
        self._viewer = ref(viewer)
        self.session = session
        self.settings = ScarSettings()
        self.septum_deg: float | None = None
        self.problem = ""
        self._labels: Any = None
        self._remote: Any = None
        self._searched_digest: int | None = None  # of the remote muscle that was used last
        self._finder: ScarFinder | None = None
        self._finder_of: tuple[int, int | None] = (0, None)
        self._is_watched, self._is_due = False, True
        self._heard: WeakSet[Any] = WeakSet()
        self.job = LatestJob("Finding scar", self._on_found)
        self.wait = qdebounced(self._look, timeout=QUIET_MS)
        session.scan_changed.connect(self._on_scan)
        session.labels_layer_changed.connect(self._settle_labels)
        session.function_changed.connect(self._on_shown)
        session.labels_settled.connect(self._on_shown)
        events = viewer.layers.events
        events.inserted.connect(self._settle_labels)
        events.removed.connect(self._on_removed)
        self._settle_labels()

    # -- what the user chooses --------------------------------------------------------------------

    @property
    def labels(self) -> Any:
        """Layer in whose muscle scar is looked for, or None."""
        return None if self._labels is None else self._labels()

    @property
    def offered(self) -> list[Any]:
        """Layers that scar can be looked for in."""
        return layers.label_sets(self._viewer(), self.session.scan)

    @property
    def missing(self) -> str:
        """What the user has to do before scar can be looked for; empty if nothing."""
        return what_is_missing(self.session.scan, self.labels)

    def take_labels(self, layer: Any) -> None:
        """Look into these labels until others are taken."""
        if layer is self.labels:
            return
        self._labels = None if layer is None else ref(layer)
        if layer is not None and layer not in self._heard:
            self._heard.add(layer)
            layer.events.labels_update.connect(self._on_edited)
            layer.events.set_data.connect(self._on_shown)
        self._finder = None
        result = self.session.derived.scar
        if result is not None and result.labels.layer() is not layer:
            self.session.derived.mark("scar", f"from {result.labels.name}")
        self.changed.emit()
        self._ask()

    def choose(self, settings: ScarSettings, septum_deg: float | None) -> None:
        """Look in another way."""
        if (settings, septum_deg) != (self.settings, self.septum_deg):
            self.settings, self.septum_deg = settings, septum_deg
            self._ask()

    def draw_remote(self) -> None:
        """Let the user paint remote muscle, from what was found."""
        viewer, scan, result = self._viewer(), self.session.scan, self.session.derived.scar
        if viewer is not None and scan is not None and result is not None:
            self._take_remote(layers.draw_remote(viewer, scan, result.measurement.scar.remote.mask))
            self._on_remote()

    def find_remote(self) -> None:
        """Throw the drawn region away and find remote muscle again."""
        viewer = self._viewer()
        if viewer is not None:
            layers.remove(viewer, self._remote_layer())

    def watch(self, is_watched: bool) -> None:
        """Say whether somebody looks at the result."""
        self._is_watched = is_watched
        if is_watched and self._is_due:
            self.wait()

    def restore(self, layer: Any, result: ScarResult) -> None:
        """Show a result of an earlier session, found in a layer that is open again."""
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        scar = result.measurement.scar
        self.settings, self.septum_deg = scar.settings, result.septum_deg
        self.take_labels(layer)
        if scar.remote.given:
            self._take_remote(layers.show_remote(viewer, scan, scar.remote.mask))
            self._searched_digest = self._drawn_digest()
        self._is_due = False
        self.wait.cancel()
        layers.show_scar(viewer, scan, scar.labels)
        self.session.derived.set_scar(result)

    # -- something changed ------------------------------------------------------------------------

    def _on_scan(self, _scan: Scan | None) -> None:
        self.job.cancel()
        self.wait.cancel()
        self._labels, self._remote, self._finder = None, None, None
        self._searched_digest = None
        self.problem, self._is_due = "", True
        self.changed.emit()

    def _settle_labels(self, _anything: Any = None) -> None:
        """Take the labels that are measured where those that were taken have gone."""
        offered = self.offered
        if self.labels not in offered:
            measured = self.session.labels_layer
            self.take_labels(measured if measured in offered else next(iter(offered), None))

    def _on_removed(self, event: Any) -> None:
        if event.value is self._remote_layer():
            self._remote = None
            self._on_remote()
        self._settle_labels()

    def _on_edited(self, event: Any) -> None:
        result = self.session.derived.scar
        if event.source is not self.labels or self._is_changing:
            return
        if result is not None and result.labels.layer() is event.source:
            self.session.derived.mark("scar", f"before {result.labels.name} was edited")
        self._ask()

    def _on_shown(self, _event: Any = None) -> None:
        """Look whether labels are others: an undo looks like a step of a slider."""
        if not self._is_changing:
            self._ask()

    @property
    def _is_changing(self) -> bool:
        """Whether a model is writing the labels: they are measured once it is through."""
        return self.session.measuring and self.labels is self.session.labels_layer

    def _on_remote(self, _event: Any = None) -> None:
        if self._drawn_digest() == self._searched_digest:
            return  # a step of a slider looks like an undo
        self._finder = None
        self.session.derived.mark("scar", "before remote muscle was edited")
        self._ask()

    def _drawn_digest(self) -> int | None:
        """Digest of the remote muscle that is drawn; None where none is."""
        remote = self._remote_layer()
        return None if remote is None else digest_of(np.asarray(remote.data) > 0)

    def _take_remote(self, layer: Any) -> None:
        if layer is not self._remote_layer():
            self._remote = ref(layer)
            layer.events.labels_update.connect(self._on_remote)
            layer.events.set_data.connect(self._on_remote)

    def _remote_layer(self) -> Any:
        return None if self._remote is None else self._remote()

    # -- the search -------------------------------------------------------------------------------

    def _ask(self) -> None:
        self._is_due = True
        self.wait()

    def _look(self) -> None:
        """Search, where somebody looks; else say whether the result has grown old."""
        scan, layer, derived = self.session.scan, self.labels, self.session.derived
        if scan is None or layer is None or self.missing:
            self._is_due = False
            derived.set_scar(None)
            self.changed.emit()
            return
        if not self._is_watched:
            if self._is_of_other_labels(layer):
                derived.mark("scar", f"before {layer.name} was edited")
            elif self._finder is not None:
                derived.mark("scar", "")  # an edit was undone
            return
        self._is_due = False
        labels = np.array(layer.data)
        used = LabelsUsed(layer.name, ref(layer), layers.source_of(layer), digest_of(labels))
        remote, self._searched_digest = self._remote_layer(), self._drawn_digest()
        drawn = None if remote is None else np.asarray(remote.data) > 0
        if self._finder_of != (used.digest, self._searched_digest):
            self._finder = None
        known = None if self._finder is None else self._measured_before()
        how = (self.settings, self.septum_deg, known)
        self.job.request(search, scan, (labels, drawn), self._finder, used, how)

    def _is_of_other_labels(self, layer: Any) -> bool:
        result = self.session.derived.scar
        return (
            result is None
            or result.labels.layer() is not layer
            or result.labels.digest != digest_of(np.asarray(layer.data))
        )

    def _measured_before(self) -> ScarMeasurement | None:
        """Last result, where its curve over n and other methods are those of the settings now."""
        result = self.session.derived.scar
        if result is None:
            return None
        any_n = {"method": self.settings.method, "n": self.settings.n}
        same = result.measurement.scar.settings.model_copy(update=any_n) == self.settings
        return result.measurement if same and result.measurement.curve else None

    def _on_found(self, found: Found | Refused) -> None:
        viewer, scan = self._viewer(), self.session.scan
        if viewer is None or scan is None:
            return
        if isinstance(found, Refused):
            self.problem = found.problem
            result = self.session.derived.scar
            if result is not None:
                self.session.derived.mark(
                    "scar", f"from {result.labels.name}, {how_text(result.measurement.scar)}"
                )
            self.changed.emit()
            return
        self.problem, self._finder, self._finder_of = "", found.finder, found.of
        layers.show_scar(viewer, scan, found.result.measurement.scar.labels)
        self.session.derived.set_scar(found.result)
        if self.labels is None or self._is_of_other_labels(self.labels):
            self.session.derived.mark("scar", f"before {found.result.labels.name} was edited")
        elif found.of[1] != self._drawn_digest():
            self.session.derived.mark("scar", "before remote muscle was edited")


def what_is_missing(scan: Scan | None, layer: Any) -> str:
    """What the user has to do before scar can be looked for; empty if nothing."""
    if scan is None:
        return "Open a late enhancement scan to look for scar in it."
    if scan.n_frames > 1:
        return (
            "This is a cine. Scar is looked for in a still image after gadolinium: open the late "
            "enhancement series."
        )
    if layer is None:
        return (
            "Scar is looked for inside the myocardium. Segment the scan, draw the LV cavity and "
            "the myocardium under Edit, or open a file with its labels."
        )
    return ""


def table_text(result: ScarResult, made: Sequence[str] = ()) -> str:
    """Numbers, segments and curve as tab-separated text, after rows on what labels are of."""
    record = result.measurement.extent.to_dict()
    scar = result.measurement.scar
    lines = [
        "measurement\tvalue",
        f"labels\t{result.labels.name}",
        *made,
        f"method\t{scar.settings.method}",
        f"n\t{scar.settings.n:g}",
        f"remote muscle\t{'drawn' if scar.remote.given else 'automatic'}",
    ]
    for key in ("myocardium_g", "scar_g", "scar_percent", "no_reflow_g", "no_reflow_percent"):
        lines.append(f"{key}\t{record[key]:.2f}")
    lines += ["", "segment\tname\tscar (%)\ttransmurality (%)"]
    for one in record["segments"]:
        values = (one["scar_percent"], one["transmurality_percent"])
        cells = ["" if value is None else f"{value:.1f}" for value in values]
        lines.append("\t".join([str(one["segment"]), one["name"], *cells]))
    if result.measurement.automatic_g is not None:
        lines.append(f"scar_g by automatic remote muscle\t{result.measurement.automatic_g:.2f}")
    for method, grams in result.measurement.others.items():
        lines.append(f"scar_g by {method}\t{grams:.2f}")
    if result.measurement.curve:
        lines += ["", "n\tscar (g)"]
        lines += [f"{one['n']:g}\t{one['scar_g']:.2f}" for one in result.measurement.curve]
    return "\n".join([*lines, "", "Research use only"])


def search(
    scan: Scan,
    drawn: tuple[np.ndarray, np.ndarray | None],
    finder: ScarFinder | None,
    used: LabelsUsed,
    how: tuple[ScarSettings, float | None, ScarMeasurement | None],
) -> Generator[Found | Refused, None, None]:
    """Find scar in labels and remote muscle that are drawn, then its curve where none is known."""
    settings, septum_deg, known = how
    labels, remote = drawn
    of = used.digest, None if remote is None else digest_of(remote)
    try:
        finder = finder or scar_finder(scan, labels, remote=remote)
        found: ScarMeasurement = measure_found(scan, finder, settings, septum_deg=septum_deg)
    except ScanError as error:
        yield Refused(str(error))
        return
    if known is not None:
        found = with_curve(found, known.curve, known.others)
    yield Found(of, finder, ScarResult(used, found, septum_deg))
    if known is None:
        curve, others = sensitivity(finder, settings), mass_by_others(finder, settings)
        yield Found(of, finder, ScarResult(used, with_curve(found, curve, others), septum_deg))
