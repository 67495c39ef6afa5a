"""One invented incident as official documents of each kind, and a reader of what was printed."""

import io
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from incident.documents import (
    ActivationOrder,
    Change,
    Counts,
    Facts,
    Final,
    Group,
    Initial,
    Milestone,
    OfficialDocument,
    Progress,
    Section,
    Special,
    Status,
    Table,
    Urgency,
)

LUNCH = datetime(2026, 11, 23, 3, 50, tzinfo=UTC)  # 11:50 in Shanghai.
ISSUED = datetime(2026, 11, 23, 7, 2, tzinfo=UTC)
CHAIN_HEAD = "3f2a9c1be4d07586"

COUNTS = Counts(
    exposed=412,
    ill=37,
    visited=35,
    hospitalised=12,
    severe=0,
    deaths=0,
    basis="按病例定义去重后统计",
    as_of=LUNCH + timedelta(hours=3),
)
FACTS = Facts(
    name="示例市第一实验小学疑似食物中毒事件",
    kind="food",
    occurred_at=LUNCH,
    received_at=LUNCH + timedelta(minutes=75),
    source="医疗机构",
    reporter="示例市中心医院",
    reporter_contact="+8610000000012",
    place="示例省示例市示例区示例路1号",
    unit="示例市第一实验小学",
    licence="JY30000000000001",
    course="学生在学校食堂就餐后陆续出现恶心、呕吐。",
    counts=COUNTS,
    symptoms="恶心、呕吐、腹痛",
    first_onset_at=LUNCH + timedelta(minutes=50),
    last_onset_at=LUNCH + timedelta(minutes=140),
    incubation="0.8—2.3小时",
    suspect="11月23日午餐，卤鸭腿",
    samples="留样12份已送检",
    cause="金黄色葡萄球菌肠毒素",
    scope="限于该校就餐师生",
    loss="约8.6万元",
    trend="总体平稳",
    opinion="未见不实信息",
    measures=("组织患者救治", "封存可疑食品26.5千克"),
    next_steps=("继续救治", "加快检测"),
    grade="Ⅳ级（一般）",
    response="启动Ⅳ级应急响应",
)
CONTENTS = {
    "initial": Initial(),
    "progress": Progress(
        sequence=2,
        previous_at=ISSUED,
        changes=(Change(label="发病人数", old=29, new=37, basis="示例市中心医院登记"),),
    ),
    "final": Final(
        terminated_at=LUNCH + timedelta(days=4),
        conclusion="一般食品安全突发事件",
        responsibility="承包企业负主要责任",
        rectification="停业整顿14日",
        lessons="应当纳入必查项",
        milestones=(
            Milestone(label="书面初报", at=ISSUED, due=ISSUED - timedelta(minutes=2), basis="4.2"),
        ),
    ),
    "special": Special(reason="现就共性问题专题报告如下："),
    "activation_order": ActivationOrder(
        matter="救治、控制、调查",
        grade="Ⅳ级",
        period="自生效之时起7日",
        measures=("救治患者", "封存食品"),
        effective_at=ISSUED,
        groups=(Group(name="医疗救治组", lead="市卫生健康委员会", duty="组织救治"),),
    ),
}


def make_document(kind: str = "initial", **changes: Any) -> OfficialDocument:
    """Return an issued document with every fact known."""
    document = OfficialDocument(
        content=CONTENTS[kind],
        facts=FACTS,
        status=Status.ISSUED,
        organisation="示例市市场监督管理局",
        incident="SLS-2026-0017",
        facts_version=7,
        chain_head=CHAIN_HEAD,
        drill=False,
        number="示市监应急〔2026〕17号",
        issued_at=ISSUED,
        addressees=("示例市人民政府",),
        cc=("示例市教育局",),
        signer="张示例",
        urgency=Urgency.EXTRA_URGENT,
    )
    return replace(document, **changes)


def make_draft(kind: str = "initial", **changes: Any) -> OfficialDocument:
    """Return the same as a draft, without number and time of issue."""
    unissued: dict[str, Any] = {"status": Status.DRAFT, "number": None, "issued_at": None}
    return make_document(kind, **(unissued | changes))


def make_long(text: str, **changes: Any) -> OfficialDocument:
    """Return a special report whose one section is this text."""
    return make_document("special", sections=(Section(heading="情况", text=text),), **changes)


def make_giant(rows: int) -> OfficialDocument:
    table = Table(columns=("甲", "乙"), rows=tuple((row, "内容") for row in range(rows)))
    return make_document("special", sections=(Section(heading="清单", table=table),))


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on a page, in points from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Paper:
    """A printed document, as a reader's eyes and a forensic tool see it."""

    def __init__(self, pdf: bytes, folder: Path) -> None:
        self.bytes = pdf
        self.reader = PdfReader(io.BytesIO(pdf))
        self._file = folder / "paper.pdf"
        self._file.write_bytes(pdf)

    @property
    def pages(self) -> list[str]:
        return [_compact(page.extract_text()) for page in self.reader.pages]

    @property
    def text(self) -> str:
        return "".join(self.pages)

    @property
    def fonts(self) -> set[str]:
        """The faces inside, each embedded as a subset, by pdffonts."""
        rows = self._run("pdffonts", "{}").splitlines()[2:]
        assert all(re.search(r" yes yes yes ", row) for row in rows), rows
        return {row.split()[0].partition("+")[2] for row in rows}

    def lines(self, page: int) -> list[Line]:
        """The words of a page (from 1), which in Chinese are its lines."""
        number = str(page)
        html = self._run("pdftotext", "-f", number, "-l", number, "-bbox", "{}", "-")
        return [_line(word) for word in ET.fromstring(html).iter() if word.tag.endswith("word")]  # noqa: S314

    def streams(self) -> bytes:
        """Everything in the file, unpacked, for the search of what must not be there."""
        found = [self.bytes]
        for number in range(1, len(self.reader.xref[0]) + 1):
            unpacked = getattr(self.reader.get_object(number), "get_data", None)
            found.append(unpacked() if unpacked else b"")
        return b"\n".join(found)

    def _run(self, *command: str) -> str:
        arguments = [part.format(self._file) for part in command]
        return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


Printer = Callable[[OfficialDocument], Paper]


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text)


def _line(word: ET.Element) -> Line:
    left, top, right, bottom = (float(word.attrib[key]) for key in ("xMin", "yMin", "xMax", "yMax"))
    return Line(word.text or "", left, top, right, bottom)
