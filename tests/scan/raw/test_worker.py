"""The child process answers with a scan or a problem, within limits that it sets itself."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon

from napari_cmr.scan import Scan
from napari_cmr.scan.raw import worker


def ask(path: Path, answer: Path, **limits) -> subprocess.CompletedProcess:
    request = {"path": str(path), "spacing": [8, 2, 2], "cpu_s": 20, "memory": 2**35}
    text = json.dumps(request | {"answer": str(answer)} | limits)
    command = [sys.executable, "-m", worker.__name__, text]
    return subprocess.run(command, capture_output=True, check=False)


def test_a_scan_and_a_problem_come_back(tmp_path: Path) -> None:
    path, answer = tmp_path / "cine.mat", tmp_path / "answer"
    write_cmrxrecon(path, forward(coil_images((2, 1, 8, 6), 2)))
    assert ask(path, answer).returncode == 0
    found = pickle.loads(answer.read_bytes())
    assert isinstance(found, Scan)
    assert found.spacing == (8, 2, 2)
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert ask(path, answer).returncode == 0
    problem, remedy = pickle.loads(answer.read_bytes())
    assert "damaged" in problem
    assert remedy


def test_limits_end_it(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    code = (
        "import resource; from napari_cmr.scan.raw import worker; worker._limit(1.2, 2**36);"
        "print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS))\n"
        "while True: pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -24  # SIGXCPU
    assert resource.RLIMIT_CPU is not None
