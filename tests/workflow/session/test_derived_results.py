"""Scar, comparison and styles of a session come again, equal, or it is said that they do not."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import fake_lge, style_models
from helpers.small_scans import make_scan
from typer.testing import CliRunner

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.cli.root import app
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import Label, Scan, ScanError, open_scan, save_image
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.measure.comparison import compare_labels
from napari_cmr.workflow.measure.scar import measure_scar
from napari_cmr.workflow.report.sources import model_reference, of_session
from napari_cmr.workflow.segment.late_enhancement import measured_still, segment_lge
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SessionFile,
    read_session,
    write_session,
)
from napari_cmr.workflow.session.replay import replay
from napari_cmr.workflow.session.saved_results import SavedComparison, SavedScar, SavedStyles
from napari_cmr.workflow.session.scan_link import reference_to
from napari_cmr.workflow.style.rendering import StyleRequest, render_styles
from napari_cmr.zoo import ModelChoice
from napari_cmr.zoo.tasks.localisation import HeartLocation

SETTINGS = ScarSettings(method="nsd", n=3.0, least_ml=0.2)


def session_of(scan: Scan, path: Path, **parts) -> SessionFile:
    return SessionFile(format=FORMAT, version=VERSION, scan=reference_to(scan, path), **parts)


@pytest.fixture
def late(tmp_path, monkeypatch) -> Path:
    """An LGE session: labels of the cascade, corrected; scar in them; compared with a reader's."""
    heart = fake_lge.bright_heart()
    image = heart.image.copy()
    _, x = np.indices(heart.shape[2:])
    scarred = (heart.labels == Label.MYO) & (x > 54)
    image[scarred] = 180.0
    save_image(tmp_path / "late_lge.nii.gz", image, heart)
    fake_lge.in_use(monkeypatch, HeartLocation(45.0, 50.0, 0.9))
    scan = open_scan(tmp_path / "late_lge.nii.gz").with_(kind="lge")
    monkeypatch.setattr(
        "napari_cmr.workflow.session.scan_link.open_scan",
        lambda *arguments, **keywords: open_scan(*arguments, **keywords).with_(kind="lge"),
    )
    measured = undersample(scan, Acquisition())
    base = segment_lge(measured_still(scan, measured), ModelChoice(name="lge-cascade")).labels
    edited = heart.labels.copy()
    remote = (edited[0] == Label.MYO) & (x < 44)
    scar = measure_scar(scan, SETTINGS, labels=edited, remote=remote, septum_deg=180.0)
    assert scar.extent.scar_g > 5
    reader = np.roll(edited, 2, axis=3)
    compared = compare_labels(scan, reader, edited, names=("Reader", "lge-cascade"))
    path = tmp_path / "late.cmr-session.json"
    write_session(
        path,
        session_of(
            scan,
            path,
            models=(model_reference("lge-cascade"), model_reference("localiser")),
            labels=(
                SavedLabels.of("Reader", reader),
                SavedLabels.of(
                    "lge-cascade",
                    edited,
                    base,
                    model="lge-cascade",
                    acquisition=Acquisition(),
                    made_from=Provenance(
                        model="lge-cascade",
                        weights={"lge-cascade": "e" * 64},
                        acquisition=Acquisition(),
                        corrected=((0, 1), (0, 2)),
                    ),
                ),
            ),
            measured=1,
            scar=SavedScar.of(1, scar, 180.0),
            comparison=SavedComparison.of(0, 1, compared),
        ),
    )
    return path


def changed(path: Path, part: str, **fields) -> None:
    content = json.loads(path.read_text())
    content[part] |= fields
    path.write_text(json.dumps(content))


def test_a_late_enhancement_session_is_replayed_with_its_scar(late, tmp_path) -> None:
    result = replay(late, device="cpu")
    saved = read_session(late)
    assert result.segmentation is not None
    np.testing.assert_array_equal(result.labels, saved.labels[1].labels(result.scan.shape))
    found = result.derived.scar
    assert found.scar.settings == SETTINGS
    assert found.scar.remote.given
    assert found.extent.scar_g == pytest.approx(saved.scar.scar_g)
    assert result.derived.comparison.names == ("Reader", "lge-cascade")
    record = tmp_path / "again.json"
    run = CliRunner().invoke(app, ["replay", str(late), "--json", str(record)])
    assert run.exit_code == 0, run.output
    content = json.loads(record.read_text())
    assert content["scar"]["labels"] == "lge-cascade"
    assert (content["scar"]["method"], content["scar"]["n"]) == ("nsd", 3.0)
    assert content["scar"]["remote_from"] == "given"
    assert content["scar"]["scar_g"] == pytest.approx(saved.scar.scar_g, abs=1e-3)
    assert content["comparison"]["labels"]["lv"]["dice"] == saved.comparison.dice["lv"]


@pytest.mark.parametrize(
    ("part", "fields", "said"),
    [
        ("scar", {"scar_g": 1.0}, r"scar is .* g here, 1\.00 g when it was saved"),
        ("scar", {"settings": ScarSettings(blood_part=0.9).model_dump()}, r"scar is 0\.00 g here"),
        ("comparison", {"dice": {"lv": 0.1}}, r"LV Dice is 0\.\d+ here, 0\.100 when"),
    ],
)
def test_other_numbers_than_those_that_were_saved_are_not_passed_over(
    late, part, fields, said
) -> None:
    changed(late, part, **fields)
    with pytest.raises(ScanError, match=said):
        replay(late, stored=True)
    assert replay(late, stored=True, any_weights=True).derived.scar is not None


@pytest.mark.parametrize("fields", [{"labels": 2}, {"remote": [0, 10**8, 1]}])
def test_scar_that_does_not_fit_the_session_is_refused(late, fields) -> None:
    changed(late, "scar", **fields)
    with pytest.raises(ScanError):
        replay(late, stored=True)


def test_the_report_of_a_session_has_its_scar_and_whose_labels_it_is_of(late) -> None:
    content = of_session(late)
    assert content.scar_labels == "lge-cascade"
    source = content.source_of("lge-cascade")
    assert source == (
        "lge-cascade (lge-cascade from all 96 lines, weights eeeeeeeeeeee…, "
        "2 slices corrected by hand)"
    )
    assert content.source_of("Reader") == "Reader (drawn)"
    assert content.derived.scar is not None


@pytest.fixture
def styled(tmp_path, monkeypatch):
    """A session of a cine with three styles of one slice."""
    for _folder in style_models.in_use(tmp_path / "models", monkeypatch):
        cine = make_scan("cine", labels=False)
        save_image(tmp_path / "cine.nii.gz", cine.image, cine)
        scan = open_scan(tmp_path / "cine.nii.gz")
        wanted = StyleRequest(3, 5, np.zeros((0, 0), np.float32), (), (0.5, 0.0, 0.0))
        monkeypatch.setattr("napari_cmr.workflow.style.rendering.has_lge_model", lambda: False)
        (made,) = render_styles(scan, 1, 0, wanted)
        path = tmp_path / "styles.cmr-session.json"
        drawn = np.zeros(scan.shape, np.uint8)
        drawn[0, :, 20:30, 20:30] = Label.LV
        write_session(
            path,
            session_of(
                scan,
                path,
                labels=(SavedLabels.of("Drawn", drawn),),
                measured=0,
                styles=SavedStyles.of(made),
            ),
        )
        yield path, made


def test_styles_are_rendered_again_from_their_codes(styled) -> None:
    path, made = styled
    saved = read_session(path).styles
    assert (saved.seed, saved.shifts, saved.model) == (5, (0.5, 0.0, 0.0), "munit")
    assert {one.name for one in saved.models} == {"munit"}
    again = replay(path).derived.styles
    np.testing.assert_array_equal(again.codes, made.codes)
    np.testing.assert_allclose(again.images, made.images, atol=1e-5)
    assert replay(path, stored=True).derived.styles.images is None


def test_styles_of_other_weights_are_refused(styled) -> None:
    path, _made = styled
    content = json.loads(path.read_text())
    content["styles"]["models"][0]["sha256"] = "c" * 64
    path.write_text(json.dumps(content))
    with pytest.raises(ScanError, match="'munit' has other weights"):
        replay(path)


def test_styles_of_a_slice_that_is_not_there_are_refused(styled) -> None:
    path, _made = styled
    changed(path, "styles", slice=99)
    with pytest.raises(ScanError, match="a slice that the scan does not have"):
        replay(path, stored=True)
