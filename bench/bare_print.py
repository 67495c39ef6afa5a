"""The floor of a briefing: WeasyPrint alone on a plain page of the same text.

Run as `python -m bench.bare_print COUNT`; writes one line of JSON, times in milliseconds.
"""

import json
import os
import sys
import time

from weasyprint import HTML

from bench.processes import memory
from bench.samples import median, milliseconds

LINES = tuple(
    f"（{number}）示例市第一实验小学学生在学校食堂就餐后陆续出现恶心、呕吐、腹痛等症状，"
    "示例市中心医院接诊后报告，现场已封存剩余食品并采样送检，患者病情平稳，调查仍在进行。"
    for number in range(1, 7)
)
PAGE = (
    "<style>@page{size:A4;margin:37mm 26mm 35mm 28mm}body{font-size:16pt;line-height:29pt}</style>"
    + "".join(f"<p>{line}</p>" for line in LINES)
)


def main(count: int) -> None:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        document = HTML(string=PAGE).render()
        pdf = document.write_pdf()
        times.append(time.perf_counter() - start)
    told = {
        "cold": milliseconds(times[0]),
        "warm": milliseconds(median(times[1:])),
        "size": round(len(pdf) / 1000, 1),
        "pages": len(document.pages),
        "memory": round(memory(os.getpid())),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
