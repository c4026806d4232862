"""The late enhancement segmenter: labels land where the heart is, on any grid."""

import numpy as np
import pytest
import torch
from helpers import fake_lge as fake
from helpers.notices import codes
from helpers.zoo_models import on_cpu

from napari_cmr.analysis.overlap import dice
from napari_cmr.scan import Label, ScanError
from napari_cmr.zoo.cancellation import Stopped, stoppable
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.late_enhancement import LgeSegmenter, LgeSteps, missing_structures


@pytest.fixture
def segmenter() -> LgeSegmenter:
    return fake.segmenter()


@pytest.mark.parametrize("spacing", [(10.0, 2.0, 2.0), (8.0, 1.4, 2.2), (10.0, 2.3, 1.5)])
def test_labels_lie_on_the_heart_whatever_the_pixels(segmenter, spacing) -> None:
    scan = fake.bright_heart(spacing, shape=(3, round(190 / spacing[1]), round(200 / spacing[2])))
    centre = (90 / spacing[1], 100 / spacing[2])
    found = segmenter.segment(scan, centre, LgeSteps(crf=False, tidy=False, wall=False, views=1))
    assert dice(found.labels[None], scan.labels).min() > 0.93
    assert found.labels.shape == scan.shape[1:]
    assert 0 <= found.uncertainty.min() <= found.uncertainty.max() < 1


def test_a_second_look_brings_the_heart_to_the_middle(segmenter) -> None:
    scan = fake.bright_heart()
    away = (45.0 + 9, 50.0 - 10)  # 27 mm off
    found = segmenter.segment(scan, away, LgeSteps(crf=False, tidy=False, wall=False, views=1))
    # the mean of heart and RV lies a few pixels beside the cavity's centre
    assert abs(found.centre[0] - 45) < 2
    assert abs(found.centre[1] - 47) < 4
    assert dice(found.labels[None], scan.labels).min() > 0.93


def test_post_processing_drops_what_lies_apart(segmenter) -> None:
    scan = fake.bright_heart()
    image = scan.image.copy()
    image[:, 2, 25:28, 75:78] = fake.GREY[Label.LV]
    scan = scan.with_(image=image)
    raw = segmenter.segment(
        scan, (45, 50), LgeSteps(crf=False, tidy=False, wall=False, views=1)
    ).labels
    tidy = segmenter.segment(scan, (45, 50)).labels
    assert (raw[2, 25:28, 75:78] == Label.LV).any()
    assert not tidy[2, 25:28, 75:78].any()
    assert dice(tidy[None], scan.labels).min() > 0.9


def test_steps_reach_the_network(segmenter) -> None:
    scan = fake.bright_heart()
    first_look = (1, False)
    plain = LgeSteps(crf=False, tidy=False, wall=False, views=1)
    for steps, wanted in (
        (plain, (None, True)),
        (plain._replace(members=1, cascade=False), (1, False)),
    ):
        segmenter.network.asked.clear()
        segmenter.segment(scan, (45, 50), steps)
        assert segmenter.network.asked == [first_look, wanted]
    eight, one = (segmenter.segment(scan, (45, 50), plain._replace(views=n)) for n in (8, 1))
    assert dice(eight.labels[None], one.labels[None]).min() > 0.99
    with pytest.raises(ScanError, match="9 views"):
        segmenter.segment(scan, (45, 50), plain._replace(views=9))


def test_a_heart_outside_the_image_is_an_error(segmenter, monkeypatch) -> None:
    monkeypatch.setattr(segmenter, "_look_again", lambda *_: (400.0, 50.0))
    with pytest.raises(ScanError, match="outside the image"):
        segmenter.segment(fake.bright_heart(), (45, 50))


def test_another_kind_of_model_is_refused() -> None:
    with pytest.raises(ScanError, match="does not segment late enhancement"):
        load(on_cpu("pooled-net"), LgeSegmenter)


def test_memory_that_runs_out_is_made_do_with(segmenter) -> None:
    scan = fake.bright_heart()
    expected = segmenter.segment(scan, (45, 50))
    answer = segmenter.network.forward
    shown = []

    def hungry(x, **options):
        shown.append(len(x))
        if len(x) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return answer(x, **options)

    segmenter.network.forward = hungry
    found = segmenter.segment(scan, (45, 50))
    assert (found.labels == expected.labels).mean() > 0.999
    assert shown[0] == scan.n_slices
    assert set(shown[1:]) == {1}
    assert codes(segmenter.notes) == ["memory-short"]


def test_it_ends_when_nobody_waits_any_more(segmenter) -> None:
    segmenter.segment(fake.bright_heart(), (45, 50))
    asked = iter([False] * 3 + [True] * 100)
    with stoppable(lambda: next(asked)), pytest.raises(Stopped):
        segmenter.segment(fake.bright_heart(), (45, 50))


def test_what_is_missing_is_named() -> None:
    labels = np.array([0, 1, 2])
    assert missing_structures(labels) == ["RV cavity"]
    assert len(missing_structures(np.zeros(3))) == 3
