"""Mirror images that are averaged."""

import pytest
import torch
from helpers.noise_scans import scan
from helpers.zoo_models import on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.nets.windows import Window
from napari_cmr.scan import ScanError
from napari_cmr.workflow.segment.cine import (
    segment,
)
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.segmentation import Segmenter

LINES = Acquisition(n_lines=9, seed=3)


@pytest.mark.parametrize("window", [((0, 32), (0, 32)), ((4, 20), (10, 32))])
def test_mirror_images_are_averaged_in_the_frame_of_the_scan(models, window) -> None:
    # A network that answers with what it is shown: every view has to come back to its place.
    segmenter, window = load(on_cpu(), Segmenter), Window(*window)

    def answer(inputs, _wanted, *, periodic, window):
        return window.of(inputs[:, :4]) * 3

    segmenter._logits = answer  # type: ignore[method-assign]
    inputs = torch.rand(2, 8, 32, 32)
    plain = (window.of(inputs[:, :4]) * 3).log_softmax(1)
    for views in (2, 4, 8):
        averaged = segmenter._average(inputs, views, None, periodic=True, window=window)
        assert torch.allclose(averaged, plain, atol=1e-5)


def test_views_change_labels_of_a_lopsided_network_only(models) -> None:
    one = segment(undersample(scan(), LINES), on_cpu(), views=1)
    eight = segment(undersample(scan(), LINES), on_cpu(), views=8, location=one.location)
    assert (one.labels != eight.labels).any()
    with pytest.raises(ScanError, match="views"):
        segment(undersample(scan(), LINES), on_cpu(), views=9, location=one.location)
