"""Write ``constraints.txt``: one version for every package that any extra brings (see there).

``make constraints`` runs this. pip resolves without installing; the oldest supported Python is the
one to run it with, as its versions also suit the newer ones.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELD = ["torch==2.13.0"]  # tested with; the package itself accepts any torch from 2.5
# torch names the exact versions of these itself, and they differ between platforms.
FROM_TORCH = ("nvidia-", "cuda-", "triton")
HEADER = """\
# The versions that napari-cmr is developed and tested with: everything that the package and all its
# extras bring on Linux, on Python 3.11 to 3.13. Written by `make constraints`; not edited by hand.
# What torch brings of its own (CUDA libraries) is left to torch, which pins it exactly.
"""


def resolve(extras: list[str]) -> list[str]:
    """Ask pip what it would install for all of `extras`; ``name==version``, sorted by name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", report, f"{ROOT}[{','.join(extras)}]"]
        subprocess.run([*command, "hatchling", "editables", *HELD], check=True)
        packages = json.loads(report.read_text())["install"]
    pins = []
    for package in packages:
        name, version = package["metadata"]["name"], package["metadata"]["version"]
        if name != "napari-cmr" and not name.startswith(FROM_TORCH):
            pins.append(f"{name}=={version.partition('+')[0]}")
    return sorted(pins, key=str.lower)


def main() -> None:
    """Replace the constraints by what resolves today."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = resolve(sorted(project["optional-dependencies"]))
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n")


if __name__ == "__main__":
    main()
