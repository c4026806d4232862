"""The error of everything that can be wrong with a scan, and what ends cancelled work."""

from os import PathLike


class ScanError(ValueError):
    """A scan cannot be used: what is wrong, where, and what to do about it.

    Parameters
    ----------
    problem : str
        What is wrong, without a full stop.
    source : str or path, optional
        The file, folder or array at fault.
    remedy : str, optional
        What the user can do.
    """

    def __init__(
        self, problem: str, *, source: str | PathLike[str] | None = None, remedy: str | None = None
    ) -> None:
        self.problem = problem
        self.source = None if source is None else str(source)
        self.remedy = remedy
        where = f"{self.source}: " if self.source else ""
        what_to_do = f" ({remedy})" if remedy else ""
        super().__init__(f"{where}{problem}{what_to_do}")


class Stopped(Exception):  # noqa: N818 - not an error: the user asked for it
    """The answer of some work is no longer wanted; not an error."""
