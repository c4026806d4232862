"""The commands that make images of few lines without a network."""

import json
import re
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from helpers.beating_discs import PLANE, disc_image, disc_scan
from helpers.reconstruction_models import write_reconstruction_model
from helpers.scan_files import forward, write_cmrxrecon, write_ismrmrd
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.kspace import Measured
from napari_cmr.kspace.coils import coil_sensitivities
from napari_cmr.scan import open_scan, save_image
from napari_cmr.solvers import Solver, solvers
from napari_cmr.workflow.reconstruct import solving as reconstructing
from napari_cmr.workflow.reconstruct.methods import methods
from napari_cmr.zoo.folders import MODELS_VARIABLE

runner = CliRunner()
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "json.md"


@pytest.fixture
def heart(tmp_path) -> Path:
    scan = disc_scan()
    save_image(tmp_path / "heart.nii.gz", np.abs(scan.image), scan)
    return tmp_path / "heart.nii.gz"


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def test_the_methods_are_those_of_the_register(monkeypatch) -> None:
    listed = json.loads(run("methods", "--json").stdout)["methods"]
    assert [one["name"] for one in listed] == list(methods())
    assert set(solvers()) <= set(methods())
    printed = run("methods").stdout
    assert all(name in printed for name in methods())
    assert "iterations=100" in printed, "a setting is not broken in two"
    assert "No weights here" not in printed
    monkeypatch.setattr("napari_cmr.workflow.reconstruct.methods.list_models", list)
    assert "No weights here of modl;" in run("methods").stdout


def test_an_image_and_its_record_are_written(heart, tmp_path) -> None:
    image, record = tmp_path / "out.nii.gz", tmp_path / "out.json"
    done = run(
        "reconstruct", heart, "--method", "xf-fista", "--lines", 12, "--seed", 4,
        "--centre-lines", 4, "--set", "iterations=7", "-o", image, "--json", record,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "4.0x" in done.stdout
    assert "research use only" in done.stdout
    assert open_scan(image).shape == open_scan(heart).shape
    content = json.loads(record.read_text())
    assert content["settings"]["iterations"] == 7
    assert content["acquisition"]["seed"] == 4
    section = PAGE.read_text().split("## `napari-cmr reconstruct --json FILE`")[1].split("\n## ")[0]
    assert {"method", "settings", "seconds", "title", "publication", "departs"} <= set(
        re.findall(r"`([^`]+)`", section)
    )


@pytest.mark.parametrize("command", ["reconstruct", "undersample"])
def test_images_are_measured_by_an_array_of_coils(heart, tmp_path, command) -> None:
    options = ["--json", tmp_path / "out.json"] if command == "reconstruct" else []
    done = run(
        command, heart, "--coils", 4, "--lines", 16, "--centre-lines", 6,
        "-o", tmp_path / "out.nii", *options,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "out.json").read_text())
    assert (content["acquisition"]["coils"], content["n_coils"], content["raw"]) == (4, 4, False)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--coils", "9"], "--coils: input should be less than or equal to 8"),
        (["--coils", "4", "--lines", "2"], "central lines are too few"),
        (["--method", "grappa"], "choose one of"),
        (["--method", "xf-fista", "--set", "threshold"], "not NAME=VALUE"),
        (["--method", "xf-fista", "--set", "speed=3"], "its settings are"),
        (["--method", "low-rank-sparse", "--pattern", "uniform"], "lattice"),
        (["--lines", "49"], "49 lines per frame were asked for"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(heart, tmp_path, options, expected) -> None:
    outputs = ["-o", tmp_path / "out.nii", "--json", tmp_path / "out.json"]
    done = run("reconstruct", heart, "--lines", 12, *outputs, *options)
    refused(done, expected)
    assert not list(tmp_path.glob("out*"))


def refused(done, expected) -> None:
    """One line with what is wrong and, in brackets, what to do."""
    assert done.exit_code == 2
    assert re.search(expected, done.stderr), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("method", ["tv-2dt", "unrolled-net"])
def test_one_frame_is_refused_by_what_needs_a_cine(tmp_path, method) -> None:
    still = disc_scan(1)
    save_image(tmp_path / "still.nii", np.abs(still.image), still)
    done = run("reconstruct", tmp_path / "still.nii", "-n", 12, "--method", method,
               "-o", tmp_path / "out.nii")  # fmt: skip
    refused(done, r"slice 1: .* needs a cine, this scan has one frame \(choose")
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("what", ["image", "k-space"])
def test_nan_is_refused_where_it_is_read(tmp_path, what) -> None:
    if what == "image":
        image = np.abs(disc_image()).astype(np.float32).T[:, :, None]
        image[3, 3] = np.nan
        path = tmp_path / "bad.nii"
        nib.save(nib.Nifti1Image(image, np.eye(4)), path)
    else:
        kspace = forward(disc_image(1)[None, None]).astype(np.complex64)
        kspace[..., 3, 3] = np.nan
        path = write_cmrxrecon(tmp_path / "bad.mat", kspace)
    done = run("reconstruct", path, "-n", 12, "-o", tmp_path / "out.nii")
    refused(done, rf"{path.name}: .*{what} holds NaN or infinite values \(export it again")
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("nowhere/out.nii", r"the folder '.*nowhere' does not exist \(make the folder"),
        ("folder.nii", r"a folder of that name exists \(choose another"),
        ("heart.nii.gz", r"would replace what is read \(choose another"),
        ("out.png", r"not the name of a NIfTI file \(let it end"),
        ("there.nii", r"exists already .*--force"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    heart, tmp_path, monkeypatch, output, expected
) -> None:
    (tmp_path / "folder.nii").mkdir()
    (tmp_path / "there.nii").write_text("mine")
    monkeypatch.setattr(reconstructing, "reconstruct", None)  # is never reached
    done = run("reconstruct", heart, "-n", 12, "-o", tmp_path / output)
    refused(done, expected)
    assert (tmp_path / "there.nii").read_text() == "mine"


def breaks(error):
    def solve(one, _settings, _watch):
        if error is None:
            return one.zero_filled() * np.nan
        raise error

    return solve


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), r"slice 1: there is not enough memory to run bad \(close other programs"),
        (None, r"slice 1: bad gave NaN or infinite values \(change its settings"),
    ],
)
def test_what_fails_at_work_leaves_nothing(heart, tmp_path, monkeypatch, error, expected) -> None:
    monkeypatch.setitem(solvers(), "bad", Solver("bad", "Bad", "", breaks(error)))
    done = run("reconstruct", heart, "-n", 12, "--method", "bad", "-o", tmp_path / "out.nii",
               "--json", tmp_path / "out.json")  # fmt: skip
    refused(done, expected)
    assert not list(tmp_path.glob("out*"))


def test_lines_that_no_memory_holds_are_refused(heart, tmp_path, monkeypatch) -> None:
    def acquire(_measured):
        raise MemoryError

    monkeypatch.setattr(Measured, "acquire", acquire)
    done = run("reconstruct", heart, "-n", 12, "-o", tmp_path / "out.nii")
    refused(done, r"not enough memory to hold the lines and images of this scan \(close")


def test_a_comparison_that_every_method_refuses_says_why(heart, tmp_path) -> None:
    out = tmp_path / "out"
    done = run("evaluate-reconstruction", heart, "--methods", "view-sharing", "--coils", 4,
               "--lines", "1", "--centre-lines", 0, "--out", out)  # fmt: skip
    assert done.exit_code == 2
    assert "every method refused these lines, view-sharing as" in done.stderr
    assert not (out / "reconstruction.md").exists()


def test_methods_are_compared_on_the_same_lines(heart, tmp_path) -> None:
    out = tmp_path / "out"
    done = run(
        "evaluate-reconstruction", heart, "--methods", "zero-filled,view-sharing",
        "--lines", "4x", "--patterns", "lattice", "--out", out,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    page = (out / "reconstruction.md").read_text()
    assert "| view-sharing |" in page
    assert "napari-cmr" in page


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--methods", "grappa"], "choose one of"),
        (["--lines", "many"], "--lines: "),
        (["--patterns", "spiral"], "--patterns"),
        (["nowhere"], "nowhere: no such file or folder"),
    ],
)
def test_a_comparison_of_nothing_known_is_refused(heart, tmp_path, options, expected) -> None:
    done = run("evaluate-reconstruction", heart, "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert expected in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture(params=["cmrxrecon", "ismrmrd"])
def raw(request, tmp_path) -> Path:
    """One frame that six coils measured in full."""
    maps = coil_sensitivities(6, PLANE, rng=np.random.default_rng(3))
    coils = (maps * disc_image(1)[0])[None, None]  # (T, Z, coils, Y, X)
    if request.param == "cmrxrecon":
        return write_cmrxrecon(tmp_path / "raw.mat", forward(coils).astype(np.complex64))
    return write_ismrmrd(tmp_path / "raw.h5", coils)


@pytest.mark.parametrize("method", ["cg-sense", "tv-2d", "wavelet-2d"])
def test_raw_data_of_several_coils_are_reconstructed(raw, tmp_path, method) -> None:
    true = np.abs(open_scan(raw).image)
    found = {}
    for name in ("zero-filled", method):
        out, record = tmp_path / f"{name}.nii", tmp_path / f"{name}.json"
        done = run(
            "reconstruct", raw, "--lines", 24, "--centre-lines", 12, "--method", name,
            "-o", out, "--json", record,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        assert json.loads(record.read_text())["raw"]
        found[name] = np.linalg.norm(open_scan(out).image - true) / np.linalg.norm(true)
    assert found[method] < 0.7 * found["zero-filled"]


def test_where_no_method_is_named_a_still_is_reconstructed_too_and_it_is_said_by_what(
    tmp_path,
) -> None:
    still, out, record = disc_scan(1), tmp_path / "out.nii", tmp_path / "out.json"
    save_image(tmp_path / "still.nii", np.abs(still.image), still)
    done = run("reconstruct", tmp_path / "still.nii", "-n", 12, "-o", out, "--json", record)
    assert done.exit_code == 0, done.output
    assert "tv-2d was taken: unrolled-net does not take stills." in done.stdout
    assert json.loads(record.read_text())["method"] == "tv-2d"


def test_raw_data_of_one_frame_are_no_cine(raw, tmp_path) -> None:
    done = run("reconstruct", raw, "-n", 24, "--method", "xf-fista", "-o", tmp_path / "out.nii")
    assert done.exit_code == 2
    assert "this scan has one frame" in done.stderr


def test_motion_is_asked_of_a_method_that_reads_it(heart, tmp_path, monkeypatch) -> None:
    write_reconstruction_model(tmp_path, "dc-mac")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    image, motion = tmp_path / "out.nii.gz", tmp_path / "motion.nii.gz"
    asked = ("reconstruct", heart, "--lines", 12, "-o", image, "--motion", motion)
    with monkeypatch.context() as patched:
        patched.setattr(reconstructing, "reconstruct", None)  # is never reached
        refused(run(*asked, "--method", "view-sharing"), "view-sharing reads no motion")
        refused(run(*asked), "unrolled-net reads no motion")
    assert not image.exists()
    assert run(*asked, "--method", "dc-mac").exit_code == 0
    assert open_scan(motion).shape == open_scan(heart).shape
