"""Dock in which a person runs a model on the chosen lines."""

from napari.viewer import Viewer
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton

from napari_cmr.scan import Label, ScanError
from napari_cmr.viewer.segmenting import segmentation_of
from napari_cmr.viewer.widgets import BigFigure, Column, Dock, css, heading, note, row


class SegmentDock(Dock):
    """Model, follow or run once, and how the result compares with the reference."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self.segmentation = segmentation_of(self.viewer)
        self._build()
        session = self.session
        self.bind(self.segmentation.changed, self._show)
        self.bind(session.function_changed, self._show)
        self._show()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        column = Column()
        box = column.box
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column)
        self.model = QComboBox()
        self.model.setToolTip(
            "The network that reads labels out of the chosen lines. It never sees the others."
        )
        self.model.currentIndexChanged.connect(self._on_model)
        self.follow = QCheckBox("Follow the lines")
        self.follow.setToolTip(
            "Segment again at every change of the lines: the slice on screen first, then the rest."
        )
        self.follow.toggled.connect(self.segmentation.set_follows)
        self.run = QPushButton("Segment")
        self.run.setToolTip("Segment the whole scan once, from the lines chosen under Acquire.")
        self.run.clicked.connect(self._on_run)
        self.about = note()
        self.ef = {
            label: BigFigure(
                f"{label.name} EF",
                "Ejection fraction from the model's labels, and from the reference labels if the "
                "scan has them.",
                css(label),
            )
            for label in (Label.LV, Label.RV)
        }
        self.state = note()
        self.warning = note()
        box.addWidget(heading("Model"))
        box.addWidget(self.model)
        box.addWidget(self.about)
        box.addLayout(row(self.run, self.follow))
        box.addWidget(heading("Found"))
        box.addLayout(row(*self.ef.values(), spacing=22))
        box.addWidget(self.state)
        box.addWidget(self.warning)
        box.addStretch(1)
        self._fill_models()

    def _fill_models(self) -> None:
        """List the segmentation models; reading their cards needs no network library."""
        from napari_cmr.zoo.cards import read_card
        from napari_cmr.zoo.paths import find_models

        problem = ""
        self.model.blockSignals(True)
        for path in find_models().values():
            try:
                card = read_card(path)
            except ScanError as error:
                problem = str(error)
                continue
            if card.task == "segmentation" and card.preset == "live":
                self.model.addItem(card.name, card)
        self.model.setCurrentIndex(max(0, self.model.findText(self.segmentation.model)))
        self.model.blockSignals(False)
        if not self.model.count():
            problem = problem or "No trained model is installed: train one with 'napari-cmr train'."
        self.problem = problem
        self._show_about()

    # -- a person does something ------------------------------------------------------------------

    def _on_model(self, index: int) -> None:
        if index >= 0:
            self.segmentation.set_model(self.model.itemText(index))
        self._show_about()

    def _on_run(self) -> None:
        if self.segmentation.job.is_running:
            self.segmentation.cancel()
        else:
            self.segmentation.run()

    # -- something changed ------------------------------------------------------------------------

    def _show_about(self) -> None:
        card = self.model.currentData()
        if card is None:
            self.about.setText(self.problem)
            return
        self.about.setText(card.description)
        self.about.setToolTip(
            f"Learned from: {card.trained_on}\nLicence: {card.licence}\nCite: {card.citation}"
        )

    def _show(self) -> None:
        segmentation, session = self.segmentation, self.session
        running = segmentation.job.is_running
        ready = session.scan is not None and self.model.count() > 0
        self.run.setEnabled(ready)
        self.follow.setEnabled(ready)
        self.run.setText("Cancel" if running and not segmentation.follows else "Segment")
        self.follow.blockSignals(True)
        self.follow.setChecked(segmentation.follows)
        self.follow.blockSignals(False)
        latest = segmentation.latest
        function = session.function if latest is not None else None
        for label, figure in self.ef.items():
            name = label.name.lower()
            ventricle = None if function is None else getattr(function, name)
            value = None if ventricle is None else ventricle.ef_percent
            beside = None if session.reference is None else getattr(session.reference, name)
            reference = None if beside is None else beside.ef_percent
            figure.show_value(
                "–" if value is None else f"{value:.0f} %",
                f"{label.name} EF"
                + ("" if reference is None else f" · reference {reference:.0f} %"),
            )
        if session.scan is None:
            self.state.setText("Open a scan first.")
        elif running:
            self.state.setText("segmenting…")
        elif latest is None:
            self.state.setText("Choose lines under Acquire, then segment.")
        else:
            n_frames = session.scan.n_frames
            milliseconds = 1000 * latest.seconds
            self.state.setText(
                f"{milliseconds:.0f} ms for the {n_frames} frames of a slice, on {latest.device}"
            )
        self.warning.setText("" if latest is None else "\n".join(latest.warnings))
