"""A session at the window up to a kill, and after it: every number agrees, and names its source."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.phantom import heart_scan
from napari_cmr.phantom.parameters import Protocol
from napari_cmr.scan import save_image
from napari_cmr.viewer.core.recovery import FOLDER_VARIABLE
from napari_cmr.workflow.session.file import read_session

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL"),
    pytest.mark.usefixtures("needs_display"),
]
TESTS = Path(__file__).parents[2]
ROWS = {"EF (%)": "ef_percent", "EDV (mL)": "edv_ml", "ESV (mL)": "esv_ml"}
NAMES = {
    "ejection fraction": "ef_percent",
    "end-diastolic volume": "edv_ml",
    "end-systolic volume": "esv_ml",
}
PATIENCE_S = 600


@pytest.fixture(scope="module", params=["sample", "real"])
def scan(request, tmp_path_factory):
    """A cine on disk: a synthetic heart, and one of a person."""
    if request.param == "real":
        shared_data = request.getfixturevalue("shared_data")
        return shared_data / "acdc" / "patient090" / "patient090_4d.nii.gz"
    protocol = Protocol(
        n_rows=160, n_columns=144, pixel_mm=1.8, acquired_pixel_mm=2.0, slice_distance_mm=14.0
    )
    made = heart_scan(n_frames=10, protocol=protocol)
    path = tmp_path_factory.mktemp("scan") / "heart.nii.gz"
    save_image(path, made.image, made)
    return path


@pytest.fixture(scope="module")
def killed(scan, tmp_path_factory):
    """Folder of a session whose window was killed, and what the window said."""
    folder = tmp_path_factory.mktemp("killed")
    paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        "PYTHONPATH": os.pathsep.join(paths),
        FOLDER_VARIABLE: str(folder / "recovery"),
        "XDG_CONFIG_HOME": str(folder / "settings"),
    }
    with (folder / "log.txt").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "helpers.window_story", str(scan), str(folder)],
            env={**os.environ, **own},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            end = time.monotonic() + PATIENCE_S
            while not (folder / "told.json").exists():
                assert child.poll() is None, (folder / "log.txt").read_text()[-3000:]
                assert time.monotonic() < end, (folder / "log.txt").read_text()[-3000:]
                time.sleep(0.2)
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
    return folder, json.loads((folder / "told.json").read_text())


@pytest.fixture
def story(killed, scan, monkeypatch, needs_display):
    """The scan in a new window."""
    from helpers.window_story import WindowStory

    from napari_cmr.viewer.core.jobs import end_all

    folder, _told = killed
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder / "recovery"))
    made = []

    def open_(path=scan):
        made.append(WindowStory(path))
        return made[0]

    yield open_
    for one in made:
        one.bench.autosave.close()
        one.bench.close()
        one.viewer.close()
    assert end_all()


def of_window(told):
    """Numbers that can be read in a window, by what a record calls them, as text."""
    found = {}
    for name, key in ROWS.items():
        for side in ("LV", "RV"):
            shown = told["cells"][f"{side} {name}"]
            found[f"{side.lower()}.{key}"] = shown.split(" ")[0]
    return found


def of_record(record):
    return {
        f"{side}.{key}": f"{record[side][key]:.0f}"
        for side in ("lv", "rv")
        for key in ROWS.values()
    }


def of_report(page):
    shown = dict(re.findall(r"<tr><td>([LR]V [a-z -]+)</td><td>([0-9.]+) [^<]*</td>", page))
    return {
        f"{name[:2].lower()}.{NAMES[name[3:]]}": number
        for name, number in shown.items()
        if name[3:] in NAMES
    }


def facts_of(page):
    return dict(re.findall(r"<tr><th>([^<]*)</th><td>([^<]*)</td></tr>", page))


def frames_of(told):
    """ED and ES of both ventricles, from 0."""
    return {name: int(text.split()[2]) - 1 for name, text in told["phases"].items()}


def interval_in(cell):
    found = re.search(r"\[(\d+)–(\d+)\]", cell)
    return found and (found[1], found[2])


def assert_files_agree(folder, stem, told):
    """Files of one moment say what the window said then."""
    record = json.loads((folder / f"{stem}.json").read_text())
    page = (folder / f"{stem}.html").read_text()
    session = read_session(folder / f"{stem}.cmr-session.json")
    saved = session.labels[session.measured]
    made, source = record["made_from"], saved.made_from
    facts = facts_of(page)
    expected = of_window(told)
    assert told["grey"] is False

    # the numbers
    assert of_record(record) == expected
    assert of_report(page) == expected
    replayed = folder / f"{stem}-again.json"
    replay = ["replay", str(folder / f"{stem}.cmr-session.json"), "--stored", "--json"]
    done = CliRunner().invoke(app, [*replay, str(replayed), "--force"])
    assert done.exit_code == 0, done.output
    again = json.loads(replayed.read_text())
    for side in ("lv", "rv"):
        assert again[side] == record[side]
    assert again["warning_details"] == record["warning_details"]
    assert again["reading"] == record["reading"]
    again_page = folder / f"{stem}-again.html"
    command = ["report", str(folder / f"{stem}.cmr-session.json")]
    done = CliRunner().invoke(app, [*command, "-o", str(again_page), "--force"])
    assert done.exit_code == 0, done.output
    assert of_report(again_page.read_text()) == expected

    # the table: volumes of the slices at ED and ES
    with (folder / f"{stem}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    phases = frames_of(told)
    for name, frame in phases.items():
        side, phase = name.split()
        volume = sum(float(r[f"{side.lower()}_ml"]) for r in rows if int(r["frame"]) == frame + 1)
        assert volume == pytest.approx(record[side.lower()][f"{phase.lower()}v_ml"], abs=0.02)
        assert record[side.lower()][f"{phase.lower()}_frame"] == frame

    # the intervals
    for side in ("LV", "RV"):
        window = interval_in(told["cells"][f"{side} EF (%)"])
        for one in (record, again):
            interval = one[f"{side.lower()}_ef_interval_percent"]
            assert (interval and tuple(f"{end:.0f}" for end in interval)) == window
        words = "" if window is None else f"90 % interval {window[0]} to {window[1]} %"
        assert words in page
        assert (window is not None) == (f"{side} ejection fraction<br>90 % interval" in page)

    # where they came from
    assert made == source.record()
    assert made["model"] == again["model"] == "pooled-net"
    assert (made["acquisition"]["n_lines"], made["acquisition"]["seed"]) == (20, 1)
    assert again["acquisition"] == made["acquisition"]
    assert len(made["weights"]["pooled-net"]) == 64
    assert made["weights"].items() <= again["weights"].items()
    copied = told["copied"]
    assert f"20 of {again['n_phase_encodes']} lines, variable-density, seed 1" in copied
    assert all(f"{name} {digest}" in copied for name, digest in made["weights"].items())
    assert facts["Model"] == "pooled-net (live)"
    named = [f"{name} {digest}" for name, digest in made["weights"].items()]
    assert facts["Weights (SHA-256)"] == ", ".join(named)
    assert facts["Lines"].startswith(f"20 of {again['n_phase_encodes']} per frame")
    assert facts["Pattern"] == "variable-density, seed 1"
    assert facts_of(again_page.read_text()) | {"Labels": ""} == facts | {"Labels": ""}

    # what the user did
    frames = sorted({frame + 1 for frame, _z in made["corrected"]})
    assert frames == told["corrected"]
    assert again["corrected"] == made["corrected"]
    assert sorted({int(r["frame"]) for r in rows if r["corrected"] == "yes"}) == frames
    assert re.findall(r"frame (\d+)", facts.get("Corrected slices", "")) == [
        str(frame) for frame in frames
    ]
    assert record["accepted"] == told["accepted"] == [list(place) for place in saved.accepted]
    assert again["accepted"] == record["accepted"]
    accepted = [[int(r["frame"]) - 1, int(r["slice"]) - 1] for r in rows if r["accepted"] == "yes"]
    assert accepted == record["accepted"]
    shown = "; ".join(f"frame {t + 1}: slice {z + 1}" for t, z in record["accepted"])
    assert facts.get("Accepted slices", "") == shown
    for name, text in told["phases"].items():
        side, phase = name.lower().split()
        reading = record["reading"][side]
        by_hand = reading[f"{phase}_frame"] is not None and phase not in reading["held"]
        assert by_hand == text.endswith("✎")
        shown = f"{name} in frame {frames_of(told)[name] + 1}"
        assert (shown in facts.get("Set by hand", "")) == by_hand
    return record


def test_numbers_are_grey_and_say_what_they_are_of_until_they_are_made_again(killed) -> None:
    _folder, told = killed
    ten, changed, twenty = told["ten"], told["changed"], told["twenty"]
    assert not ten["grey"]
    assert changed["grey"]
    assert of_window(changed) == of_window(ten)
    assert re.fullmatch(r"LV EF · from 10 of \d+ lines", changed["caption"])
    assert changed["lines"] == 20
    assert ", seed 0" in changed["copied"]
    assert not twenty["grey"]
    assert ", seed 1" in twenty["copied"]
    assert of_window(twenty) != of_window(ten)


def test_what_a_model_gave_is_the_same_in_every_file(killed) -> None:
    folder, told = killed
    record = assert_files_agree(folder, "untouched", told["twenty"])
    assert record["lv_ef_interval_percent"] is not None
    assert record["made_from"]["corrected"] == []


def test_what_was_corrected_is_the_same_in_every_file(killed) -> None:
    folder, told = killed
    before, after = told["by hand"], told["corrected"]
    record = assert_files_agree(folder, "corrected", after)
    assert record["lv_ef_interval_percent"] is None  # it was of another number
    made = record["made_from"]["lv_ef_percent"]
    assert f"{made:.0f}" == before["big"].split()[0]
    assert interval_in(before["cells"]["LV EF (%)"])  # set by hand, it is still the model's
    assert frames_of(after)["LV ES"] == frames_of(before)["LV ES"]
    assert int(after["cells"]["LV ESV (mL)"]) > int(before["cells"]["LV ESV (mL)"])
    assert after["phases"]["LV ED"].endswith("✎")


def test_a_killed_window_s_labels_come_back_with_all_that_was_known(killed, story) -> None:
    from napari_cmr.viewer.window.workspace import SCAN

    folder, told = killed
    window = story()
    offer = window.dock(SCAN).offer
    window.wait(offer.isVisible)
    window.click(offer.restore)
    window.wait(lambda: window.session.function is not None)
    again = window.told()
    assert again["grey"]  # this window has all lines
    assert again["caption"].startswith("LV EF · from 20 of ")
    same = ("cells", "big", "phases", "corrected", "accepted")
    assert {name: again[name] for name in same} == {name: told["last"][name] for name in same}
    window.session.set_acquisition(n_lines=20, seed=1)
    window.wait()
    window.save(folder, "restored")
    record = assert_files_agree(folder, "restored", window.told())
    first = json.loads((folder / "corrected.json").read_text())["made_from"]
    assert {**record["made_from"], "corrected": 0} == {**first, "corrected": 0}


@pytest.mark.parametrize("stem", ["untouched", "corrected"])
def test_a_session_comes_back_as_it_was_saved(killed, story, stem) -> None:
    folder, told = killed
    window = story(folder / f"{stem}.cmr-session.json")
    window.wait(lambda: window.session.function is not None)
    then = told["twenty" if stem == "untouched" else stem]
    again = window.told()
    same = ("cells", "big", "caption", "grey", "copied", "phases", "corrected", "accepted", "seed")
    assert {name: again[name] for name in same} == {name: then[name] for name in same}


def test_the_labels_that_were_saved_are_those_of_the_session(killed) -> None:
    from napari_cmr.scan import read_labels

    folder, _told = killed
    session = read_session(folder / "corrected.cmr-session.json")
    labels = read_labels(folder / "corrected.nii.gz")
    np.testing.assert_array_equal(session.labels[session.measured].labels(labels.shape), labels)
