"""Where handlers come from."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SAMPLES = REPOSITORY / "functions" / "python"


def files_of(folder):
    """The files of a folder for a zip: content by name."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
