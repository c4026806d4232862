"""The files of a summary: a page, JSON, and a table of ratings."""

from dataclasses import asdict
from os import PathLike
from pathlib import Path

from napari_cmr.cohort.reading.page import summary_page
from napari_cmr.cohort.reading.summary import PanelSummary
from napari_cmr.cohort.tables import write_csv
from napari_cmr.scan import output_folder, save_json, written_together

FILES = ("summary.html", "summary.json", "ratings.csv")


def save_summary(
    summary: PanelSummary, output: str | PathLike[str] | None = None, *, overwrite: bool = False
) -> Path:
    """Write the page, ``summary.json`` and ``ratings.csv``, all or none.

    Parameters
    ----------
    summary : PanelSummary
    output : path, optional
        Folder; ``summary`` in the study by default.
    overwrite : bool
        Whether an earlier summary may be replaced.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ScanError
        If a file may not be written.
    """
    study = summary.folder.path
    with output_folder(study / "summary" if output is None else output, own=FILES) as folder:
        page, record, table = (folder / name for name in FILES)
        with written_together(page, record, table, overwrite=overwrite) as at:
            at[page].write_text(summary_page(summary), encoding="utf-8")
            save_json(at[record], summary.to_dict())
            write_csv(at[table], [asdict(one) for one in summary.ratings])
        return page
