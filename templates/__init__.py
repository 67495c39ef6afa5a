"""Words and looks: pages, messages, documents, styles and translations, as data."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parent


def make_environment(folder: str) -> Environment:
    """Return an environment for one folder of templates; every value is escaped.

    A name that is missing is an error, not an empty string.
    """
    return Environment(
        loader=FileSystemLoader(ROOT / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
