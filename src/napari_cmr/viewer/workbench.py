"""The one object of a napari viewer: its session, and the controllers that work on it.

Docks, commands and keys find it by their viewer; controllers are given what they need of each
other here, and do not know each other.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from napari_cmr.viewer.controllers.images.pictures import LivePictures
from napari_cmr.viewer.controllers.labels.old_labels import OldLabels
from napari_cmr.viewer.controllers.measures.function import LiveFunction
from napari_cmr.viewer.core.session import Session

if TYPE_CHECKING:
    from napari_cmr.viewer.controllers.companion import Companion
    from napari_cmr.viewer.controllers.images.motion import LiveMotion
    from napari_cmr.viewer.controllers.images.profile import LineOverTime
    from napari_cmr.viewer.controllers.images.reconstruction import LiveReconstruction
    from napari_cmr.viewer.controllers.images.style import Styling
    from napari_cmr.viewer.controllers.labels.annotation import Annotation
    from napari_cmr.viewer.controllers.labels.autosave import Autosave
    from napari_cmr.viewer.controllers.labels.comparison import Comparing
    from napari_cmr.viewer.controllers.labels.outlines import Outlines
    from napari_cmr.viewer.controllers.labels.segmentation import LiveSegmentation
    from napari_cmr.viewer.controllers.measures.consistency import Repeating
    from napari_cmr.viewer.controllers.measures.scar import ScarSearch
    from napari_cmr.viewer.controllers.measures.trade_off import Sweeping
    from napari_cmr.viewer.controllers.playback import Player
    from napari_cmr.viewer.controllers.scans import Opener
    from napari_cmr.viewer.controllers.sessions.session_save import Keeper
    from napari_cmr.viewer.controllers.tiles import Tiling
    from napari_cmr.viewer.core.saved_session import LoadedSession
    from napari_cmr.viewer.core.study_reading import ReadingPanel


class Workbench:
    """Session and controllers of one viewer; what is not asked for is neither made nor imported.

    Attributes
    ----------
    session : Session
    pictures : LivePictures
    function : LiveFunction
    old_labels : OldLabels
    """

    def __init__(self, viewer: Any) -> None:
        self._viewer = ref(viewer)
        self.session = Session()
        self.function = LiveFunction(viewer, self.session)
        self.pictures = LivePictures(viewer, self.session, self.keep_unsaved)
        self.function.choose_layer()
        self.old_labels = OldLabels(
            viewer, self.session, is_updating=self._is_updating, is_playing=self._is_playing
        )
        self.session.picture_changed.connect(self._on_picture)
        self.session.reconstructions.view_changed.connect(self._on_view)

    @property
    def viewer(self) -> Any:
        """The viewer; None once it is gone."""
        return self._viewer()

    @property
    def is_busy(self) -> bool:
        """Whether pictures or numbers are not yet those of the session, or may change again."""
        return self.pictures.is_busy or self.function.is_busy

    @cached_property
    def player(self) -> "Player":
        """Plays the cine."""
        from napari_cmr.viewer.controllers.playback import Player

        made = Player(self.viewer, self.session)
        made.playing_changed.connect(self._on_playing)
        return made

    @cached_property
    def opener(self) -> "Opener":
        """Opens scans and sessions."""
        from napari_cmr.viewer.controllers.scans import Opener

        return Opener(self.viewer, self.session, restore=self._restore)

    @cached_property
    def tiling(self) -> "Tiling":
        """Shows several models side by side."""
        from napari_cmr.viewer.controllers.tiles import Tiling

        return Tiling(self.viewer, self.session)

    @cached_property
    def segmentation(self) -> "LiveSegmentation":
        """Runs models, and shows their labels."""
        from napari_cmr.viewer.controllers.labels.segmentation import LiveSegmentation

        made = LiveSegmentation(
            self.viewer,
            self.session,
            tiling=self.tiling,
            frame_rate=lambda: self.player.rate,
            labels_written=self.function.labels_written,
            hold_rest=self._hold_rest,
            go_on=self.pictures.go_on,
        )
        made.changed.connect(self.old_labels.mark)
        return made

    @cached_property
    def reconstruction(self) -> "LiveReconstruction":
        """Runs methods that reconstruct, and shows their images."""
        from napari_cmr.viewer.controllers.images.reconstruction import LiveReconstruction

        return LiveReconstruction(
            self.viewer,
            self.session,
            show_tiles=self.tiling.set_images,
            hold_rest=self._hold_rest,
            go_on=self.pictures.go_on,
        )

    @cached_property
    def motion(self) -> "LiveMotion":
        """Finds how tissue moves, and shows it over the images."""
        from napari_cmr.viewer.controllers.images.motion import LiveMotion

        return LiveMotion(self.viewer, self.session)

    @cached_property
    def line_over_time(self) -> "LineOverTime":
        """The line whose brightness is looked at over time."""
        from napari_cmr.viewer.controllers.images.profile import LineOverTime

        return LineOverTime(self.viewer, self.session)

    @cached_property
    def annotation(self) -> "Annotation":
        """Edits, accepts and saves labels."""
        from napari_cmr.viewer.controllers.labels.annotation import Annotation

        return Annotation(
            self.viewer,
            self.session,
            labels_written=self.function.labels_written,
            is_playing=lambda: self.player.is_playing,
            stop_playing=self.player.stop,
        )

    @cached_property
    def autosave(self) -> "Autosave":
        """Keeps what is drawn against a crash, from the first time that it is asked for."""
        from napari_cmr.viewer.controllers.labels.autosave import Autosave

        return Autosave(
            self.viewer,
            self.session,
            touched=self.annotation.touched,
            open_path=self.opener.open_path,
        )

    @cached_property
    def outlines(self) -> "Outlines":
        """Shows labels as outlines."""
        from napari_cmr.viewer.controllers.labels.outlines import Outlines

        return Outlines(self.viewer, self.session)

    @cached_property
    def companion(self) -> "Companion":
        """The other scan of the same patient."""
        from napari_cmr.viewer.controllers.companion import Companion

        return Companion(self.viewer, self.session)

    @cached_property
    def consistency(self) -> "Repeating":
        """Repeats the acquisition."""
        from napari_cmr.viewer.controllers.measures.consistency import Repeating

        return Repeating(self.viewer, self.session, choice=self.segmentation.choice)

    @cached_property
    def trade_off(self) -> "Sweeping":
        """Sweeps over line counts, and maps single lines."""
        from napari_cmr.viewer.controllers.measures.trade_off import Sweeping

        return Sweeping(
            self.viewer,
            self.session,
            models=self.segmentation.plain_models,
            choice=self.segmentation.choice,
        )

    @cached_property
    def scar(self) -> "ScarSearch":
        """Looks for scar in late enhancement."""
        from napari_cmr.viewer.controllers.measures.scar import ScarSearch

        return ScarSearch(self.viewer, self.session)

    @cached_property
    def styling(self) -> "Styling":
        """Renders synthetic late enhancement."""
        from napari_cmr.viewer.controllers.images.style import Styling

        return Styling(self.viewer, self.session, self.tiling.cover)

    @cached_property
    def comparing(self) -> "Comparing":
        """Compares two labels layers."""
        from napari_cmr.viewer.controllers.labels.comparison import Comparing

        return Comparing(self.viewer, self.session)

    @cached_property
    def reading_panel(self) -> "ReadingPanel":
        """A reading study, and how far its reader is."""
        from napari_cmr.viewer.core.study_reading import ReadingPanel

        return ReadingPanel(lambda: self.player)

    @cached_property
    def keeper(self) -> "Keeper":
        """Saves sessions and reports."""
        from napari_cmr.viewer.controllers.sessions.session_save import Keeper

        return Keeper(
            self.viewer,
            self.session,
            is_segmenting=lambda: self.segmentation.job.is_running,
        )

    def keep_unsaved(self) -> "Autosave":
        """Keep what is drawn against a crash, from now on."""
        return self.autosave

    def close(self) -> None:
        """Stop what was begun, and keep what is not saved."""
        self.pictures.close()
        self.function.close()
        for name in ("annotation", "autosave"):
            if name in self.__dict__:
                getattr(self, name).close()

    def _on_picture(self, picture: str) -> None:
        if picture == "reconstructed":
            self.reconstruction.ensure()

    def _on_playing(self, playing: bool) -> None:
        self.old_labels.mark(playing)  # asked for only now: a player may come before they do

    def _on_view(self) -> None:
        if self.session.reconstructions.overlay == "motion":
            self.motion.update_soon()

    def _is_updating(self) -> bool:
        """Whether models that follow the lines are at work; asked before there are any, too."""
        made = self.__dict__.get("segmentation")
        return made is not None and made.follows and made.job.is_running

    def _is_playing(self) -> bool:
        """Whether the cine plays; asked before there is a player, too."""
        made = self.__dict__.get("player")
        return made is not None and made.is_playing

    def _hold_rest(self) -> None:
        self.pictures.hold_rest()
        self.function.hold()

    def _restore(self, loaded: "LoadedSession") -> None:
        from napari_cmr.viewer.controllers.sessions.session_restore import Restorers, restore

        restore(
            self.viewer,
            self.session,
            loaded,
            segmentation=self.segmentation,
            labels_written=self.function.labels_written,
            derived=Restorers(lambda: self.scar, lambda: self.comparing, lambda: self.styling),
        )


_WORKBENCHES: "WeakKeyDictionary[Any, Workbench]" = WeakKeyDictionary()


def workbench_of(viewer: Any) -> Workbench:
    """Workbench of a napari viewer, made when it is first asked for.

    Parameters
    ----------
    viewer : napari.Viewer
        Or the proxy of it that napari gives to plugins.
    """
    viewer = unwrapped(viewer)
    if viewer not in _WORKBENCHES:
        _WORKBENCHES[viewer] = Workbench(viewer)
    return _WORKBENCHES[viewer]


def unwrapped(viewer: Any) -> Any:
    """Return the viewer itself where napari handed a plugin its proxy, which dies at once."""
    return getattr(viewer, "__wrapped__", viewer)
