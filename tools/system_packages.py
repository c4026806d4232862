"""What Qt, OpenGL and the virtual display need from the system, found by trying to load it.

A library is looked for by its file name, so that this works on every distribution; on those with
apt, what is missing is installed when that needs no password, and otherwise the one line to type is
printed.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Every library outside their wheels that libqxcb, its OpenGL plugins and the Qt modules of PyQt5
# and PyQt6 link to (`ldd` on each), and the Debian package that holds it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxcb-cursor.so.0": "libxcb-cursor0",  # PyQt6
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",  # PyQt5
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
PROGRAMS = {"Xvfb": "xvfb", "xvfb-run": "xvfb", "xauth": "xauth"}


def loads(library: str) -> bool:
    """Whether the dynamic loader finds this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_for_window() -> dict[str, str]:
    """Files that a window needs and that are not here, each with its Debian package."""
    missing = {name: package for name, package in LIBRARIES.items() if not loads(name)}
    missing |= {name: package for name, package in PROGRAMS.items() if not shutil.which(name)}
    return missing


def ensure_window() -> None:
    """Install what a window needs where that is possible; say what to do where it is not."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_for_window()
    if not missing:
        return
    if install(sorted(set(missing.values()))):
        missing = missing_for_window()
    if missing:
        say(f"not found on this machine: {', '.join(sorted(missing))}; going on without")


def ensure_python_venv() -> None:
    """Debian packs the part of Python that makes virtual environments on its own."""
    if importlib.util.find_spec("ensurepip") is None:
        install([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])


def install(packages: list[str]) -> bool:
    """Install Debian packages when root or a password-free sudo allows it; True on success."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        say(f"needed from the system; these are the Debian names of the packages: {names}")
        return False
    privilege = privileged()
    if privilege is None:
        say(f"this machine lacks some system libraries; type:\n   sudo apt-get install -y {names}")
        return False
    say(f"installing system packages: {names}")

    def succeeds(command: list[str]) -> bool:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)
        return done.returncode == 0

    apt = [*privilege, "apt-get", "-q", "-o", "Acquire::Retries=1"]
    update = [*apt, "update"]
    add = [*apt, "install", "-y", "--no-install-recommends", *packages]
    listed = any(Path("/var/lib/apt/lists").glob("*_Packages*"))
    if listed and succeeds(add):
        return True
    # No package lists yet, or lists older than the archive.
    succeeds(update)
    if succeeds(add):
        return True
    say(f"that did not work; once the machine can reach its archive, type:\n   {' '.join(add)}")
    return False


def privileged() -> list[str] | None:
    """Words to put before a command to run it as root without a password, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if asked.returncode == 0 else None


def say(message: str) -> None:
    """Tell the person what is going on."""
    print(f"-- {message}", flush=True)
