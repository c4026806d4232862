"""Which model labels a scan, what a run is known by, and doubts about a model for other scans."""

import json
from pathlib import Path

import pytest
from helpers import fake_lge, lively_models
from helpers.reconstruction_models import write_reconstruction_model
from helpers.small_scans import make_scan
from helpers.zoo_models import on_cpu

from napari_cmr.scan import Code, ScanError
from napari_cmr.workflow.segment import segmentation_settings as module
from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings, segment_as_set
from napari_cmr.zoo import default_choice
from napari_cmr.zoo.tasks.localisation import HeartLocation

CINE = make_scan(n_frames=2, n_slices=1, shape=(32, 32), labels=False).with_(kind="cine")
LATE = CINE.with_(image=CINE.image[:1], frame_times_ms=None, cycle_ms=None, kind="lge")


@pytest.fixture
def models(tmp_path, monkeypatch):
    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


def changed(weights: Path, **fields) -> None:
    """Give other fields to the card beside weights."""
    card = weights.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | fields))


def codes(content) -> list[str]:
    return [one["code"] for one in content["warning_details"]]


def test_a_cine_gets_the_model_for_cines(models) -> None:
    _, content = segment_as_set(CINE, SegmentationSettings(device="cpu"))
    assert content["model"] == default_choice("cine").name
    assert Code.MODEL_FOR_OTHER_SCANS not in codes(content)


def test_late_enhancement_gets_its_own(models, monkeypatch) -> None:
    asked = []

    def label(scan, choice, steps):
        asked.append((choice, steps))
        raise ScanError("stop here")

    monkeypatch.setattr(module, "segment_lge", label)
    with pytest.raises(ScanError, match="stop here"):
        segment_as_set(LATE, SegmentationSettings(device="cpu", views=2, ensemble=False, crf=False))
    ((choice, steps),) = asked
    assert choice == default_choice("late enhancement", device="cpu")
    assert (steps.members, steps.crf, steps.views) == (1, False, 2)
    with pytest.raises(ScanError, match="from whole images, not from 9 lines"):
        segment_as_set(LATE, SegmentationSettings(device="cpu", n_lines=9))


def test_a_long_axis_is_labelled_only_by_a_model_that_was_named(models) -> None:
    scan = CINE.with_(view="4CH")
    with pytest.raises(ScanError, match=r"4-chamber view.*name the model"):
        segment_as_set(scan, SegmentationSettings(device="cpu"))
    _, content = segment_as_set(scan, SegmentationSettings(model=on_cpu(), views=2))
    assert content["views"] == 2
    assert codes(content)[0] == Code.MODEL_FOR_OTHER_SCANS
    assert "4-chamber view" in content["warnings"][0]


def test_why_a_named_model_is_not_for_a_scan_is_said_once(models, monkeypatch) -> None:
    _, content = segment_as_set(LATE, SegmentationSettings(model=on_cpu()))
    assert codes(content)[0] == Code.MODEL_FOR_OTHER_SCANS
    assert Code.NOT_A_CINE not in codes(content)
    fake_lge.in_use(monkeypatch, HeartLocation(45, 50, 1.0))
    still = fake_lge.bright_heart(kind="cine")
    named = SegmentationSettings(model=default_choice("late enhancement", device="cpu"))
    _, content = segment_as_set(still, named)
    assert codes(content)[0] == Code.MODEL_FOR_OTHER_SCANS
    assert Code.NOT_LATE_ENHANCEMENT not in codes(content)


def test_a_run_is_known_by_what_changes_its_labels(models) -> None:
    settings = SegmentationSettings()
    assert settings.digest() == SegmentationSettings(device="cpu").digest()
    others = [{"n_lines": 4}, {"seed": 1}, {"views": 2}, {"crf": False}, {"model": on_cpu()}]
    digests = {settings.digest(), *(SegmentationSettings(**one).digest() for one in others)}
    assert len(digests) == len(others) + 1
    lively_models.write_model(models, "pooled-net", seed=5)  # other weights
    assert settings.digest() not in digests
    assert SegmentationSettings(model=on_cpu()).digest() not in digests


def test_every_model_that_has_a_say_tells_runs_apart(models) -> None:
    """What finds the heart, the model for fewer lines, calibration, and what makes images."""
    write_reconstruction_model(models)
    few = lively_models.write_model(models, "pooled-net-few", seed=2)
    own = models / "pooled-net-live.safetensors"
    changed(own, for_fewer="pooled-net-few")
    settings = SegmentationSettings(model=on_cpu(), reconstruct="unrolled-net")
    digests = [settings.digest()]
    lively_models.write_model(models, "localiser", seed=7)
    digests.append(settings.digest())
    for weights in (few, own):
        changed(weights, temperature=2.5)
        digests.append(settings.digest())
    write_reconstruction_model(models, sha256="0" * 64)
    digests.append(settings.digest())
    assert len({*digests}) == len(digests)


def test_the_network_that_made_the_image_is_among_the_weights(models) -> None:
    write_reconstruction_model(models)
    settings = SegmentationSettings(model=on_cpu(), n_lines=10, reconstruct="unrolled-net")
    _, content = segment_as_set(CINE, settings)
    assert {"pooled-net", "localiser", "unrolled-net"} <= {*content["weights"]}
