"""A folder of scans in, labels and a table of their function out."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import napari_cmr
from napari_cmr.cohort.parallel import Failure, check_cluster, reason_of, run_each
from napari_cmr.cohort.scans import FoundScan, find_scans
from napari_cmr.scan import ScanError, open_scan, output_folder, save_csv, save_json
from napari_cmr.scan.index import index_scans
from napari_cmr.scan.notices import Code
from napari_cmr.scan.opener import kind_of
from napari_cmr.workflow.measure.table import Row, function_row
from napari_cmr.workflow.segment.result_files import ResultFiles, save_result
from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings, segment_as_set

TABLE = "function.csv"
RUN = "run.json"
_FORMAT: Literal["napari-cmr table"] = "napari-cmr table"
#: Finished scans between two writings of the table, which a run that is killed leaves behind.
_TABLE_EVERY = 25


@dataclass(frozen=True)
class TableTask:
    """A scan that is still to be segmented, and where its results go."""

    scan: FoundScan
    root: Path
    files: ResultFiles
    settings: SegmentationSettings
    digest: str

    @property
    def name(self) -> str:
        """Of the scan."""
        return self.scan.name


@dataclass(frozen=True)
class CohortTable:
    """What a run over a folder gave.

    Attributes
    ----------
    path : Path
        The CSV.
    n_scans, n_kept : int
        Scans that were found, and those of them whose results were there already.
    failures : tuple of Failure
    """

    path: Path
    n_scans: int
    n_kept: int
    failures: tuple[Failure, ...]


def segment_folder(
    folder: Path,
    out: Path,
    settings: SegmentationSettings,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    force: bool = False,
    report: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> CohortTable:
    """Segment every scan below a folder and write one table of their function.

    Parameters
    ----------
    folder : Path
        See :func:`~napari_cmr.cohort.scans.find_scans`.
    out : Path
        Made if need be. Gets ``function.csv`` with a row for each scan, and labels and a JSON of
        each under ``labels``. Results that are there and were made from the same files with the
        same settings, weights and version are kept; failed scans are tried again.
    settings : SegmentationSettings
    workers, scheduler
        See :func:`~napari_cmr.cohort.parallel.run_each`.
    force : bool
        Whether results of other settings, and other files in ``out``, may be replaced.
    report : callable
        Is told of every scan that failed.
    progress : callable
        Is told of scans done, scans in all, and the name of the last.

    Raises
    ------
    ScanError
        If there is no scan or no such model, or ``out`` holds something else.
    """
    check_cluster(workers, scheduler)
    digest = settings.digest()
    scans = find_scans(folder, leave_out=out)
    with output_folder(out, inputs=[folder], left_out=True):
        _prepare(out, settings, digest, force=force)
        tasks = [
            TableTask(one, folder.resolve(), _files(out.resolve(), one.name), settings, digest)
            for one in scans
        ]
        records = {task.name: record for task in tasks if (record := _finished(task)) is not None}
        n_kept = len(records)
        failures: dict[str, Failure] = {}
        waiting = [task for task in tasks if task.name not in records]
        progress(n_kept, len(scans), "")

        def write() -> None:
            rows = [_row(one, records.get(one.name), failures.get(one.name)) for one in scans]
            save_csv(out / TABLE, rows, columns=_columns(rows))

        try:
            done = run_each(segment_task, waiting, workers=workers, scheduler=scheduler)
            for number, (task, outcome) in enumerate(done, start=1):
                for one in outcome:
                    if isinstance(one, Failure):
                        failures[task.name] = one
                        report(f"failed: {one.subject}: {one.reason}")
                    else:
                        records[task.name] = one
                progress(n_kept + number, len(scans), task.name)
                if number % _TABLE_EVERY == 0:
                    write()
        finally:
            if records or failures:
                write()
            else:
                (out / RUN).unlink(missing_ok=True)  # there is nothing to go on from
        return CohortTable(out / TABLE, len(scans), n_kept, tuple(failures.values()))


def segment_task(task: TableTask) -> Iterator[dict[str, Any] | Failure]:
    """Segment one scan and write its files; yields what its JSON holds, or why it failed."""
    settings = task.settings
    try:
        scan = open_scan(task.scan.path, series=_series(task.scan, settings))
        labels, content = segment_as_set(scan, settings)
        content |= {
            "file": task.name,
            "kind": scan.kind,
            "view": scan.view,
            "n_frames": scan.n_frames,
            "n_slices": scan.n_slices,
            "spacing_mm": [round(value, 4) for value in scan.spacing],
            "settings": task.digest,
            "made_from": fingerprint(task.scan.path),
        }
        task.files.labels.parent.mkdir(parents=True, exist_ok=True)
        save_result(
            scan, labels, content, task.files, inputs=[task.scan.path], overwrite=True
        )  # in a folder that is known to be of this program
        yield content
    except Exception as error:
        # Whatever is wrong with one scan must not end a run of hours over the others.
        yield Failure(task.name, reason_of(error, task.root))


def _series(scan: FoundScan, settings: SegmentationSettings) -> str | None:
    """Series of a study that the model is for; None for what opens by itself, a short-axis cine."""
    if scan.series is not None or not settings.is_lge or kind_of(scan.path) != "dicom":
        return scan.series
    index = index_scans(scan.path)
    enhanced = [one for one in (*index.stacks, *index.series) if one.kind == "lge"]
    if not enhanced:
        raise ScanError("no series of the study is late enhancement", source=scan.path)
    return max(enhanced, key=lambda one: (one.view == "SAX", one.n_slices)).key


def fingerprint(path: Path) -> str:
    """Tell whether the files of a scan have changed, by their names, sizes and times alone."""
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    found = ((str(one.relative_to(path)), one.stat()) for one in files)
    content = [(name, stat.st_size, stat.st_mtime_ns) for name, stat in found]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _files(out: Path, name: str) -> ResultFiles:
    labels = out / "labels" / f"{name}_labels.nii.gz"
    return ResultFiles(labels, out / "labels" / f"{name}.json")


def _prepare(out: Path, settings: SegmentationSettings, digest: str, *, force: bool) -> None:
    """Make sure that what lies in the folder of results may be gone on with, and mark it."""
    if any(out.iterdir()) and not force:
        earlier = _read(out / RUN)
        if earlier.get("format") != _FORMAT:
            raise ScanError(
                "is not empty, and not of an earlier run",
                source=out,
                remedy="choose a new folder, or write into this one with --force",
            )
        if earlier.get("settings_digest") != digest:
            raise ScanError(
                "holds results of another model or other settings",
                source=out,
                remedy="choose a new folder, or replace them with --force",
            )
    content = settings.model_dump(mode="json") | {"version": napari_cmr.__version__}
    save_json(out / RUN, {"format": _FORMAT, "settings_digest": digest, "settings": content})


def _read(path: Path) -> dict[str, Any]:
    """Object in a JSON file; empty if it is missing or damaged, as good as never written."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _finished(task: TableTask) -> dict[str, Any] | None:
    """Record of a scan that need not be segmented again."""
    assert task.files.record is not None
    record = _read(task.files.record)
    if record.get("settings") != task.digest or not task.files.labels.is_file():
        return None
    if record.get("made_from") != fingerprint(task.scan.path):
        return None
    try:
        _row(task.scan, record, None)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None  # damaged, as good as never written
    return record


def _row(scan: FoundScan, record: dict[str, Any] | None, failure: Failure | None) -> Row:
    row: Row = {"file": scan.name, "series": scan.series}
    row["status"] = "failed" if failure else "done" if record else "not yet"
    row["problem"] = failure.reason if failure else None
    if record is not None:
        row["problem"] = _left_out(record)
        row |= {key: record.get(key) for key in ("kind", "view", "n_frames", "n_slices")}
        dz, dy, dx = record["spacing_mm"]
        row |= {"slice_distance_mm": dz, "pixel_y_mm": dy, "pixel_x_mm": dx}
        row |= function_row(record)
    return row


def _left_out(record: dict[str, Any]) -> str | None:
    """What a record says of other patients in the folder of a scan."""
    said = zip(record["notes"], record["note_details"], strict=True)
    found = [text for text, one in said if one["code"] == Code.OTHER_PATIENTS]
    return found[0] if found else None


def _columns(rows: list[Row]) -> list[str]:
    """Of the fullest row first: a table that begins with a failure has no other order."""
    return list(dict.fromkeys(name for row in sorted(rows, key=len, reverse=True) for name in row))
