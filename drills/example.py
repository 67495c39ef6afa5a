"""The example desk: people, a few incidents in different states, and one drill in progress."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from drills import player
from drills.example_people import example_password, give_telephones, make_people
from drills.scenario import shipped
from incident.clock import FrozenClock
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import actions, consulting, reporting, steps
from incident.services import Services
from incident.who import Who

SCENARIO = "school-canteen-salmonella"
DRILL_AGE = timedelta(minutes=4)
Raw = Mapping[str, Any]


class Stage:
    """Plays one example incident at a moment in the past, a few minutes between two steps."""

    def __init__(self, services: Services, people: Mapping[str, Who], start: datetime) -> None:
        self.clock = FrozenClock(start)
        self.services = replace(services, clock=self.clock)
        self.people = people
        self.number = ""

    def report(self, by: str, **raw: object) -> None:
        """File the first report."""
        self.number = self.services.take_number(str(raw["kind"]), drill=False)
        with self.services.transaction() as session:
            reporting.receive(
                session,
                parse(ReportInput, raw),
                number=self.number,
                who=self.people[by],
                now=self.clock.now(),
                rules=self.services.rules,
            )

    def act(self, minutes: int, by: str, action: str, **raw: object) -> None:
        """Take an action some minutes later."""
        self.clock.advance(timedelta(minutes=minutes))
        with self.services.transaction() as session:
            held = steps.hold(session, self.number)
            actions.perform(session, held, action, raw, self.services.context(self.people[by]))

    def opinion(self, minutes: int, by: str, **raw: object) -> None:
        """Let an expert declare no conflict and give an opinion."""
        self.clock.advance(timedelta(minutes=minutes))
        context = self.services.context(self.people[by])
        with self.services.transaction() as session:
            held = steps.hold(session, self.number)
            asked = consulting.running(session, held.id)
            if asked is not None:
                consulting.declare(session, asked, Declaration(), context)
                consulting.give(session, asked, parse(OpinionInput, raw), context)

    def later(self, **length: int) -> str:
        """Return a moment after the present one, as it comes in."""
        return (self.clock.now() + timedelta(**length)).isoformat()


def load_example(services: Services) -> str:
    """Fill an empty desk; return the password of the example accounts. A full desk stays."""
    people = make_people(services)
    with services.reading() as session:
        is_empty = session.scalar(select(Incident.id).limit(1)) is None
    if is_empty:
        now = services.now()
        _canteen(Stage(services, people, now - timedelta(days=9)))
        _infusion(Stage(services, people, now - timedelta(days=5)))
        _false_alarm(Stage(services, people, now - timedelta(days=2)))
        give_telephones(services)
        _banquet(Stage(services, people, now - timedelta(minutes=95)))
        _fresh(Stage(services, people, now - timedelta(minutes=6)))
        past = replace(services, clock=FrozenClock(now - DRILL_AGE))
        player.start(past, shipped()[SCENARIO])
    return example_password(services.settings.data_dir)


def _canteen(stage: Stage) -> None:
    """A closed food incident, from the call to the archive."""
    stage.report(
        "zhiban",
        kind="food",
        source="hospital",
        place={"division": "999902", "address": "示例大道8号"},
        setting="canteen",
        unit={"name": "示例电子厂食堂"},
        occurred_at=(stage.clock.now() - timedelta(hours=5)).isoformat(),
        aware_at=(stage.clock.now() - timedelta(minutes=20)).isoformat(),
        counts={"exposed": 310, "ill": 36, "visited": 36, "hospitalised": 4, "basis": "visited"},
        symptoms=["呕吐", "腹痛", "腹泻"],
        suspect={"product": "凉拌鸡丝", "meal": "午餐"},
    )
    stage.act(18, "zhiban", "verify", conclusion="经电话向医院和单位核实，情况属实")
    stage.act(
        9,
        "zhiban",
        "update_facts",
        facts={"deaths": 0, "severe": 0, "provinces": 1, "cities": 1, "counties": 1},
        source="hospital",
    )
    stage.act(6, "zhiban", "propose_grade", grade="IV")
    stage.act(
        11,
        "zhihui",
        "approve_grade",
        grade="IV",
        criterion="国家评估指标口径 Ⅳ级",
        expert_advice="专家电话意见：符合Ⅳ级，建议会商病因",
    )
    stage.act(
        7,
        "zhihui",
        "activate",
        level="IV",
        matters="示例电子厂食堂疑似食物中毒处置",
        expected_until=stage.later(days=3),
        measures="救治患者；封存食品和留样；采样送检；流行病学调查",
    )
    stage.act(
        40,
        "zhihui",
        "convene",
        question="可能的致病因子和病因食品是什么？",
        experts=["zhuanjia", "zuzhang"],
        due_at=stage.later(hours=6),
    )
    text = "潜伏期和症状符合金黄色葡萄球菌肠毒素中毒，凉拌鸡丝可疑"
    stage.opinion(50, "zhuanjia", grade="IV", confidence="high", text=text, cause="金葡肠毒素")
    stage.opinion(25, "zuzhang", grade="IV", confidence="medium", text="同意，待检验证实")
    _sign(stage)
    stage.act(600, "zuyuan", "note", text="留样检出金黄色葡萄球菌肠毒素，单位已整改")
    _finish(stage, "报告及时，留样完整", "现场采样晚于预案要求", "完善留样冰箱温度记录")


def _infusion(stage: Stage) -> None:
    """A closed drug incident that stayed ungraded."""
    stage.report(
        "zhiban",
        kind="drug",
        source="hospital",
        place={"division": "999901"},
        setting="hospital",
        unit={"name": "示例市中心医院"},
        occurred_at=(stage.clock.now() - timedelta(hours=3)).isoformat(),
        counts={
            "exposed": 60,
            "ill": 6,
            "unexpected": 6,
            "severe": 0,
            "deaths": 0,
            "basis": "confirmed",
        },
        symptoms=["寒战", "发热"],
        suspect={"product": "示例注射液", "producer": "示例制药厂", "batch": "SL20261001"},
    )
    stage.act(15, "zhiban", "verify", conclusion="核实为同批号输液后寒战发热 6 例，均已好转")
    stage.act(10, "zhiban", "propose_grade", grade="ungraded", reason="未达预案最低级别")
    stage.act(
        14,
        "zhihui",
        "approve_grade",
        grade="ungraded",
        criterion="未达Ⅳ级",
        expert_advice="药品专家电话意见：封存同批号，继续监测",
    )
    stage.act(9, "zhihui", "dispose", reason="非级别事件，按常规程序封存、检验、监测")
    _finish(stage, "同批号当日封存", "各科室用药登记不全", "补全输液反应登记")


def _false_alarm(stage: Stage) -> None:
    """A report that was found to be none."""
    stage.report(
        "yiyuan",
        kind="food",
        source="hospital",
        place={"division": "999901"},
        setting="home",
        counts={"ill": 3, "basis": "self_reported"},
        narrative="一家三口呕吐",
    )
    stage.act(12, "zhiban", "dismiss", reason="核实为家庭成员晕车，与食品无关")
    stage.act(6, "daiban", "dismiss", reason="同意排除")


def _banquet(stage: Stage) -> None:
    """A food incident in the middle of its response."""
    stage.report(
        "zhiban",
        kind="food",
        source="phone",
        place={"division": "999902", "address": "示例村"},
        setting="banquet",
        unit={"name": "示例村宴席"},
        occurred_at=(stage.clock.now() - timedelta(hours=4)).isoformat(),
        aware_at=(stage.clock.now() - timedelta(minutes=15)).isoformat(),
        counts={"exposed": 180, "ill": 57, "visited": 41, "severe": 1, "basis": "suspected"},
        symptoms=["恶心", "呕吐", "腹泻"],
        suspect={"meal": "婚宴午餐"},
    )
    stage.act(14, "zhiban", "verify", conclusion="向乡镇卫生院核实，属实，仍有患者陆续就诊")
    stage.act(8, "zhiban", "propose_grade", grade="IV")
    stage.act(
        10,
        "zhihui",
        "approve_grade",
        grade="IV",
        criterion="国家评估指标口径 Ⅳ级",
        expert_advice="专家电话意见：同意Ⅳ级，注意重症",
    )
    stage.act(
        5,
        "zhihui",
        "activate",
        level="IV",
        matters="示例村宴席疑似食物中毒处置",
        expected_until=stage.later(days=2),
        measures="救治患者；封存剩余食品；采样送检",
    )
    stage.act(
        25,
        "zhiban",
        "update_facts",
        facts={"ill": 68, "visited": 60, "hospitalised": 9},
        source="hospital",
        basis="visited",
    )


def _fresh(stage: Stage) -> None:
    """A report of a few minutes ago that waits for verification."""
    stage.report(
        "yiyuan",
        kind="food",
        source="hospital",
        place={"division": "999901", "address": "示例路1号"},
        setting="school",
        unit={"name": "示例市第二实验中学"},
        occurred_at=(stage.clock.now() - timedelta(hours=2)).isoformat(),
        aware_at=(stage.clock.now() - timedelta(minutes=10)).isoformat(),
        counts={"ill": 40, "visited": 40, "basis": "visited"},
        symptoms=["呕吐", "腹痛"],
        narrative="晚自习后多名学生呕吐，仍在增加",
        reporter={"organisation": "示例市中心医院", "phone": "+8610000000091"},
    )


def _sign(stage: Stage) -> None:
    password = example_password(stage.services.settings.data_dir)
    stage.act(
        20,
        "zuzhang",
        "conclude",
        conclusion="病因食品为凉拌鸡丝的可能性大，致病因子以金葡肠毒素可能性大",
        adopted={"measures": ["封存并检验同批熟制鸡肉"], "briefing": "病因待实验室确认"},
        password=password,
    )


def _finish(stage: Stage, well: str, not_well: str, follow_up: str) -> None:
    """End the response and put the incident into the archive."""
    with stage.services.reading() as session:
        incident = session.scalar(select(Incident).where(Incident.number == stage.number))
    plan = stage.services.rules.library.plan(incident.plan if incident else "")
    findings = {ending.id: True for ending in plan.termination}
    stage.act(900, "zhihui", "terminate", findings=findings)
    due = stage.services.rules.day(stage.clock.now() + timedelta(days=30))
    stage.act(
        300,
        "daiban",
        "archive",
        review={"course": "见时间线", "well": well, "not_well": not_well},
        follow_ups=[{"what": follow_up, "owner": "示例单位", "due_on": due.isoformat()}],
        personal_data={"decision": "destroy", "reason": "处置完毕，无留存必要"},
    )
