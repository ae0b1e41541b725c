"""Packages of npm for a suite that needs them: installed from a lock file below build/, once for each lock file."""

import hashlib
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]


def installed(source, script):
    """The folder where `script` of the folder `source` stands beside its packages; None where there is no npm."""
    if shutil.which("npm") is None:
        return None
    lock = (source / "package-lock.json").read_bytes()
    folder = ROOT / "build" / source.name / hashlib.sha256(lock).hexdigest()[:12]
    if not (folder / "node_modules/.package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(source / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    shutil.copy(source / script, folder)
    return folder
