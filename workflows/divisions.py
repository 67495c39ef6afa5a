"""Administrative divisions by their GB/T 2260 code."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "tables" / "divisions.csv"
LEVELS = {"province": 2, "prefecture": 4, "county": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Divisions:
    """Names by six-digit code: provinces, prefectures and counties."""

    names: Mapping[str, str]

    @classmethod
    @cache
    def load(cls, table: Path = TABLE) -> "Divisions":
        """Read the table, whose lines before the heading tell its source."""
        lines = table.read_text(encoding="utf-8").splitlines()
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return cls(names={row["code"]: row["name"] for row in rows})

    def name(self, code: str) -> str | None:
        """Return the division's own name, None when the code is not known."""
        return self.names.get(code)

    def full_name(self, code: str) -> str | None:
        """Return the name with those of the divisions above it, None when not known."""
        if not self.exists(code):
            return None
        above = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
        return "".join(self.names[part] for part in above if part in self.names)

    def exists(self, code: str) -> bool:
        """Tell whether the code is in the table."""
        return code in self.names

    def within(self, code: str, prefix: str) -> bool:
        """Tell whether a division lies in another, given by code or by its first digits."""
        return code.startswith(territory(prefix))


def territory(code: str) -> str:
    """Return the leading digits that all divisions inside share: 320000 → 32, 320100 → 3201."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
