"""Published weights give what their authors' code gave."""

from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.nets.inputs import to_hybrid
from napari_cmr.scan import ScanError
from napari_cmr.scan.file_parts import write_file
from napari_cmr.training.register import find
from napari_cmr.zoo import ModelChoice, load, published
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.tasks.reconstruction import Reconstructor

FILES = {"dc-cnn": "d5_c5.npz", "crnn": "crnn_mri_d5_c5.pth"}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    found = shared_data / "reference_weights" / "deep-mri-reconstruction"
    if not found.is_dir():
        pytest.skip("published weights are not beside this checkout")
    return found


def of_reference(
    folder: Path, name: str, peak: float, frames: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a network makes of the reference run's lines, the image, and the authors' answer."""
    network = find(name).build(find(name).recipe("paper").architecture)
    network.load_state_dict(getattr(published, name.replace("-", "_"))(folder / FILES[name]))
    with np.load(folder / "crnn_reference_run.npz") as run:
        image, given = run["image"], run["reconstruction"]
        mask = torch.from_numpy(np.fft.fftshift(run["line_mask"], axes=1))
    shown = image * np.float32(peak / np.abs(image).max())
    hybrid = to_hybrid(torch.from_numpy(shown)) * mask[..., None]
    with torch.no_grad():
        answer, std = network.eval()(hybrid[:frames], mask[:frames], unit=1.0)
    assert std is None
    return answer.numpy(), shown[:frames], given[:frames]


def test_the_recurrent_network_repeats_the_run_of_its_authors(folder) -> None:
    answer, _, given = of_reference(folder, "crnn", 2.0)
    assert np.abs(answer - given).max() < 1e-5


@pytest.mark.parametrize(("peak", "psnr"), [(1.0, 26.1), (2.0, 24.6), (4.0, 22.1)])
def test_the_cascade_is_as_good_as_published_weights_are_on_that_run(folder, peak, psnr) -> None:
    answer, image, _ = of_reference(folder, "dc-cnn", peak, frames=4)
    error = float(np.mean(np.abs(answer - image) ** 2))
    found = 20 * np.log10(peak) - 10 * np.log10(error)
    assert found == pytest.approx(psnr, abs=0.1)  # the other frames are harder: 25.3 in all at 1


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_command_imports_them_as_the_published_preset(
    folder, tmp_path, monkeypatch, name
) -> None:
    arguments = ["import-weights", name, str(folder / FILES[name]), "--out", str(tmp_path)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    network = load(ModelChoice(name=name, preset="paper", device="cpu"), Reconstructor)
    assert network.card.recipe["imported_from"] == FILES[name]
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code != 0
    assert "--force" in again.output
    weights = tmp_path / f"{name}-paper.safetensors"
    write_file(weights, weights.read_bytes(), largest=10**5)  # as training may have left them
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
    assert sorted(tmp_path.iterdir()) == [weights.with_suffix(".json"), weights]


def test_other_files_and_models_are_told_apart(tmp_path) -> None:
    wrong = tmp_path / "weights.npz"
    np.savez(wrong, a=np.ones(3))
    for name in FILES:
        with pytest.raises(ScanError, match=f"does not hold the published weights of {name}"):
            published.import_weights(name, wrong, tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))
    with pytest.raises(ScanError, match="there are those of crnn, dc-cnn"):
        published.import_weights("pooled-net", wrong, tmp_path)


def test_an_archive_of_gigabytes_is_not_unpacked(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "d5_c5.npz"
    np.savez_compressed(path, a=np.zeros(published._MAX_BYTES // 8 + 1))
    assert path.stat().st_size < published._MAX_BYTES // 100
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(ScanError, match="does not hold the published weights"):
        published.import_weights("dc-cnn", path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
