"""What `sam build` packed: the zipped size of each function, with and without boto3.

Decides whether the package keeps within its budget. Lambda's own zip may differ by a little: what
is measured is Python's, of the same files.
"""

import io
import sys
import zipfile
from pathlib import Path

BUDGET = 5_000_000  # bytes, zipped, without boto3
# boto3 and what comes with it alone; jmespath is Powertools', too.
BOTO3 = ("boto3", "botocore", "s3transfer", "urllib3", "dateutil", "python_dateutil", "six")


def zipped(folder: Path, left_out: tuple[str, ...] = ()) -> int:
    """The bytes of the folder's files in one compressed archive, less those packages."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            name = inside.parts[0].split("-")[0].removesuffix(".py")
            if path.is_file() and name not in left_out:
                archive.write(path, inside)
    return buffer.tell()


def main(folders: list[str]) -> int:
    """Print a line for each built function; 1 if one exceeds the budget or none was built."""
    sizes = {folder: zipped(Path(folder), BOTO3) for folder in folders if Path(folder).is_dir()}
    for folder, size in sizes.items():
        print(
            f"{folder}: {zipped(Path(folder)):,} bytes zipped, "
            f"{size:,} without boto3 (budget {BUDGET:,})"
        )
    good = sizes and len(sizes) == len(folders) and max(sizes.values()) <= BUDGET
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
