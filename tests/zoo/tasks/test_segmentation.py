"""From a scan to labels, with networks whose weights are random: the plumbing, not the skill."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from helpers import zoo_models
from helpers.noise_scans import scan
from helpers.notices import codes, said
from helpers.zoo_models import change_card, on_cpu

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Code, Geometry, Label, Notice, ScanError
from napari_cmr.workflow.segment.cine import segment as segment_cine
from napari_cmr.workflow.segment.cine import segment_frames
from napari_cmr.workflow.train.export import tie_for_fewer
from napari_cmr.zoo.cards import read_card, write_card
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.localisation import HeartLocation
from napari_cmr.zoo.tasks.segmentation import Segmenter, _complete_rv

LINES = Acquisition(n_lines=9, seed=3)
# Networks of random weights label noise, which mending along the stack would clear away.
segment = partial(segment_cine, mend=False)


@pytest.mark.parametrize("model", ["pooled-net", "syn-net"])
def test_labels_lie_on_the_scans_own_grid(models, model) -> None:
    result = segment(undersample(scan(), LINES), on_cpu(model))
    assert result.labels.shape == (4, 2, 40, 56)
    assert result.labels.dtype == np.uint8
    assert set(np.unique(result.labels)) == {0, 1, 2, 3}
    assert 0 <= result.uncertainty.min() <= result.uncertainty.max() <= 0.75
    assert (result.model, result.n_lines) == (model, 9.0)
    assert set(result.seconds) == {"load", "acquire", "locate", "segment"}


def test_a_slice_alone_gets_the_labels_that_it_has_in_the_stack(models) -> None:
    whole = segment(undersample(scan(), LINES), on_cpu())
    alone = segment(undersample(scan(), LINES, slices=[1]), on_cpu(), location=whole.location)
    assert np.array_equal(alone.labels[:, 0], whole.labels[:, 1])
    assert alone.slices == (1,)


@pytest.mark.parametrize("model", ["pooled-net", "syn-net"])
@pytest.mark.parametrize("frames", [(0,), (7,), (11,), (5, 6), (12, 13, 0)])
def test_some_frames_alone_get_the_labels_that_they_have_among_all(models, model, frames) -> None:
    cine = scan((14, 2, 40, 56))
    whole = segment(undersample(cine, LINES), on_cpu(model))
    alone = segment_frames(
        undersample(cine, LINES),
        on_cpu(model),
        z=1,
        frames=frames,
        location=whole.location,
    ).labels
    assert alone.shape == (len(frames), 40, 56)
    assert (alone == whole.labels[list(frames), 1]).mean() > 0.999


@pytest.mark.parametrize("model", ["pooled-net", "syn-net"])
@pytest.mark.parametrize("frames", [(0,), (13,), (5, 6), (12, 13, 0)])
def test_filtered_frames_alone_get_the_labels_that_they_have_among_all(
    models, model, frames
) -> None:
    path = models / f"{model}-live.safetensors"
    change = {"smoothing": 0.06, "sharpening": 0.3}
    write_card(path, read_card(path).model_copy(update=change))
    cine = scan((14, 1, 40, 56))
    whole = segment(undersample(cine, LINES), on_cpu(model))
    alone = segment_frames(
        undersample(cine, LINES),
        on_cpu(model),
        z=0,
        frames=frames,
        location=whole.location,
    ).labels
    assert (alone == whole.labels[list(frames), 0]).mean() > 0.999


def test_smoothing_is_that_of_a_gaussian_cut_off_after_one_frame(models) -> None:
    cine = scan((20, 1, 40, 56))
    location = HeartLocation(20.0, 28.0, 1.0)
    measured = undersample(cine, LINES)
    args = (measured, 0, location)
    bare = load(on_cpu(precision="float32"), Segmenter).probabilities(*args)[0].log()
    change_card(models, smoothing=0.05)  # one frame of twenty
    smooth = load(on_cpu(precision="float32"), Segmenter).probabilities(*args)[0]
    beside = np.exp(-0.5)
    expected = (bare + beside * (bare.roll(1, 0) + bare.roll(-1, 0))) / (1 + 2 * beside)
    assert torch.allclose(smooth, expected.softmax(1), atol=1e-4)
    assert not torch.allclose(smooth, bare.exp(), atol=1e-2)


@pytest.mark.parametrize(
    ("offset", "cavity"), [("cavity_offset", Label.LV), ("rv_offset", Label.RV)]
)
def test_an_offset_moves_doubtful_pixels_into_the_cavity_and_leaves_their_probability(
    models, offset, cavity
) -> None:
    bare = segment(undersample(scan(), LINES), on_cpu())
    change_card(models, **{offset: 0.3})
    wider = segment(undersample(scan(), LINES), on_cpu())
    changed = bare.labels != wider.labels
    assert changed.any()
    assert (wider.labels[changed] == cavity).all()
    assert np.array_equal(bare.uncertainty[~changed], wider.uncertainty[~changed])
    assert (wider.uncertainty[changed] >= bare.uncertainty[changed]).all()
    assert wider.uncertainty.max() <= 1 - np.exp(-0.3) / 4


def test_sharpening_tells_a_frame_from_those_that_are_pooled_with_it(models) -> None:
    cine = scan((24, 1, 40, 56))
    args = (undersample(cine, LINES), 0, HeartLocation(20.0, 28.0, 1.0))
    bare = load(on_cpu(precision="float32"), Segmenter).probabilities(*args)[0].log()
    change_card(models, sharpening=0.4)
    sharp = load(on_cpu(precision="float32"), Segmenter).probabilities(*args)[0]
    expected = bare + 0.4 * (bare - (bare.roll(3, 0) + bare.roll(-3, 0)) / 2)
    assert torch.allclose(sharp, expected.softmax(1), atol=1e-4)
    assert not torch.allclose(sharp, bare.exp(), atol=1e-2)


def test_offset_and_sharpening_are_those_of_the_lines_of_a_beat(models) -> None:
    change_card(
        models,
        cavity_offset=((8.0, -0.2), (64.0, 0.4)),
        sharpening=((8.0, 0.3), (64.0, 0.0)),
    )
    segmenter = load(on_cpu(), Segmenter)
    frames = scan().n_frames
    for n, wanted in ((2, -0.2), (64 // frames, 0.4), (None, 0.4)):
        measured = undersample(scan(), Acquisition(n_lines=n))
        assert segmenter.offsets(measured)["LV"] == pytest.approx(wanted, abs=0.01)
    between = undersample(scan(), Acquisition(n_lines=6))
    assert -0.2 < segmenter.offsets(between)["LV"] < 0.4
    assert 0 < segmenter.sharpening(between) < 0.3
    assert segmenter.sharpening(undersample(scan(), Acquisition(n_lines=None))) == 0.0


@pytest.mark.parametrize(
    ("likely", "drawn"),
    [(0.6, "whole"), (0.45, "sieve"), (1.0, "sieve")],  # a slice in doubt, without it, with it
)
def test_a_right_ventricle_that_is_probably_there_is_drawn_as_a_whole(likely, drawn) -> None:
    probability = torch.zeros(2, 30, 30)
    probability[1, 5:25, 5:25] = likely * 0.7  # the outline of it, given that it is there
    probability[1, 8:22, 8:22] = likely
    probability[1, 2:4] = likely * 0.3
    label = torch.zeros(2, 30, 30, dtype=torch.uint8)
    label[1, 10:12, 10:25] = int(Label.RV)
    label[1, 12:14, 5:25] = int(Label.MYO)
    before = label.clone()
    _complete_rv(label, probability, (1.5, 1.5))
    if drawn == "whole":
        assert (label[1, 5:12, 5:25] == int(Label.RV)).all()
        assert (label[1, 14:25, 5:25] == int(Label.RV)).all()
        before[1, 5:25, 5:25] = label[1, 5:25, 5:25]
        before[1, 12:14, 5:25] = int(Label.MYO)
    assert torch.equal(label, before)


def test_only_calibrated_models_draw_a_doubtful_right_ventricle_whole(models) -> None:
    probabilities = torch.zeros(1, 4, 30, 30)
    probabilities[:, int(Label.RV), 5:25, 5:25] = 0.4
    probabilities[:, int(Label.RV), 8:22, 8:22] = 0.6
    probabilities[:, int(Label.BACKGROUND)] = 1 - probabilities[:, int(Label.RV)]
    geometry = Geometry.regular((8.0, 1.5, 1.5), 1)
    areas = []
    for quantile in (None, 0.2):
        change_card(models, lv_quantile=quantile)
        labels = load(on_cpu(), Segmenter).decide(probabilities, geometry, {})
        areas.append(int((labels == int(Label.RV)).sum()))
    assert areas == [14 * 14, 20 * 20]


def test_turning_scan_and_phase_encoding_turns_the_labels(models) -> None:
    location = HeartLocation(20.0, 30.0, 1.0)
    turned_location = HeartLocation(30.0, 20.0, 1.0)
    one = scan()
    other = scan().with_(image=one.image.transpose(0, 1, 3, 2), phase_encode_axis="X")
    acquisition = LINES.model_copy(update={"phase": False})
    a = segment(undersample(one, acquisition), on_cpu(), location=location).labels
    b = segment(undersample(other, acquisition), on_cpu(), location=turned_location).labels
    assert (a == b.transpose(0, 1, 3, 2)).mean() > 0.999


def test_labels_follow_the_location(models) -> None:
    """Far from the located heart nothing is labelled: it is outside the network's view."""
    wide = scan((2, 1, 200, 200), (8.0, 2.0, 2.0))
    labels = segment(
        undersample(wide, LINES), on_cpu(), location=HeartLocation(100, 100, 1.0)
    ).labels
    outside = np.ones((200, 200), bool)
    outside[66:135, 66:135] = False  # 32 pixels of 4 mm are 128 mm
    assert not labels[..., outside].any()


@pytest.mark.parametrize("model", ["pooled-net", "syn-net"])
def test_drawn_are_the_hearts_surroundings_alone_unless_it_reaches_beyond(
    models, model, monkeypatch
) -> None:
    measured = undersample(scan(), LINES)
    whole_field = HeartLocation(20.0, 28.0, 1.0)
    near = whole_field._replace(extent=((18.0, 22.0), (20.0, 32.0)))
    whole = segment(measured, on_cpu(model), location=whole_field)
    assert (segment(measured, on_cpu(model), location=near).labels == whole.labels).all()
    monkeypatch.setattr("napari_cmr.zoo.tasks.segmentation._is_cut", lambda label: False)
    drawn = segment(measured, on_cpu(model), location=near)
    inside = np.zeros((40, 56), bool)
    inside[15:26, 17:36] = True  # 6 mm around it
    assert (drawn.labels == whole.labels)[..., inside].mean() > 0.999
    for beyond in (np.s_[:9, :], np.s_[32:, :], np.s_[:, :11], np.s_[:, 42:]):
        assert not drawn.labels[..., *beyond].any()
        assert whole.labels[..., *beyond].any()


def test_a_localiser_does_not_segment(models) -> None:
    with pytest.raises(ScanError, match="does not segment"):
        load(on_cpu("localiser"), Segmenter)


def test_short_memory_is_made_do_with_and_said(models) -> None:
    class Hungry(torch.nn.Module):
        """Runs out of memory until its decoder takes one frame at a time."""

        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, *args, **keywords):
            if self.network.decoder.chunk != 1:
                raise torch.OutOfMemoryError("CUDA out of memory")
            return self.network(*args, **keywords)

    expected = segment(undersample(scan(), LINES), on_cpu())
    segmenter = load(on_cpu(), Segmenter)
    segmenter.network = Hungry(segmenter.network)
    result = segment(undersample(scan(), LINES), on_cpu())
    assert (result.labels == expected.labels).mean() > 0.999
    assert "memory-short" in codes(result.warnings)


def test_no_memory_at_all_is_an_error_that_says_so(models) -> None:
    class Starved(torch.nn.Module):
        def forward(self, *args, **keywords):
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory")

    load(on_cpu(), Segmenter).network = Starved()
    with pytest.raises(ScanError, match="not enough memory"):
        segment(undersample(scan(), LINES), on_cpu())


def test_other_failures_of_a_network_are_not_taken_for_short_memory(models) -> None:
    class Broken(torch.nn.Module):
        def forward(self, *args, **keywords):
            raise RuntimeError("shapes do not match")

    load(on_cpu(), Segmenter).network = Broken()
    with pytest.raises(RuntimeError, match="shapes"):
        segment(undersample(scan(), LINES), on_cpu())


def test_a_model_says_what_its_card_says_against_it(models) -> None:
    location = HeartLocation(20.0, 28.0, 1.0)
    path = models / "syn-net-live.json"
    card = json.loads(path.read_text())
    metrics = {"what": "x", "9 lines": {"dice": {"lv": 0.6}}, "all lines": {"dice": {"lv": 0.95}}}
    path.write_text(json.dumps(card | {"metrics": metrics}))

    def found(acquisition: Acquisition) -> list[Notice]:
        result = segment(undersample(scan(), acquisition), on_cpu("syn-net"), location=location)
        return said(result.warnings, Code.MODEL_INACCURATE)

    (notice,) = found(LINES)
    assert "LV Dice of 0.60" in notice.text
    assert not found(Acquisition())


@pytest.fixture
def tied(models):
    """A pooled-net that hands fewer than 6 lines to another network."""
    path = models / "pooled-net-live.safetensors"
    few = zoo_models.write_model(models, "pooled-net-few", seed=5)
    for weights, lines in ((path, (6, None)), (few, (1, 8))):
        write_card(weights, read_card(weights).model_copy(update={"lines": lines}))
    tie_for_fewer(models, "live")
    return models


def test_one_digest_vouches_for_both_networks(tied) -> None:
    few = tied / "pooled-net-few-live.safetensors"
    before = read_card(tied / "pooled-net-live.safetensors").sha256
    zoo_models.write_model(tied, "pooled-net-few", seed=6)
    with pytest.raises(ScanError, match="not the weights that pooled-net was made with"):
        load(on_cpu(), Segmenter)
    tie_for_fewer(tied, "live")
    assert read_card(tied / "pooled-net-live.safetensors").sha256 != before
    load(on_cpu(), Segmenter)
    few.with_suffix(".json").unlink()
    few.unlink()
    with pytest.raises(ScanError, match="pooled-net-few, whose weights are missing"):
        load(on_cpu(), Segmenter)


def test_a_model_says_for_how_many_lines_it_was_not_made(tied) -> None:
    location = HeartLocation(20.0, 28.0, 1.0)

    def is_doubted(model: str, n_lines: int | None) -> bool:
        acquisition = Acquisition(n_lines=n_lines)
        result = segment(undersample(scan(), acquisition), on_cpu(model), location=location)
        return bool(said(result.warnings, Code.MODEL_NOT_FOR_THESE_LINES))

    assert is_doubted("pooled-net-few", 20)
    assert is_doubted("pooled-net-few", None)
    assert not is_doubted("pooled-net-few", 3)
    assert not is_doubted("pooled-net", 3)
    assert not is_doubted("pooled-net", None)
