"""The session file is data: it says what it should, and a bad one is refused in plain words."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.mutations import mutate
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cmr.analysis.scar import ScarSettings
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Code, Notice, ScanError
from napari_cmr.workflow.edit.provenance import Provenance
from napari_cmr.workflow.session.file import (
    FORMAT,
    MAX_BYTES,
    VERSION,
    LayerView,
    SavedLabels,
    SavedView,
    ScanReference,
    SessionFile,
    is_session_name,
    read_session,
    write_session,
)
from napari_cmr.workflow.session.record import ModelReference
from napari_cmr.workflow.session.saved_results import (
    SavedComparison,
    SavedScar,
    SavedSpread,
    SavedStyles,
)

SHAPE = (3, 2, 6, 5)


def session() -> SessionFile:
    base = np.zeros(SHAPE, np.uint8)
    base[:, :, 2:4, 1:4] = 1
    edited = base.copy()
    edited[0, 0, 2, 1] = 2
    lines = Acquisition(n_lines=3, seed=2, toggled=frozenset({(1, 4), (0, 2), (2, 0)}))
    return SessionFile(
        format=FORMAT,
        version=VERSION,
        written_by="0",
        scan=ScanReference(path="cine.nii.gz", name="cine", shape=SHAPE, sha256="0" * 64),
        acquisition=lines,
        models=(ModelReference(name="pooled-net", preset="live", sha256="a" * 64),),
        labels=(
            SavedLabels.of(
                "pooled-net",
                edited,
                base,
                model="pooled-net",
                acquisition=lines,
                made_from=Provenance(
                    model="pooled-net",
                    acquisition=lines,
                    warnings=(Notice(Code.MENDED, "RV: stray pieces.", "RV", (0, 2), (1,)),),
                ),
            ),
            SavedLabels.of("Drawn", edited),
        ),
        measured=0,
        scar=SavedScar(
            labels=1,
            settings=ScarSettings(n=4.5),
            septum_deg=180.0,
            remote=(7, 3, 1),
            myocardium_g=90.0,
            scar_g=12.5,
            no_reflow_g=0.0,
            scar_percent=13.9,
        ),
        comparison=SavedComparison(
            first=1, second=0, dice={"lv": 0.9, "myo": None}, ef_points={"lv": -1.5, "rv": None}
        ),
        styles=SavedStyles(
            frame=1,
            slice=1,
            seed=3,
            names=("chosen", ""),
            codes=((0.5, -1.0), (0.25, 2.0)),
            given=((0.5, -2.0),),
            shifts=(1.0, 0.0, 0.0),
            model="munit",
            models=(ModelReference(name="munit", preset="live", sha256="b" * 64),),
            spread=SavedSpread(lv_cm2=(4.0, 5.0), myo_cm2=(3.0, 3.5), lv_dice=0.8),
        ),
        view=SavedView(
            frame=1,
            slice=1,
            picture="zero_filled",
            zoom=2.5,
            centre=(1.0, 2.0),
            layers=(LayerView(role="image", name="cine", contrast_limits=(0.0, 9.5)),),
        ),
    )


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "a.cmr-session.json"
    write_session(path, session())
    return path


def changed(path, change) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_what_was_written_is_read(written) -> None:
    assert read_session(written) == session()


def test_labels_come_back_to_the_voxel() -> None:
    one = session().labels[0]
    assert np.count_nonzero(one.base_labels(SHAPE)) == 3 * 2 * 2 * 3
    assert one.labels(SHAPE)[0, 0, 2, 1] == 2
    assert one.n_edited == 1


def test_equal_sessions_make_equal_files(tmp_path, written) -> None:
    write_session(tmp_path / "b.json", read_session(written))
    assert (tmp_path / "b.json").read_bytes() == written.read_bytes()
    assert b'"toggled": [[0, 2], [1, 4], [2, 0]]' in written.read_bytes()


def test_names_of_sessions() -> None:
    assert is_session_name("x/heart.cmr-session.json")
    assert is_session_name("HEART.JSON")
    assert not is_session_name("heart.nii.gz")


BAD = {
    "another format": (lambda s: s.update(format="napari"), "no session"),
    "no format": (lambda s: s.pop("format"), "no session"),
    "no scan": (lambda s: s.pop("scan"), "scan: field required"),
    "a later version": (lambda s: s.update(version=3), "another version"),
    "an unknown field": (lambda s: s.update(run="rm -rf"), "run: extra inputs"),
    "an unknown field below": (lambda s: s["view"].update(code="1"), "view.code"),
    "a number as text": (lambda s: s["view"].update(frame="1"), "view.frame"),
    "a fraction of a frame": (lambda s: s["view"].update(frame=0.5), "view.frame"),
    "a negative slice": (lambda s: s["view"].update(slice=-1), "view.slice"),
    "an endless number": (lambda s: s["view"].update(frame=10**40), "view.frame"),
    "NaN": (lambda s: s["view"].update(zoom=float("nan")), "view.zoom"),
    "NaN of noise": (lambda s: s["acquisition"].update(noise=float("nan")), "acquisition.noise"),
    "infinity": (lambda s: s["view"].update(centre=[float("inf"), 0.0]), "view.centre"),
    "a picture that is none": (lambda s: s["view"].update(picture="x"), "view.picture"),
    "a short hash": (lambda s: s["scan"].update(sha256="00"), "scan.sha256"),
    "two places": (lambda s: s["scan"].update(sample="normal"), "either a path or"),
    "no place": (lambda s: s["scan"].update(path=None), "either a path or"),
    "an unknown model": (lambda s: s.update(models=[]), "not among the models"),
    "labels that are not there": (lambda s: s.update(measured=7), "are not there"),
    "runs of text": (lambda s: s["labels"][0].update(edits=["a"]), "labels.0.edits.0"),
    "a run that is cut": (lambda s: s["labels"][0].update(edits=[1, 2]), "do not fit"),
    "a run outside": (lambda s: s["labels"][0].update(edits=[10**6, 9, 1]), "do not fit"),
    "empty labels with a base": (lambda s: s["labels"][1].update(base=[0, 1, 1]), "have no base"),
    "a model of drawn labels": (lambda s: s["labels"][1].update(model="x"), "only so"),
    "a device that is none": (lambda s: s["labels"][0].update(device="x; rm"), "labels.0.device"),
    "no lines at all": (lambda s: s["acquisition"].update(n_lines=0), "acquisition.n_lines"),
    "too many labels": (lambda s: s.update(labels=s["labels"] * 40), "labels"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_session_is_refused_with_the_place_that_is_wrong(written, case) -> None:
    change, message = BAD[case]
    changed(written, change)
    with pytest.raises(ScanError, match="session") as raised:
        read_session(written)
    assert message in str(raised.value)
    assert str(written) in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe\x00",
        b'{"format": "napari-cmr session"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"labels": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"9" * 10_000,
        b'{"format": "\\ud800"}',
    ],
    ids=lambda content: content[:12],
)
def test_what_is_no_session_is_refused(tmp_path, content) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ScanError):
        read_session(path)


def test_a_huge_file_is_refused(tmp_path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES * 100)  # a sparse file: it takes no room on disk
    with pytest.raises(ScanError, match="larger than 32 MB"):
        read_session(path)


def test_what_is_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(ScanError, match="no such file"):
        read_session(tmp_path / "nothing.json")
    with pytest.raises(ScanError, match="not a file"):
        read_session(tmp_path)
    with pytest.raises(ScanError):
        read_session("nul\0byte.json")


def test_a_session_that_could_not_be_read_is_not_written(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("napari_cmr.workflow.session.file.MAX_BYTES", 100)
    with pytest.raises(ScanError, match="would be larger"):
        write_session(tmp_path / "x.json", session())
    assert not list(tmp_path.iterdir())


def test_mutated_sessions_give_a_session_or_a_scan_error(tmp_path, written) -> None:
    content, path = written.read_bytes(), tmp_path / "mutated.json"
    refused = 0
    for seed in range(400):
        damaged = mutate(content, np.random.default_rng(seed), header=len(content))
        path.write_bytes(damaged)
        try:
            assert isinstance(read_session(path), SessionFile)
        except ScanError:
            refused += 1
    assert 200 < refused < 400  # damage of both kinds: fatal, and only another number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PLACES = [
    ("scan",),
    ("scan", "path"),
    ("scan", "shape"),
    ("acquisition",),
    ("acquisition", "toggled"),
    ("acquisition", "seed"),
    ("models",),
    ("labels",),
    ("labels", 0),
    ("labels", 0, "base"),
    ("labels", 0, "acquisition"),
    ("measured",),
    ("view",),
    ("view", "layers"),
    ("view", "layers", 0, "contrast_limits"),
]


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_in_any_place_gives_a_session_or_a_scan_error(
    tmp_path_factory, place, value
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    write_session(path, session(), overwrite=True)
    content = json.loads(path.read_text())
    owner = content
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value
    path.write_text(json.dumps(content))
    try:
        found = read_session(path)
    except ScanError as error:
        found = str(error)
    assert isinstance(found, SessionFile) or str(path) in found


def test_a_session_of_the_first_version_still_opens() -> None:
    """As it was written before the house was redrawn: same fields, same labels."""
    session = read_session(Path(__file__).with_name("version-1.cmr-session.json"))
    assert session.scan.sample == "normal"
    assert (session.scar, session.comparison, session.styles) == (None, None, None)
    assert session.acquisition.n_lines == 12
    assert session.acquisition.toggled == frozenset({(3, 100)})
    (saved,) = session.labels
    assert (saved.model, saved.acquisition) == ("pooled-net", session.acquisition)
    labels = saved.labels(session.scan.shape)
    assert (labels[2, 3, 95:115, 85:105] == 1).all()
    assert saved.n_edited == 100
    assert {model.name for model in session.models} == {"pooled-net", "localiser"}
