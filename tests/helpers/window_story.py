"""What a user does at the window, by real events; as a program, up to the moment it is killed.

``python -m helpers.window_story SCAN FOLDER`` opens a scan, segments it, corrects it, saves it in
FOLDER, corrects it once more, and writes ``told.json`` there when all that is kept.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QWidget

from helpers.canvas_drags import drag_on_canvas
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.controllers.labels import autosave as autosave_module
from napari_cmr.viewer.widgets.function.function_table import FULL
from napari_cmr.viewer.window.app import make_window
from napari_cmr.viewer.window.event_loop import run_until
from napari_cmr.viewer.window.workspace import ACQUIRE, EDIT, FUNCTION, SCAN, SEGMENT, raise_dock
from napari_cmr.viewer.workbench import workbench_of

LEFT = Qt.MouseButton.LeftButton
SIZE = (1280, 800)
PATIENCE_S = 300.0
"""For one step, on a computer that does much else."""


def keep_at_once() -> None:
    """Keep labels against a crash without the usual wait."""
    wishes = {"keep": True, "interval_s": 0.1}
    autosave_module.preference = lambda _section, name: wishes[name]


class WindowStory:
    """The workspace with one scan, and hands to use it."""

    def __init__(self, scan: Path) -> None:
        self.viewer = make_window(SIZE)
        self.bench = workbench_of(self.viewer)
        self.session = self.bench.session
        self.bench.opener.open_path(scan)
        self.wait()

    def wait(self, is_done: Callable[[], bool] = lambda: True) -> None:
        """Run the window until nothing is at work, and something is so."""
        bench = self.bench

        def quiet() -> bool:
            at_work = (
                bench.is_busy,
                bench.opener.is_opening,
                bench.segmentation.job.is_running,
                bench.keeper.job.is_running,
                bench.annotation.is_busy,
            )
            return not any(at_work) and self.session.scan is not None and is_done()

        run_until(lambda: True)
        run_until(quiet, PATIENCE_S)

    def dock(self, name: str) -> Any:
        """Bring a tab to the front."""
        dock = raise_dock(self.viewer, name)
        run_until(dock.isVisible)
        return dock

    def click(self, button: QWidget) -> None:
        """Press a button that is there to be pressed."""
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, LEFT)
        self.wait()

    # -- what a user does -------------------------------------------------------------------------

    def choose_lines(self, preset: str) -> None:
        """Press one of the numbers of lines."""
        self.click(self.dock(ACQUIRE).presets[preset])

    def draw_other_lines(self) -> None:
        """Take another seed."""
        self.click(self.dock(ACQUIRE).reroll)

    def segment(self) -> None:
        """Run the chosen model."""
        dock = self.dock(SEGMENT)
        QTest.mouseClick(dock.run, LEFT)
        self.wait(lambda: self.session.function is not None)

    def set_phase_by_hand(self, phase: str, frame: int) -> None:
        """Go to a frame, and take it as ED or ES of the LV by the menu."""
        layers.go_to(self.viewer, self.session.scan, frame=frame)
        panel = self.dock(SCAN).phases
        panel.buttons[Label.LV, phase].menu().actions()[0].trigger()
        self.wait()

    def go_to_es(self, z: int) -> None:
        """Show a slice at end-systole."""
        self.click(self.dock(SCAN).phases.buttons[Label.LV, "es"])
        layers.go_to(self.viewer, self.session.scan, z=z)
        self.wait()

    def paint(self, label: Label, rows: range, column: int) -> None:
        """Drag the brush down a column of pixels, rows of the slice on screen."""
        self.click(self.dock(EDIT).brush.buttons[label])
        drag_on_canvas(self.viewer, self.session.scan, [(row, column) for row in rows])
        self.wait()

    def accept_slice(self) -> None:
        """Accept the slice on screen."""
        self.click(self.dock(EDIT).accept["slice"])

    def save(self, folder: Path, stem: str) -> None:
        """Save labels with JSON and CSV, session and report."""
        self.bench.annotation.save(folder / f"{stem}.nii.gz")
        self.wait((folder / f"{stem}.csv").exists)
        self.bench.keeper.save_session(folder / f"{stem}.cmr-session.json")
        self.wait((folder / f"{stem}.cmr-session.json").exists)
        self.bench.keeper.save_report(folder / f"{stem}.html")
        self.wait((folder / f"{stem}.html").exists)

    # -- what a user reads ------------------------------------------------------------------------

    def told(self) -> dict[str, Any]:
        """What the window says now, as its texts have it."""
        dock = self.dock(FUNCTION)
        self.wait(lambda: dock.segments.current is not None)
        table, phases = dock.table, self.dock(SCAN).phases
        column = {label: k for k, label in enumerate((Label.LV, Label.RV))}
        cells = {
            f"{label.name} {table.verticalHeaderItem(line).text()}": table.item(line, k).data(FULL)
            for label, k in column.items()
            for line in range(3)
        }
        self.click(dock.copy)
        phase_texts = {
            f"{label.name} {phase.upper()}": button.text()
            for (label, phase), button in phases.buttons.items()
        }
        return {
            "cells": cells,
            "big": dock.ef[Label.LV].text,
            "caption": dock.ef[Label.LV].caption,
            "grey": dock.ef[Label.LV].is_old,
            "copied": QApplication.clipboard().text(),
            "phases": phase_texts,
            "corrected": sorted(int(frame) for frame in dock.plot.edited_frames),
            "accepted": np.argwhere(self.bench.annotation.accepted).tolist(),
            "lines": self.session.acquisition.n_lines,
            "seed": self.session.acquisition.seed,
        }


def until_killed(scan: Path, folder: Path) -> None:
    """Use the window, tell what it said, and wait for the end."""
    keep_at_once()
    story, told = WindowStory(scan), {}
    story.choose_lines("10")
    story.segment()
    told["ten"] = story.told()
    story.choose_lines("20")
    told["changed"] = story.told()
    story.draw_other_lines()
    story.segment()
    told["twenty"] = story.told()
    story.save(folder, "untouched")
    function = story.session.function
    ed = function.lv.ed_frame
    story.set_phase_by_hand("ed", (ed + 1) % story.session.scan.n_frames)
    told["by hand"] = story.told()
    z, rows, column = wall_at_es(story)
    story.go_to_es(z)
    story.accept_slice()
    story.paint(Label.LV, rows, column)
    told["corrected"] = story.told()
    story.save(folder, "corrected")
    story.paint(Label.LV, rows, column + 3)
    told["last"] = story.told()
    kept = story.bench.autosave
    story.wait(lambda: not kept.keeping.is_running and are_kept(story, folder))
    (folder / "told.part").write_text(json.dumps(told))
    (folder / "told.part").rename(folder / "told.json")
    run_until(lambda: False, patience_s=300)


def are_kept(story: WindowStory, folder: Path) -> bool:
    """Whether the labels on screen, and not only earlier ones, are kept against a crash."""
    shown = np.asarray(story.session.labels_layer.data)
    kept = [np.load(path)["labels"] for path in folder.glob("recovery/*/*.npz")]
    return any(np.array_equal(one, shown) for one in kept)


def wall_at_es(story: WindowStory) -> tuple[int, range, int]:
    """Slice, rows and column of muscle beside the cavity, at the LV's end-systole."""
    labels = np.asarray(story.session.labels_layer.data)[story.session.function.lv.es_frame]
    z = int(np.argmax((labels == Label.LV).sum(axis=(1, 2))))
    rows, columns = np.nonzero(labels[z] == Label.LV)
    middle = (rows.min() + rows.max()) // 2
    return z, range(middle - 3, middle + 4), int(columns.max()) + 2


if __name__ == "__main__":
    until_killed(Path(sys.argv[1]), Path(sys.argv[2]))
