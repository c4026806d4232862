"""Prepare what ``make`` needs: system libraries for a window, a virtual environment, the package.

Runs on the bare Python of the machine, so it uses the standard library only. What is already there
is left alone: a second call with the same ``pyproject.toml`` and ``constraints.txt`` runs no pip,
no apt, and needs no network.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from system_packages import ensure_python_venv, ensure_window

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"


def fingerprint(python: Path) -> str:
    """Digest of all that decides what is installed, and where."""
    version = re.search(r"__version__.*", (ROOT / "src/napari_cmr/__init__.py").read_text())
    parts = [
        (ROOT / "pyproject.toml").read_text(),
        CONSTRAINTS.read_text(),
        version.group() if version else "",
        str(ROOT),
        str(python.resolve()),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def runs(python: Path) -> bool:
    """Whether this interpreter starts and has pip (an upgrade of the system may have broken it)."""
    command = [python, "-c", "import pip"]
    return python.exists() and subprocess.run(command, check=False).returncode == 0


def environment(venv: Path) -> Path:
    """Make the virtual environment where there is no working one; return its interpreter."""
    python = venv / "bin" / "python"
    if not runs(python):
        if (venv / "pyvenv.cfg").exists():
            shutil.rmtree(venv)
        ensure_python_venv()
        say(f"making the virtual environment {venv} with Python {sys.version.split()[0]}")
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    return python


def install(python: Path, extras: set[str], marker: Path) -> None:
    """Install the package, editable, with pinned versions; note it in `marker`.

    An environment keeps every extra that it was ever asked for, so that ``make demo`` after
    ``make test`` has nothing to do.
    """
    digest = fingerprint(python)
    done = json.loads(marker.read_text()) if marker.exists() else {"digest": "", "extras": []}
    if done["digest"] == digest and extras <= set(done["extras"]):
        return
    wanted = sorted(extras | set(done["extras"]))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--constraint", CONSTRAINTS]
    say(f"installing napari-cmr[{','.join(wanted)}] (the first time this downloads a lot)")
    # The build backend goes in beside the rest: an isolated build would fetch it on every call.
    subprocess.run([*pip, "hatchling", "editables"], check=True)
    package = f"{ROOT}[{','.join(wanted)}]"
    subprocess.run([*pip, "--no-build-isolation", "--editable", package], check=True)
    marker.write_text(json.dumps({"digest": digest, "extras": wanted}))


def say(message: str) -> None:
    """Tell the person what is going on."""
    print(f"-- {message}", flush=True)


def main() -> int:
    """Set up for one make target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--extras", required=True, help="comma-separated extras of the package")
    parser.add_argument("--window", action="store_true", help="the target opens a window")
    options = parser.parse_args()
    if options.window:
        ensure_window()
    try:
        python = environment(options.venv.absolute())
        extras = set(options.extras.split(","))
        install(python, extras, options.venv / ".napari-cmr-installed.json")
    except subprocess.CalledProcessError as error:
        say(f"stopped: this command failed: {' '.join(map(str, error.cmd))}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
