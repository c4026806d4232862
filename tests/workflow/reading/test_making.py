"""Studies are made of the same lines for every method, blind, whole, or not at all."""

import os
from dataclasses import replace

import numpy as np
import pytest
from helpers.reading_studies import METHODS, small_study, write_cases
from helpers.small_scans import make_scan

from napari_cmr.analysis.image_quality import image_quality
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError, open_scan, save_image
from napari_cmr.workflow.reading.making import Source, StudySettings, make_study, spread_slices
from napari_cmr.workflow.reading.study import WHITE, open_study, read_key
from napari_cmr.workflow.reconstruct.image_reader import ImageReader
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.workflow.reconstruct.solving import reconstruct


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("made"), slices=2)


def test_each_method_made_each_slice_of_each_case(study) -> None:
    key = read_key(study)
    assert {one.name for one in key.methods} == set(METHODS)
    assert len(key.cases) == 2
    made = sorted((one.case, one.slice, one.method) for one in key.made)
    assert made == sorted((c, z, m) for c in (0, 1) for z in (0, 2) for m in METHODS)


def test_images_of_a_case_are_of_the_same_lines_and_those_of_the_key(study) -> None:
    """What the key says is enough to make an image again, alike for all methods."""
    key = read_key(study)
    acquisitions = [one.acquisition for one in key.cases]
    assert acquisitions[0].seed != acquisitions[1].seed
    for one in key.made:
        scan = open_scan(study.path.parent / f"jane-doe-{one.case}.nii.gz")
        full = np.abs(undersample(scan, Acquisition(seed=acquisitions[one.case].seed))[one.slice]
                      .zero_filled())  # fmt: skip
        image = full
        if one.method != "full":
            measured = undersample(scan, acquisitions[one.case], slices=(one.slice,))
            image = reconstruct(measured, one.method).image[:, 0]
            quality = image_quality(np.abs(image), full)
            assert one.psnr == pytest.approx(quality.psnr, abs=1e-3)
            assert one.ssim == pytest.approx(quality.ssim, abs=1e-4)
        else:
            assert (one.psnr, one.ssim) == (None, None)
        expected = np.abs(image) * WHITE / np.percentile(full, 99.5)
        assert np.abs(study.image(one.id) - expected).max() <= 1


def test_no_name_and_no_method_is_in_what_readers_get(study) -> None:
    text = (study.path / "study.json").read_text().lower()
    assert not any(word in text for word in ("jane", "doe", *METHODS))
    names = [str(path.relative_to(study.path)) for path in study.path.rglob("*")]
    assert not any(word in name for word in ("jane", *METHODS) for name in names)
    assert "jane" not in (study.path / "key.json").read_text().lower()


def test_ids_times_and_sizes_of_files_tell_nothing(study, tmp_path) -> None:
    files = list((study.path / "images").iterdir())
    assert {path.stat().st_mtime for path in files} == {0}
    made = {one.id: one.case for one in read_key(study).made}
    sizes = {(made[path.stem], path.stat().st_size) for path in files}
    assert len(sizes) == 2  # one for each case, as cases differ in size
    other = small_study(tmp_path, slices=2)
    assert not set(other.items) & set(study.items), "ids must not follow from the seed"


def test_as_many_images_of_each_method_are_shown_twice(study) -> None:
    method = {one.id: one.method for one in read_key(study).made}
    twice = [method[one] for one in study.study.repeats]
    assert sorted(twice) == sorted(2 * METHODS)


def test_still_images_have_criteria_and_methods_of_their_own(tmp_path) -> None:
    scan = make_scan(n_frames=1, labels=False)
    save_image(tmp_path / "lge.nii.gz", scan.image, scan)
    methods = ("full", "zero-filled")
    settings = StudySettings(methods=methods, lines="4x", repeats=0, may_zoom=False, sis=False)
    made = make_study([Source(tmp_path / "lge.nii.gz")], tmp_path / "study", settings)
    assert {one.shape[0] for one in made.study.items} == {1}
    assert {one.frame_ms for one in made.study.items} == {None}
    assert made.study.repeats == ()
    assert not open_study(tmp_path / "study").study.may_zoom
    refused = settings.model_copy(update={"methods": ("full", "kt-focuss")})
    with pytest.raises(ScanError, match="needs a cine") as caught:
        make_study([Source(tmp_path / "lge.nii.gz")], tmp_path / "other", refused)
    assert "lge.nii.gz, slice 2" in str(caught.value)


def test_the_wish_for_slices_is_spread_over_what_is_labelled() -> None:
    scan = make_scan(n_slices=9)
    assert spread_slices(scan.with_(labels=None, labelled_frames=()), 1) == (4,)
    assert spread_slices(scan.with_(labels=None, labelled_frames=()), 3) == (1, 4, 7)
    labels = scan.labels.copy()
    labels[:, :4] = 0
    labels[:, 7:] = 0
    some = scan.with_(labels=labels)
    assert spread_slices(some, 1) == (5,)
    assert spread_slices(some, 3) == spread_slices(some, 20) == (4, 5, 6)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"methods": ("full",)}, "compares methods, and full was named"),
        ({"methods": ()}, "compares methods, and none was named"),
        ({"methods": ("full", "full")}, "name two or more, each once"),
        ({"methods": ("full", "grappa")}, "no reconstruction method 'grappa'"),
        ({"lines": "many"}, "neither a number of lines"),
        ({"lines": "500"}, "500 lines per frame were asked for"),
        ({"methods": ("low-rank-sparse", "full"), "pattern": "uniform"}, "lattice"),
    ],
)
def test_what_makes_no_study_is_refused_and_leaves_nothing(tmp_path, change, said) -> None:
    [path] = write_cases(tmp_path, 1)
    before = set(os.listdir(tmp_path))
    with pytest.raises(ScanError, match=said):
        make_study(
            [Source(path)],
            tmp_path / "study",
            StudySettings(**{"methods": METHODS, "lines": "4x", "sis": False, **change}),
        )
    assert set(os.listdir(tmp_path)) == before


def test_no_case_a_damaged_one_or_a_black_one_is_refused(tmp_path) -> None:
    settings = StudySettings(methods=METHODS, lines="4x", sis=False)
    with pytest.raises(ScanError, match="no case to read"):
        make_study([], tmp_path / "study", settings)
    good, other = write_cases(tmp_path, 2)
    other.write_bytes(b"no image")
    with pytest.raises(ScanError, match="jane-doe-1"):
        make_study([Source(good), Source(other)], tmp_path / "study", settings)
    scan = make_scan(labels=False)
    save_image(other, np.zeros_like(scan.image), scan)
    with pytest.raises(ScanError, match="slice 2 is black"):
        make_study([Source(other)], tmp_path / "study", settings)
    assert not (tmp_path / "study").exists()
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_a_folder_that_exists_is_never_replaced(tmp_path) -> None:
    [path] = write_cases(tmp_path, 1)
    (tmp_path / "study").mkdir()
    with pytest.raises(ScanError, match="exists already"):
        make_study(
            [Source(path)],
            tmp_path / "study",
            StudySettings(methods=METHODS, lines="4x", sis=False),
        )
    with pytest.raises(ScanError, match="does not exist"):
        make_study(
            [Source(path)],
            tmp_path / "a" / "b",
            StudySettings(methods=METHODS, lines="4x", sis=False),
        )


def test_the_work_tells_how_far_it_is(tmp_path) -> None:
    told: list[tuple[int, int]] = []
    make_study(
        [Source(one) for one in write_cases(tmp_path, 2)],
        tmp_path / "study",
        StudySettings(methods=METHODS, lines="4x", sis=False),
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(n + 1, 6) for n in range(6)]


def test_raw_data_without_all_lines_have_no_full_image(tmp_path, monkeypatch) -> None:
    [path] = write_cases(tmp_path, 1)
    monkeypatch.setattr(
        "napari_cmr.workflow.reading.making.full_slice", lambda scan, z, acquisition: None
    )
    settings = StudySettings(methods=METHODS, lines="4x", sis=False)
    with pytest.raises(ScanError, match="holds some of its lines only"):
        make_study([Source(path)], tmp_path / "study", settings)
    without = settings.model_copy(update={"methods": METHODS[1:]})
    made = make_study([Source(path)], tmp_path / "study", without)
    assert {(one.psnr, one.ssim) for one in read_key(made).made} == {(None, None)}


def test_what_a_segmenter_reads_in_the_images_is_in_the_key(tmp_path, models) -> None:
    """By small random models: what they read is nothing, but that they read it is seen."""
    [path] = write_cases(tmp_path, 1)
    settings = StudySettings(methods=METHODS, lines="4x", device="cpu")
    made = make_study([Source(path)], tmp_path / "study", settings)
    scan = open_scan(path)
    for one in read_key(made).made:
        if one.method == "full":
            assert (one.dice, one.full_dice, one.sis) == (None, None, None)
            continue
        acquisition = settings.acquisition(0, scan.n_phase_encodes)
        measured = undersample(scan, acquisition, slices=(one.slice,))
        image = reconstruct(measured, one.method).image
        reader = ImageReader.of(scan, (one.slice,), device="cpu")
        assert one.sis == pytest.approx(reader.score(image).mean)
        assert one.dice == pytest.approx(one.sis * one.full_dice)


def test_a_scan_that_no_segmenter_belongs_to_has_no_score(tmp_path) -> None:
    scan = make_scan(n_frames=1, labels=False)
    save_image(tmp_path / "still.nii.gz", scan.image, scan)
    settings = StudySettings(methods=("full", "zero-filled"), lines="4x")
    made = make_study([Source(tmp_path / "still.nii.gz")], tmp_path / "study", settings)
    assert {one.sis for one in read_key(made).made} == {None}
    assert {one.psnr is None for one in read_key(made).made if one.method != "full"} == {False}


def test_a_method_that_may_invent_details_is_told_but_not_which_images(
    tmp_path, monkeypatch
) -> None:
    solver = replace(find_method("zero-filled"), name="gan", invents="Details may be invented.")
    monkeypatch.setattr(
        "napari_cmr.workflow.reading.making.find_method",
        lambda name, device="auto": solver if name == "gan" else find_method(name, device),
    )
    made = small_study(tmp_path, methods=("full", "gan"))
    assert made.study.may_invent
    assert "gan" not in (made.path / "study.json").read_text()
    assert [one.invents for one in read_key(made).methods] == ["", "Details may be invented."]
