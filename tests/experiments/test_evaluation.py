"""Whole evaluations of a tiny cohort with random weights: the plumbing, not the skill."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from helpers import zoo_models
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.experiments import evaluation as run
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import ScanError
from napari_cmr.zoo.cards import read_card, write_card

pytest.importorskip("matplotlib")


pytest.importorskip("sklearn")


SETTINGS = EvaluationSettings(
    models=("syn-net", "li-net", "fcn"),
    lines=(4, 50, None),
    consistency_lines=(4,),
    latent_lines=(2, 4),
    trials=3,
    n_frames=4,
    device="cpu",
)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def test_the_three_experiments_write_tables_figures_and_pages(cohort, models, out) -> None:
    told = []
    done = run.evaluate_cohort(
        cohort,
        out,
        SETTINGS,
        command="napari-cmr evaluate X",
        progress=lambda *now: told.append(now),
    )
    assert done.subjects == ("patient014", "patient015", "patient034", "patient035")
    assert not done.failures
    assert told[0] == (0, 4, "")
    assert told[-1][:2] == (4, 4)

    dice = read_csv(out / "accuracy_dice.csv")
    assert {(r["model"], r["n_lines"]) for r in dice} == {
        ("syn-net", "4"),
        ("syn-net", "full"),
        ("li-net", "4"),
        ("li-net", "full"),
        ("fcn", "full"),  # made for fully sampled frames; and 50 lines are more than there are
    }
    assert {r["n"] for r in dice if r["label"] == "LV"} == {"4"}
    within = [r for r in read_csv(out / "consistency_subjects.csv") if r["kind"] == "within"]
    assert {r["model"] for r in within} == {"syn-net", "li-net"}
    assert len(within) == 2 * 4 * 2
    codes = read_csv(out / "latent_codes.csv")
    assert len(codes) == 2 * 4 * (2 * 3 + 1)
    diagnosis = read_csv(out / "latent_diagnosis.csv")
    assert {r["chance"] for r in diagnosis} == {"0.5"}
    assert {r["n_lines"] for r in diagnosis} == {"2", "4", "full"}

    for name in ("accuracy_dice", "accuracy_ef", "consistency", "latent_codes", "latent_diagnosis"):
        picture = (out / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 10_000
    page = (out / "accuracy.md").read_text()
    assert "napari-cmr evaluate X" in page
    assert done.cards["syn-net"].sha256 in page
    assert "4 of 4 subjects" in page
    assert "(4.6)" not in page  # published at 20 lines, which were not run
    assert "(0.99)" not in (out / "consistency.md").read_text()


def test_a_second_run_computes_nothing_and_writes_the_same(
    cohort, models, out, monkeypatch
) -> None:
    settings = SETTINGS.model_copy(update={"experiments": ("accuracy",), "models": ("syn-net",)})
    run.evaluate_cohort(cohort, out, settings)
    before = {path: path.read_bytes() for path in out.rglob("*.*")}

    def refuse(task: object) -> None:
        raise AssertionError("nothing is left to do")

    monkeypatch.setattr(run, "evaluate_subject", refuse)
    run.evaluate_cohort(cohort, out, settings)
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


def test_a_stopped_run_goes_on_where_it_was(cohort, models, out, monkeypatch) -> None:
    settings = SETTINGS.model_copy(update={"experiments": ("accuracy",), "models": ("syn-net",)})
    original, seen = run.evaluate_subject, []

    def stop_at_second(task: run.SubjectTask):
        seen.append(task.name)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return original(task)

    monkeypatch.setattr(run, "evaluate_subject", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        run.evaluate_cohort(cohort, out, settings)
    damaged = out / "subjects" / "patient014.accuracy.syn-net.json"
    kept = damaged.read_bytes()
    run.evaluate_cohort(cohort, out, settings)
    assert seen == ["patient014", *("patient015", "patient015", "patient034", "patient035")]
    damaged.write_bytes(kept[:100])  # a damaged result is made again, and is the same
    run.evaluate_cohort(cohort, out, settings)
    assert seen[5:] == ["patient014"]
    assert damaged.read_bytes() == kept


def test_other_weights_make_new_results(cohort, models, out, monkeypatch) -> None:
    settings = SETTINGS.model_copy(update={"experiments": ("accuracy",), "models": ("syn-net",)})
    run.evaluate_cohort(cohort, out, settings)
    path = out / "subjects" / "patient014.accuracy.syn-net.json"
    before = json.loads(path.read_text())["settings"]
    other = ({"features": (4, 12)}, "zero-filled")
    monkeypatch.setitem(zoo_models.ARCHITECTURES, "syn-net", other)
    zoo_models.write_model(models, "syn-net")
    run.evaluate_cohort(cohort, out, settings)
    assert json.loads(path.read_text())["settings"] != before


@pytest.mark.parametrize(
    ("changed", "fields", "is_new"),
    [
        ("pooled-net", {"cavity_offset": 0.3}, True),
        ("pooled-net-few", {"temperature": 1.4}, True),
        ("localiser", {"smoothing": 0.05}, True),
        ("pooled-net", {"metrics": {"told": 1}}, False),
    ],
)
def test_another_calibration_makes_new_results(models, changed, fields, is_new) -> None:
    few = zoo_models.write_model(models, "pooled-net-few", seed=5)
    tied = zoo_models.write_model(models, "pooled-net")
    write_card(tied, read_card(tied).model_copy(update={"for_fewer": read_card(few).name}))
    settings = SETTINGS.model_copy(update={"models": ("pooled-net",)})

    def digests() -> list[str]:
        return [one.digest for one in run._parts(settings, run._cards(settings), Path("scan"))]

    before, path = digests(), models / f"{changed}-live.safetensors"
    write_card(path, read_card(path).model_copy(update=fields))
    assert (digests() != before) == is_new


def test_a_failed_subject_is_named_and_left_out(cohort, models, out, tmp_path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(cohort, copy)
    (copy / "patient015" / "Info.cfg").write_text("ED: 1\nES: 99\n")
    settings = SETTINGS.model_copy(update={"experiments": ("accuracy",), "models": ("syn-net",)})
    told = []
    done = run.evaluate_cohort(copy, out, settings, report=told.append)
    assert [name for name, _ in done.failures] == ["patient015"]
    assert "left out patient015" in told[0]
    page = (out / "accuracy.md").read_text()
    assert "3 of 4 subjects" in page
    assert "Left out: patient015" in page


def test_when_all_fail_it_is_an_error(models, out, tmp_path) -> None:
    (tmp_path / "data" / "patient014").mkdir(parents=True)
    with pytest.raises(ScanError, match="not one subject"):
        run.evaluate_cohort(tmp_path / "data", out, SETTINGS)


def test_many_processes_give_the_same_numbers(cohort, models, out, tmp_path) -> None:
    pytest.importorskip("distributed")
    settings = SETTINGS.model_copy(update={"experiments": ("accuracy",), "models": ("syn-net",)})
    run.evaluate_cohort(cohort, out, settings)
    run.evaluate_cohort(cohort, tmp_path / "parallel", settings, workers=2)
    for name in ("accuracy_dice.csv", "accuracy_function.csv"):
        assert (out / name).read_bytes() == (tmp_path / "parallel" / name).read_bytes()


def test_unknown_models_are_named_before_the_work(cohort, models, out) -> None:
    settings = SETTINGS.model_copy(update={"models": ("u-net",)})
    with pytest.raises(ScanError, match="no weights for 'u-net'"):
        run.evaluate_cohort(cohort, out, settings)
    assert not out.exists()


def test_the_command(cohort, models, out) -> None:
    arguments = ["evaluate", cohort, "--out", out, "--models", "syn-net", "--lines", "4,full"]
    arguments += ["--experiments", "accuracy", "--frames", "4", "--split", "training"]
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    assert "accuracy.md" in done.stdout
    page = (out / "accuracy.md").read_text()
    assert "1 of these subjects belong to the training part" in page


@pytest.mark.parametrize(
    "wrong",
    [("--lines", "4,many"), ("--experiments", "speed"), ("--models", "u-net"), ("--lines", "0")],
)
def test_wrong_options_are_one_line(cohort, models, out, wrong) -> None:
    done = CliRunner().invoke(app, ["evaluate", str(cohort), "--out", str(out), *wrong])
    assert done.exit_code == 2
    assert done.stderr.startswith("napari-cmr: ")
    assert len(done.stderr.splitlines()) == 1
