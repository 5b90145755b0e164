"""`make bench`: packs the built functions as `sam deploy` would and hands everything to the bench, which
measures them beside a bare function. Builds nothing; arguments go to the bench (`--strict`, `--runs N`, …)."""

import os
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".aws-sam" / "build"
RELEASE = ROOT / "target" / "lambda"
PACKAGES = ROOT / ".local" / "bench"


def package(name: str, function: str) -> Path:
    """The function's zip file, compressed as the SAM command line does."""
    PACKAGES.mkdir(parents=True, exist_ok=True)
    path = PACKAGES / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(BUILT / function / "bootstrap", "bootstrap")
    return path


def main() -> None:
    bench = RELEASE / "bench" / "bootstrap"
    os.execv(bench, [
        str(bench),
        "--hello", str(RELEASE / "hello" / "bootstrap"),
        "--slash", str(BUILT / "SlashFunction" / "bootstrap"),
        "--ci", str(BUILT / "CiFunction" / "bootstrap"),
        "--waiter", str(BUILT / "WaiterFunction" / "bootstrap"),
        "--longshore", str(RELEASE / "longshore" / "bootstrap"),
        "--config", str(ROOT / "sim" / "local" / "longshore.toml"),
        "--package", str(package("slash", "SlashFunction")),
        "--package", str(package("ci", "CiFunction")),
        "--package", str(package("waiter", "WaiterFunction")),
        *sys.argv[1:],
    ])


if __name__ == "__main__":
    main()
