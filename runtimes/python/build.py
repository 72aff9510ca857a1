"""Builds the managed Python runtime: `python build.py OUTPUT` makes `runtime.wasm` and `library.zip` in the folder OUTPUT.

Needs Python 3.10 or newer, and PyPI by way of pip, with whatever index is configured for it. `hearth runtime install` runs this;
each line on standard output is a step, for people to see.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile

HERE = pathlib.Path(__file__).resolve().parent

#: What in the component's file system holds the libraries: componentize-py puts the folder there.
LIBRARY_IN_GUEST = "0"
STANDARD_LIBRARY_IN_GUEST = "python"

#: Entries of the archive have one time, so that equal inputs make equal files.
ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: python build.py OUTPUT")
    if sys.version_info < (3, 10):
        sys.exit(f"Python {sys.version.split()[0]} is too old: Python 3.10 or newer is needed")
    output = pathlib.Path(arguments[0]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hearth-python-") as folder:
        build(pathlib.Path(folder), output)


def build(folder, output):
    step("making a virtual environment")
    tools = folder / "tools"
    venv.create(tools, with_pip=True)
    step("fetching componentize-py from PyPI")
    pip(tools, "--requirement", HERE / "requirements-build.txt")
    step("fetching boto3 from PyPI")
    library = folder / "library"
    pip(tools, "--requirement", HERE / "requirements.txt", "--target", library, "--no-compile")
    shutil.rmtree(library / "bin", ignore_errors=True)
    shutil.copytree(HERE / "src", library, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))

    step("starting Python in WebAssembly and importing what handlers need")
    standard_library = componentize(tools, folder, library, output / "runtime.wasm")
    step("packing the libraries")
    pack(output / "library.zip", {LIBRARY_IN_GUEST: library, STANDARD_LIBRARY_IN_GUEST: standard_library})


def pip(tools, *arguments):
    run(
        program(tools, "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps",
        "--only-binary", ":all:", *arguments,
    )  # fmt: skip


def componentize(tools, folder, library, wasm):
    """Makes the component, and gets the standard library out of it on the way: only its interpreter knows where that is."""
    wit = folder / "wit"
    shutil.copytree(HERE / "wit", wit)
    # Without an environment of its own, the one that this runs in would be seen from inside.
    empty = folder / "empty"
    venv.create(empty, with_pip=False)
    environment = {**os.environ, "VIRTUAL_ENV": str(empty)}
    environment.pop("PYTHONPATH", None)
    run(
        program(tools, "componentize-py"), "--wit-path", wit, "--world", "managed", "componentize", "hearth_runtime", "--python-path",
        library, "--output", wasm, env=environment,
    )  # fmt: skip
    copied = library / "_hearth" / "standard-library"
    standard_library = folder / "standard-library"
    shutil.move(copied, standard_library)
    return standard_library


def pack(archive, roots):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for root, folder in sorted(roots.items()):
            for path in sorted(folder.rglob("*")):
                parts = path.relative_to(folder).parts
                if path.is_file() and "__pycache__" not in parts:
                    entry = zipfile.ZipInfo("/".join((root, *parts)), ENTRY_TIME)
                    target.writestr(entry, path.read_bytes())


def program(environment, name):
    return environment / ("Scripts" if os.name == "nt" else "bin") / name


def run(*command, env=None):
    done = subprocess.run([str(part) for part in command], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout.strip()}\n`{pathlib.Path(str(command[0])).name}` failed with status {done.returncode}")


def step(text):
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
