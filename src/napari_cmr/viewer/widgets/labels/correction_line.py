"""One line that offers what follows from corrections: another ED or ES, and propagation."""

from typing import Any

from qtpy.QtWidgets import QPushButton, QSizePolicy, QWidget
from superqt import QElidingLabel

from napari_cmr.viewer.widgets.parts import Dock, row


class CorrectionLine(QWidget):
    """Says which frames were corrected, or which frame is more extreme now; hidden otherwise.

    Parameters
    ----------
    dock : Dock
        Whose session it follows, for as long as the dock lives.
    """

    def __init__(self, dock: Dock) -> None:
        super().__init__()
        self._session, self._bench = dock.session, dock.workbench
        self.text = QElidingLabel()
        self.text.setStyleSheet("font-size: 9pt;")
        self.use = QPushButton("Use it")
        self.use.clicked.connect(self._on_use)
        self.propagate = QPushButton("Propagate")
        self.propagate.setToolTip(
            "Carry the labels of the corrected frames to all other frames, by the motion that is "
            "seen in the images: one step of undo (Ctrl-Z), and accepted slices are kept."
        )
        self.propagate.clicked.connect(self._on_propagate)
        box = row(self.text, self.use, self.propagate)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for button in (self.use, self.propagate):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.setStyleSheet("font-size: 9pt; padding: 1px 6px;")
        box.setStretch(0, 1)
        self.setLayout(box)
        dock.bind(dock.session.function_changed, self.refresh)
        self.refresh()

    def refresh(self, _anything: Any = None) -> None:
        """Show what the corrections are now."""
        if self._session.measuring:
            return
        corrections = self._session.corrections
        offer = corrections.offers[0] if corrections.offers else None
        frames, scan = corrections.frames, self._session.scan
        n_frames = 0 if scan is None else scan.n_frames
        self.setVisible(bool(frames))
        self.use.setVisible(offer is not None)
        self.propagate.setVisible(offer is None and 0 < len(frames) < n_frames)
        if offer is not None:
            text = offer.text
            name = "ED" if offer.phase == "ed" else "ES"
            self.use.setToolTip(
                f"Take frame {offer.frame + 1} as {name} of the {offer.label.name}. Until then it "
                "stays at the frame where it was before you corrected."
            )
        else:
            shown = ", ".join(str(frame + 1) for frame in frames[:6])
            more = ", …" if len(frames) > 6 else ""
            text = f"Corrected: frame{'s' * (len(frames) != 1)} {shown}{more}"
        self.text.setText(text)
        self.text.setToolTip(text)

    def _on_use(self) -> None:
        offers = self._session.corrections.offers
        if offers:
            self._session.accept_offer(offers[0])

    def _on_propagate(self) -> None:
        self._bench.annotation.propagate("corrected")
