"""What is said of arrows of motion."""

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.motion.tracking import TissueMotion
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.reconstructions import ALL_LINES
from napari_cmr.viewer.core.slice_images import ImageSource, SliceImage, SliceMotion
from napari_cmr.viewer.widgets.images.motion_note import MotionNote
from napari_cmr.viewer.workbench import workbench_of


def moved(scan, mm):
    """One place that moves by so many mm a frame."""
    way = np.zeros((scan.n_frames, 1, 2), np.float32)
    way[:, 0, 1] = mm * np.arange(scan.n_frames)
    return TissueMotion(0, np.full((1, 2), 20, np.float32), way)


@pytest.fixture
def motion(open_viewer, small_scan):
    bench = workbench_of(open_viewer(small_scan))
    images, source = bench.session.reconstructions, ImageSource("average", {}, Acquisition())
    made = SliceImage(1, source, np.abs(small_scan.image[:, 1]), None, 0.1)
    images.take(made, small_scan.n_slices)
    images.motions[ALL_LINES, 1] = SliceMotion(None, moved(small_scan, 2.0))
    images.motions["average", 1] = SliceMotion(source, moved(small_scan, 1.5), 1.25)
    layers.show_reconstructed(bench.viewer, small_scan, images.runs["average"].image, "average")
    images.choose(("average",))
    bench.session.set_picture("reconstructed")
    layers.go_to(bench.viewer, small_scan, frame=3, z=1)
    return bench.motion


def test_it_says_how_far_tissue_has_come_and_how_far_methods_are_off(motion):
    shown = MotionNote(motion, lambda method, z: "")
    shown.show_motion()
    assert shown.isHidden()
    motion.images.overlay = "motion"
    shown.show_motion()
    assert not shown.isHidden()
    first, second = shown.text.text().split("\n")
    assert first == "Largest displacement since frame 1: all lines 6.0 mm, average 4.5 mm."
    assert second == "Mean error over the cycle, against all lines: average 1.2 mm."


def test_what_was_found_in_an_image_of_other_lines_says_so(motion):
    motion.images.overlay = "motion"
    shown = MotionNote(motion, lambda method, z: f"from {z} of {method}")
    shown.show_motion()
    first, second = shown.text.text().split("\n")
    assert first.endswith("all lines 6.0 mm, average (from 1 of average) 4.5 mm.")
    assert second.endswith("average (from 1 of average) 1.2 mm.")


def test_a_slice_in_which_nothing_moves_says_so(motion, small_scan):
    motion.images.overlay = "motion"
    nowhere = TissueMotion(
        0, np.zeros((0, 2), np.float32), np.zeros((small_scan.n_frames, 0, 2), np.float32)
    )
    motion.images.motions = {(ALL_LINES, 1): SliceMotion(None, nowhere)}
    shown = MotionNote(motion, lambda method, z: "")
    shown.show_motion()
    assert shown.text.text() == "Nothing moves in this slice."
