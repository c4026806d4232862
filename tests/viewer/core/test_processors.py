import pytest

from napari_cmr.viewer.core import processors


@pytest.mark.parametrize(
    ("cores", "in_steps", "threads"), [(8, True, 7), (8, False, 8), (1, True, 1)]
)
def test_a_core_is_left_to_the_window_while_labels_come_in_steps(
    monkeypatch, cores, in_steps, threads
):
    monkeypatch.setattr(processors.os, "cpu_count", lambda: cores)
    assert processors.threads_for(in_steps) == threads
