import numpy as np
import pytest
from helpers.cohorts import beating_heart

from napari_cmr.training.batches import StepBatches
from napari_cmr.training.data.cine_batches import CineData
from napari_cmr.training.data.cines import TrainingCine
from napari_cmr.training.loop import save_tensors
from napari_cmr.training.register import find, resolve
from napari_cmr.training.validation import BATCHES, mean_numbers, measure_subjects


def test_a_subject_is_measured_alone_and_the_same_every_time(tmp_path) -> None:
    model = find("dc-cnn")
    task = resolve(model.training)(model, model.tiny)
    state = {name: one.contiguous() for name, one in task.network.state_dict().items()}
    weights = save_tensors(state, tmp_path / "w.safetensors", {})
    cines = [
        TrainingCine.from_scan(beating_heart(seed, n_frames=10).with_(name=f"heart{seed}"))
        for seed in (1, 2)
    ]
    both = measure_subjects(model, model.tiny, weights, cines)
    alone = measure_subjects(model, model.tiny, weights, cines[1:])
    assert both["heart2"] == alone["heart2"]
    assert both["heart1"] != both["heart2"]
    assert both["heart1"]["psnr"] > 10
    batches = StepBatches(CineData([], cines).validation_source(model.tiny), 1, first=0, length=1)
    assert BATCHES > 1
    assert len(batches[0]) == 3


def test_means_leave_out_what_no_batch_has() -> None:
    found = mean_numbers([{"a": 1.0, "b": float("nan")}, {"a": 2.0, "b": float("nan")}])
    assert found["a"] == pytest.approx(1.5)
    assert np.isnan(found["b"])
    assert mean_numbers([{"a": 1.0}, {"a": float("nan")}]) == {"a": 1.0}
