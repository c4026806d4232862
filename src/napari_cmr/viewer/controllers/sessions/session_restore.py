"""Shows a session file again: scan, lines, labels with their edits, and what was looked at."""

from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import ref

import numpy as np
from napari.utils.notifications import show_warning

from napari_cmr.scan import Scan, ScanError
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.corrections import parted
from napari_cmr.viewer.core.derived import (
    ComparisonResult,
    LabelsUsed,
    ScarResult,
    digest_of,
)
from napari_cmr.viewer.core.label_marks import digests_of
from napari_cmr.viewer.core.saved_session import LoadedSession, RestoredLabels
from napari_cmr.viewer.core.session import Session
from napari_cmr.workflow.reconstruct.methods import find_method, methods_for
from napari_cmr.workflow.session.file import LayerView, SavedView


def restore(
    viewer: Any,
    session: Session,
    loaded: LoadedSession,
    *,
    segmentation: Any,
    labels_written: Callable[[], None],
    derived: "Restorers",
) -> None:
    """Show a session file in a viewer, in place of what is open.

    Parameters
    ----------
    viewer : napari.Viewer
    session : Session
    loaded : LoadedSession
    segmentation : LiveSegmentation
    labels_written : callable
        Has the labels measured.
    derived : Restorers
        Take scar, comparison and styles.
    """
    saved, scan = loaded.session, loaded.scan
    segmentation.set_follows(False)
    _settle_what_comes_again(viewer, session.scan, loaded)
    layers.show_scan(viewer, scan)
    if loaded.reference is not None:
        session.set_function(loaded.reference, is_reference=True)
    own, held = parted(saved.reading)
    session.set_reading(own)
    session.set_acquisition(
        **{name: getattr(saved.acquisition, name) for name in type(saved.acquisition).model_fields}
    )
    segmentation.set_models(saved.view.models)
    reference = layers.find(viewer, scan, "labels")
    made = [_show_labels(viewer, loaded, one, segmentation) for one in loaded.labels]
    if reference not in made:
        layers.remove(viewer, reference)
    measured = None if saved.measured is None else made[saved.measured]
    if measured is not None:
        layers.hold(measured, held)
    session.set_labels_layer(measured)
    labels_written()
    _choose_methods(session, saved.view)
    session.set_picture(saved.view.picture)
    _show_derived(loaded, made, derived)
    _show_view(viewer, session, loaded)
    if loaded.doubts:
        show_warning(
            "The labels are those that were saved, but made again here they, or what was measured "
            "in them, would differ: " + "; ".join(loaded.doubts) + "."
        )


def _settle_what_comes_again(viewer: Any, scan: Scan | None, loaded: LoadedSession) -> None:
    """Count labels that are open as saved where the session brings them back as they are.

    Those that were made outside of this package go: they would be there twice.
    """
    for layer in layers.labels_layers(viewer, scan):
        labels, accepted = np.asarray(layer.data), layers.accepted(layer)
        marks = [(int(t), int(z)) for t, z in np.argwhere(accepted)]
        for one in loaded.labels:
            if np.array_equal(labels, one.labels) and marks == sorted(one.saved.accepted):
                layers.note_saved(layer, digests_of(labels), accepted)
                if layers.scan_of(layer) is None and layer.name == one.saved.name:
                    layers.remove(viewer, layer)
                break


def _show_labels(viewer: Any, loaded: LoadedSession, one: RestoredLabels, segmentation: Any) -> Any:
    scan, saved = loaded.scan, one.saved
    layer = layers.find(viewer, scan, "labels") if saved.origin == "reference" else None
    made = saved.source(loaded.session)
    if one.result is not None:
        layer = segmentation.show_again(one.result)
        layers.note_source(layer, made.model_copy(update={"corrected": (), "kept": ()}))
    if layer is None:
        layer = layers.add_drawn_labels(viewer, scan, one.labels, saved.name, made)
    else:
        layers.write_saved(layer, one.labels, made)
    layers.rename(layer, saved.name)
    if saved.accepted:
        marks = np.zeros(scan.shape[:2], dtype=bool)
        marks[tuple(np.transpose(saved.accepted))] = True
        layers.set_accepted(layer, marks)
    return layer


class Restorers(NamedTuple):
    """Controllers that take results of an earlier session; asked for only where there are any."""

    scar: Callable[[], Any]
    comparing: Callable[[], Any]
    styling: Callable[[], Any]


def _show_derived(loaded: LoadedSession, made: list[Any], derived: Restorers) -> None:
    saved, results = loaded.session, loaded.derived
    if saved.scar is not None and results.scar is not None:
        layer = made[saved.scar.labels]
        result = ScarResult(_used(layer), results.scar, saved.scar.septum_deg)
        derived.scar().restore(layer, result)
    if saved.comparison is not None and results.comparison is not None:
        first, second = made[saved.comparison.first], made[saved.comparison.second]
        both = _used(first), _used(second)
        compared = ComparisonResult(both, results.comparison, saved.comparison.reading)
        derived.comparing().restore(first, second, compared)
    if results.styles is not None:
        derived.styling().restore(results.styles)


def _used(layer: Any) -> LabelsUsed:
    labels = np.asarray(layer.data)
    return LabelsUsed(layer.name, ref(layer), layers.source_of(layer), digest_of(labels))


def _choose_methods(session: Session, view: SavedView) -> None:
    """Choose the methods that reconstruct; what is not there any more is told, and passed over."""
    assert session.scan is not None
    known, refused = methods_for(cine=session.scan.n_frames > 1), []
    for name, settings in view.settings.items():
        try:
            find_method(name).parse(settings)
        except ScanError as error:
            refused.append(str(error))
        else:
            session.reconstructions.set_settings(name, settings)
    missing = [name for name in view.methods if name not in known]
    refused += [f"there is no method {name!r} for this scan" for name in missing]
    session.reconstructions.choose(name for name in view.methods if name in known)
    session.reconstructions.look(side_by_side=view.side_by_side, overlay=view.overlay)
    if refused:
        show_warning(f"Reconstruction is not as it was saved: {'; '.join(refused)}.")


def _show_view(viewer: Any, session: Session, loaded: LoadedSession) -> None:
    scan, view = loaded.scan, loaded.session.view
    layers.go_to(viewer, scan, frame=min(view.frame, scan.n_frames - 1), z=view.slice)
    if view.zoom is not None and view.centre is not None:
        layers.look_at(viewer, view.centre, view.zoom)
    layers.restore_views(viewer, scan, view.layers)
    computed_later = [one for one in view.layers if one.role in ("zero_filled", "temporal_average")]
    if computed_later:
        _once_computed(viewer, session, scan, computed_later)


def _once_computed(viewer: Any, session: Session, scan: Scan, views: list[LayerView]) -> None:
    """Set the window of pictures that are made only after the first slice was computed."""

    def apply() -> None:
        session.slices_computed.disconnect(apply)
        if session.scan is scan:
            layers.restore_views(viewer, scan, views)

    session.slices_computed.connect(apply)
