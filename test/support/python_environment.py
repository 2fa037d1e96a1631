"""Installs programs of Python aside: `python_environment.py FOLDER REQUIREMENTS` makes FOLDER the environment that the file asks for, once for each version of it.
With `--upgrade`, what the file leaves open is the newest each time.

uv does in a second what pip needs half a minute for; what the machine tells pip of its indexes and its certificate, uv is told too.
"""

from __future__ import annotations

import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

UV = "0.13.9"
TOOLS = pathlib.Path(__file__).resolve().parents[2] / ".tools"
#: Settings by which pip finds packages, as uv names them.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS", "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
}  # fmt: skip


def settings() -> dict[str, str]:
    """What pip goes by here, from its files and its variables, which come first."""
    found: dict[str, str] = {}
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    for place, name, value in re.findall(r"^(global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE):
        if name in SETTINGS and (place == ":env:" or name not in found):
            found[name] = ",".join(value.replace("\\n", " ").split()) if name == "find-links" else " ".join(value.replace("\\n", " ").split())
    return {SETTINGS[name]: value for name, value in found.items()}


def uv() -> pathlib.Path:
    """The program of uv, a folder for each version."""
    folder = TOOLS / f"uv-{UV}"
    if not folder.exists():
        quiet = ["--quiet", "--disable-pip-version-check", "--no-compile", "--root-user-action", "ignore"]
        subprocess.run([sys.executable, "-m", "pip", "install", *quiet, "--target", f"{folder}.new", f"uv=={UV}"], check=True)
        pathlib.Path(f"{folder}.new").rename(folder)
    return folder / "bin/uv"


def install(folder: pathlib.Path, requirements: pathlib.Path, flags: list[str]) -> None:
    wanted, installed = requirements.read_bytes(), folder / "requirements.txt"
    if not installed.exists() or installed.read_bytes() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    elif not flags:
        return
    command = [uv(), "pip", "install", "--quiet", *flags, "--python", folder / "bin/python", "--requirement", requirements]
    subprocess.run(command, env={**settings(), **os.environ}, check=True)
    installed.write_bytes(wanted)


if __name__ == "__main__":
    TOOLS.mkdir(exist_ok=True)
    folder = pathlib.Path(sys.argv[1])
    folder.parent.mkdir(parents=True, exist_ok=True)
    # proofs that run at once install one after another, and those of two checkouts where they share a folder
    with (TOOLS / "python.lock").open("w") as tools, pathlib.Path(f"{folder}.lock").open("w") as shared:
        fcntl.flock(tools, fcntl.LOCK_EX)
        fcntl.flock(shared, fcntl.LOCK_EX)
        install(folder, pathlib.Path(sys.argv[2]), sys.argv[3:])
