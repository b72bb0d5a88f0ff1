"""What a release consists of: its notes, both stacks as they were built, and the hashes of all.

``notes TAG`` writes dist/notes.md, and fails where tag, version and changelog do not agree.
``assets TAG`` adds to dist/assets, beside wheel and source, an archive for each stack that
``sam deploy`` takes as it is, and SHA256SUMS.  It uploads nothing.
"""

import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

DIST, ASSETS = Path("dist"), Path("dist/assets")
# Where `make build` leaves each stack: a template, and a folder for each function.
STACKS = {"source-account": Path(".aws-sam/build"), "backup-account": Path(".aws-sam/backup")}


class ReleaseError(Exception):
    """The release cannot be made; the message says what does not agree."""


def version_of(tag: str, code: str) -> str:
    """The version that ``code`` (the package's ``__init__.py``) and the tag agree on."""
    found = re.search(r'^__version__ = "(.+)"$', code, re.MULTILINE)
    if not found or tag != f"v{found[1]}":
        raise ReleaseError(f"the tag is {tag}, and the version {found[1] if found else 'unknown'}")
    return found[1]


def notes(changelog: str, version: str) -> str:
    """The changelog's section of a version, without its heading; it has to bear a date."""
    sections = re.split(r"^## (.+)\n", changelog, flags=re.MULTILINE)
    for heading, text in zip(sections[1::2], sections[2::2], strict=True):
        if heading.split()[0] != version:
            continue
        if not re.fullmatch(r"\S+ \(\d{4}-\d{2}-\d{2}\)", heading):
            raise ReleaseError(f'CHANGELOG.md has "{heading}": put the date in the brackets')
        return text.strip() + "\n"
    raise ReleaseError(f"CHANGELOG.md has no section of {version}")


def pack(folder: Path, archive: Path) -> None:
    """All files of a folder, under the archive's own name; the same files, the same bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise ReleaseError(f"nothing is built in {folder}")
    with ZipFile(archive, "w", ZIP_DEFLATED) as out:
        for path in files:
            inside = ZipInfo(f"{archive.stem}/{path.relative_to(folder).as_posix()}")
            inside.external_attr = 0o644 << 16
            out.writestr(inside, path.read_bytes(), ZIP_DEFLATED)


def main(command: str, tag: str) -> None:
    """Do the one or the other; raises ReleaseError."""
    version = version_of(tag, Path("backup_function/rds_backup/__init__.py").read_text())
    if command == "notes":
        DIST.mkdir(exist_ok=True)
        here = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}".format_map(os.environ)
        said = notes(Path("CHANGELOG.md").read_text(), version)
        # A page of releases has no files beside it.
        (DIST / "notes.md").write_text(said.replace("](docs/", f"]({here}/blob/{tag}/docs/"))
        return
    for stack, folder in STACKS.items():
        pack(folder, ASSETS / f"rds-backup-{version}-{stack}.zip")
    made = sorted(ASSETS.glob("rds*"))
    sums = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made]
    (ASSETS / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ReleaseError as error:
        sys.exit(f"no release: {error}")
