"""What fail2ban's own filter finds: [definition, logs] as JSON in, for each log and line its findings out."""
import json
import logging
import os
import sys
import time

sys.path.insert(0, "/usr/lib/python3/dist-packages")
os.environ["TZ"] = "UTC"
time.tzset()
logging.disable(logging.CRITICAL)

from fail2ban.server.filter import Filter
from fail2ban.server.mytime import MyTime
from fail2ban.tests.dummyjail import DummyJail

definition, now, logs = json.load(sys.stdin)
MyTime.setTime(now)


def new_filter():
    made = Filter(DummyJail())
    made.active = True
    made.setUseDns("no")
    made.setDatePattern(definition["datepattern"])
    if "prefregex" in definition:
        made.prefRegex = definition["prefregex"]
    made.setMaxLines(definition["maxlines"])
    for regex in definition["failregex"]:
        made.addFailRegex(regex)
    for regex in definition["ignoreregex"]:
        made.addIgnoreRegex(regex)
    return made


def finding(found):
    failure = found[3]
    lines = ["".join(parts) for parts in failure.get("matches", [])]
    return [str(found[1]), failure.get("user"), found[2], lines]


def findings(log):
    made = new_filter()
    return [[finding(found) for found in made.processLine(line)] for line in log]


json.dump([findings(log) for log in logs], sys.stdout)
