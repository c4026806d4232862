"""Parts of the Edit dock: the brushes, the choice of ED and ES, the offer of unsaved labels."""

from functools import partial
from typing import Any

from qtpy.QtWidgets import QCheckBox, QFrame, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget
from superqt.utils import signals_blocked

from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.keys import KEYS
from napari_cmr.viewer.widgets.parts import Column, Dock, css, heading, note, row

BRUSHES = (Label.LV, Label.MYO, Label.RV)
LGE_BRUSHES = (Label.SCAR, Label.NO_REFLOW, Label.LA)
BRUSH_NAMES = {
    Label.LV: ("LV", "the cavity of the left ventricle"),
    Label.MYO: ("MYO", "the myocardium"),
    Label.RV: ("RV", "the cavity of the right ventricle"),
    Label.SCAR: ("Scar", "scar"),
    Label.NO_REFLOW: ("No-reflow", "no-reflow within a scar"),
    Label.LA: ("LA", "the cavity of the left atrium"),
    Label.BACKGROUND: ("Erase", "nothing"),
}


class BrushChoice(QWidget):
    """A button for each label, in its colour; scar and left atrium on late enhancement only."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._viewer, self._session = dock.viewer, dock.session
        self._dock = dock
        self._watched: Any = None
        self.buttons: dict[Label | None, QPushButton] = {}
        box = Column.layout_of(self)
        box.setSpacing(3)
        for line in ((None, *BRUSHES, Label.BACKGROUND), LGE_BRUSHES):
            buttons = [self._button(label) for label in line]
            box.addLayout(row(*buttons, spacing=3))
        dock.bind(self._viewer.layers.selection.events.active, self.refresh)
        dock.bind(self._session.labels_layer_changed, self._on_layer)
        dock.bind(self._session.scan_changed, self._on_layer)
        self._on_layer()

    def _button(self, label: Label | None) -> QPushButton:
        text, what = ("Look", "") if label is None else BRUSH_NAMES[label]
        button = QPushButton(text)
        button.setCheckable(True)
        button.setToolTip(
            "Put the brush away: a drag moves the picture."
            if label is None
            else f"Paint {what}. [ and ] change the size of the brush."
        )
        if label:
            button.setStyleSheet(
                f"QPushButton {{ color: {css(label)}; font-weight: 600; }}"
                f"QPushButton:checked {{ background: {css(label)}; color: white; }}"
            )
        button.clicked.connect(partial(self._on_clicked, label))
        self.buttons[label] = button
        return button

    def _on_clicked(self, label: Label | None, _checked: bool = False) -> None:
        layer = self._session.labels_layer
        if layer is not None and label is None:
            layers.stop_painting(self._viewer, layer, self._session.scan)
        elif layer is not None and label is not None:
            layers.paint_with(self._viewer, layer, label)
        self.refresh()

    def _on_layer(self, _layer: Any = None) -> None:
        layer, scan = self._session.labels_layer, self._session.scan
        if layer is not None and layer is not self._watched:
            self._dock.bind(layer.events.mode, self.refresh)
            self._dock.bind(layer.events.selected_label, self.refresh)
        self._watched = layer
        for label in LGE_BRUSHES:
            self.buttons[label].setVisible(scan is not None and scan.kind == "lge")
        self.refresh()

    def refresh(self, event: Any = None) -> None:
        """Show which brush is in hand, whoever chose it."""
        layer = self._session.labels_layer
        brush = None if layer is None else layers.brush_of(self._viewer, layer)
        for label, button in self.buttons.items():
            button.setChecked(label == brush)


class PairChoice(QWidget):
    """Go through ED and ES only, and which frames they are."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._session = dock.session
        self._annotation = dock.workbench.annotation
        box = Column.layout_of(self)
        self.only = QCheckBox("ED and ES only")
        self.only.setToolTip("Sliders and keys jump between these two frames and skip the others.")
        self.only.toggled.connect(self._on_changed)
        self.ed, self.es = QSpinBox(), QSpinBox()
        for spin, name in ((self.ed, "ED"), (self.es, "ES")):
            spin.setPrefix(f"{name} frame ")
            spin.setMinimum(1)
            spin.setToolTip(f"Which frame is {name}; proposed from the data or the measurement.")
            spin.valueChanged.connect(self._on_changed)
        box.addWidget(self.only)
        box.addLayout(row(self.ed, self.es))
        dock.bind(self._annotation.changed, self.refresh)
        dock.bind(self._session.scan_changed, self.refresh)
        dock.bind(self._session.function_changed, self.refresh)
        self.refresh()

    def _on_changed(self, _value: Any = None) -> None:
        pair = (self.ed.value() - 1, self.es.value() - 1)
        self._annotation.set_pair(pair if self.only.isChecked() else None)

    def refresh(self, _anything: Any = None) -> None:
        """Show the pair that holds, or the one that would."""
        scan = self._session.scan
        self.setEnabled(scan is not None and scan.n_frames > 1)
        if scan is None:
            return
        only = self._annotation.pair is not None
        with signals_blocked(self.only):
            self.only.setChecked(only)
        for spin, frame in zip((self.ed, self.es), self._annotation.ed_es(), strict=True):
            with signals_blocked(spin):
                spin.setEnabled(only)
                spin.setMaximum(scan.n_frames)
                spin.setValue(frame + 1)


class RecoveryOffer(QFrame):
    """Labels that were left behind, and what to do with them; hidden where there are none."""

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._session = dock.session
        self._autosave = dock.workbench.autosave
        self.setFrameShape(QFrame.Shape.StyledPanel)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 8, 8)
        self.text = note()
        box.addWidget(self.text)
        self.restore = QPushButton("Restore")
        self.restore.setToolTip("Bring the labels back as a new layer. It is not saved by this.")
        self.restore.clicked.connect(self._on_restore)
        self.discard = QPushButton("Discard")
        self.discard.setToolTip("Delete these labels for good.")
        self.discard.clicked.connect(self._on_discard)
        box.addLayout(row(self.restore, self.discard))
        dock.bind(self._autosave.offers_changed, self.refresh)
        dock.bind(self._session.scan_changed, self.refresh)
        self.refresh()

    def _on_restore(self) -> None:
        self._autosave.restore(self._autosave.offers[0])

    def _on_discard(self) -> None:
        self._autosave.discard(self._autosave.offers[0])

    def refresh(self, _anything: Any = None) -> None:
        """Show the newest labels that were left behind."""
        offers = self._autosave.offers
        self.setVisible(bool(offers))
        if not offers:
            return
        kept = offers[0]
        text = f"Labels of {kept.scan_name} from {kept.local_time} were not saved."
        if len(offers) > 1:
            others = len(offers) - 1
            text += f" {others} older {'one waits' if others == 1 else 'ones wait'} after these."
        is_open = self._session.scan is not None
        can_open = kept.source is not None and kept.source.exists()
        if not (is_open or can_open):
            text += " Open the scan that they were drawn on to restore them."
        self.restore.setEnabled(is_open or can_open)
        self.restore.setText("Restore" if is_open else "Open and restore")
        self.text.setText(text)


def keys_table() -> QWidget:
    """All keys, as the manual lists them."""
    group = QWidget()
    box = Column.layout_of(group)
    box.addWidget(heading("Keys"))
    lines = "".join(
        f"<tr><td><b>{key}</b>&nbsp;&nbsp;</td><td>{what}</td></tr>" for key, _, what in KEYS
    )
    keys = QLabel(f"<table>{lines}</table>")
    keys.setWordWrap(True)
    keys.setStyleSheet("font-size: 9pt;")
    box.addWidget(keys)
    return group
