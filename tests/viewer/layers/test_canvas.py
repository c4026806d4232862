"""Frame and slice on screen, how near the heart is, and the notice over the canvas."""

import numpy as np
import pytest
from helpers.small_scans import make_scan
from napari.components import ViewerModel

from napari_cmr.kspace import Acquisition, line_mask
from napari_cmr.viewer.layers.canvas import (
    NOTICE,
    frame_on_screen,
    go_to,
    lines_text,
    look_at_middle,
    select_for_looking,
    show_only,
    slice_on_screen,
    write_notice,
)
from napari_cmr.viewer.layers.common import find
from napari_cmr.viewer.layers.labels import prediction_layer
from napari_cmr.viewer.layers.reconstructions import mark_reconstructed, show_reconstructed
from napari_cmr.viewer.layers.runs import mark_old
from napari_cmr.viewer.layers.stack import show_scan
from napari_cmr.viewer.layers.styles import show_styles, synthetic_tile

SCAN = make_scan(n_frames=4, n_slices=3)


@pytest.fixture
def viewer() -> ViewerModel:
    viewer = ViewerModel()
    show_scan(viewer, SCAN)
    return viewer


def notice(viewer, scan=SCAN, n_lines=None) -> list[str]:
    mask = line_mask(Acquisition(n_lines=n_lines), 4, 48)
    write_notice(viewer, scan, mask)
    return viewer.canvas.overlays.text.text.split("\n")


def test_frames_go_round_and_slices_end(viewer) -> None:
    go_to(viewer, SCAN, frame=5, z=9)
    assert (frame_on_screen(viewer, SCAN), slice_on_screen(viewer, SCAN)) == (1, 2)
    go_to(viewer, SCAN, frame=-1)
    assert (frame_on_screen(viewer, SCAN), slice_on_screen(viewer, SCAN)) == (3, 2)
    go_to(viewer, SCAN, z=-4)
    assert (frame_on_screen(viewer, SCAN), slice_on_screen(viewer, SCAN)) == (3, 0)
    empty = ViewerModel()
    go_to(empty, SCAN, frame=1, z=1)
    assert (frame_on_screen(empty, SCAN), slice_on_screen(empty, SCAN)) == (0, 0)


def test_a_scan_opens_at_its_first_labels_with_the_heart_in_the_middle() -> None:
    labels = np.zeros(SCAN.shape, np.uint8)
    labels[2, 1, 10:15, 20:25] = 1
    scan = SCAN.with_(labels=labels)
    viewer = ViewerModel()
    show_scan(viewer, scan)
    viewer.reset_view()
    whole = viewer.scene.camera.zoom
    look_at_middle(viewer, scan)
    assert (frame_on_screen(viewer, scan), slice_on_screen(viewer, scan)) == (2, 1)
    assert viewer.scene.camera.center[-2:] == (12 * 1.5, 22 * 1.5)
    assert viewer.scene.camera.zoom == pytest.approx(3 * whole)  # no nearer than that


def test_one_picture_is_seen_and_labels_stay(viewer) -> None:
    made = show_reconstructed(viewer, SCAN, SCAN.image.copy(), "tv-2d")
    image, labels = find(viewer, SCAN, "image"), find(viewer, SCAN, "labels")
    show_only(viewer, SCAN, "reconstructed")
    assert (made.visible, image.visible, labels.visible) == (True, False, True)
    show_only(viewer, SCAN, "zero_filled")  # not there yet
    assert made.visible
    show_only(viewer, SCAN, "image")
    assert (made.visible, image.visible) == (False, True)


def test_a_click_does_not_paint_while_the_image_is_selected(viewer) -> None:
    viewer.layers.selection.active = find(viewer, SCAN, "labels")
    select_for_looking(viewer, SCAN)
    assert viewer.layers.selection.active is find(viewer, SCAN, "image")


def test_lines_are_counted_where_some_are_missing() -> None:
    mask = line_mask(Acquisition(n_lines=5), 4, 48)
    assert lines_text(mask) == "5 of 48 lines"
    free = int(np.flatnonzero(~mask.array[0])[0])
    assert lines_text(mask.toggle_all({(0, free)})) == "5–6 of 48 lines"
    assert lines_text(line_mask(Acquisition(), 4, 48)) == ""
    assert lines_text(None) == ""


def test_the_notice_says_lines_method_and_what_is_old(viewer) -> None:
    assert notice(viewer) == [NOTICE]
    assert notice(viewer, n_lines=5) == [f"5 of 48 lines  ·  {NOTICE}"]
    show_reconstructed(viewer, SCAN, SCAN.image.copy(), "tv-2d").visible = True
    assert notice(viewer) == [NOTICE, "Reconstructed by tv-2d"]
    mark_reconstructed(viewer, SCAN, "from 9 lines")
    assert notice(viewer) == [NOTICE, "⚠ Reconstructed by tv-2d, from 9 lines"]
    mark_reconstructed(viewer, SCAN, "", "Details may be invented.")
    assert notice(viewer)[1:] == ["Reconstructed by tv-2d", "⚠ Details may be invented."]
    mark_reconstructed(viewer, SCAN, "from 9 lines")
    labels = prediction_layer(viewer, SCAN, "a-net")
    mark_old(labels, "from 9 lines")
    assert notice(viewer)[2:] == []  # there are none on screen
    labels.data[:, 1] = 1
    assert notice(viewer)[2:] == ["⚠ labels from 9 lines"]
    go_to(viewer, SCAN, z=0)
    assert notice(viewer)[2:] == []
    go_to(viewer, SCAN, z=1)
    labels.visible = False
    assert notice(viewer)[2:] == []


def test_synthetic_images_say_so_and_no_scan_says_nothing(viewer) -> None:
    synthetic = SCAN.with_(synthetic=True)
    assert notice(viewer, synthetic) == [f"Synthetic image  ·  {NOTICE}"]
    blank = np.zeros(SCAN.shape[2:])
    show_styles(viewer, SCAN, [synthetic_tile(0, "", blank, None)])
    assert notice(viewer, n_lines=5) == [f"SYNTHETIC late enhancement  ·  {NOTICE}"]
    write_notice(viewer, None, None)
    assert not viewer.canvas.overlays.text.visible
