"""Answers for the tests what Python's `re`, and fail2ban as installed, make of patterns and texts.

Reads one JSON object a line from standard input and answers each with one on standard output:

{"pattern": ..., "multiline": ..., "texts": [...]}
    {"names", "matches"}: the groups' names with their numbers, and for each text the spans of all groups of the first
    match, counted in UTF-16 code units, or null, or "timeout"; or {"error"} if it is no pattern
{"tagged": ...}
    the pattern with fail2ban's groups in the place of its tags
{"samples": true}
    every search that fail2ban's own test suite makes for its sample logs: [pattern, multiline, text]
"""

import contextlib
import json
import re
import signal
import sys
import unittest
import warnings

warnings.simplefilter("ignore")


def search(pattern, multiline, texts):
    try:
        regex = re.compile(pattern, re.MULTILINE if multiline else 0)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        return {"error": str(error), "offset": getattr(error, "pos", None)}
    return {"names": dict(regex.groupindex), "matches": [limited(regex, text) for text in texts]}


def limited(regex, text):
    """Some patterns take ages for some texts."""
    signal.setitimer(signal.ITIMER_VIRTUAL, 1)
    try:
        return spans(regex.search(text))
    except TimeoutError:
        return "timeout"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def expire(*_):
    raise TimeoutError


def spans(match):
    if match is None:
        return None
    text = match.string
    if text.isascii():
        return match.regs
    units = lambda end: -1 if end < 0 else len(text[:end].encode("utf-16-le", "surrogatepass")) // 2
    return [(units(start), units(end)) for start, end in match.regs]


def tagged(pattern):
    from fail2ban.server.failregex import R_GLOB2LOCFLAGS, Regex

    return R_GLOB2LOCFLAGS[0].sub(R_GLOB2LOCFLAGS[1], Regex._resolveHostTag(pattern))


def samples():
    from fail2ban.server import failregex
    from fail2ban.tests import samplestestcase, utils

    searches = {}
    plain = failregex.Regex.search

    def recorded(self, lines, original=None):
        text = lines if isinstance(lines, str) else failregex.Regex._tupleLinesBuf(lines)
        regex = self._regexObj
        searches[(regex.pattern, bool(regex.flags & re.MULTILINE), text)] = True
        return plain(self, lines, original)

    failregex.Regex.search = recorded
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(samplestestcase.FilterSamplesRegex)
    with contextlib.redirect_stdout(sys.stderr):
        utils.initTests(None)
        suite.run(unittest.TestResult())
    failregex.Regex.search = plain
    return list(searches)


def answer(request):
    if "tagged" in request:
        return tagged(request["tagged"])
    if "samples" in request:
        return samples()
    return search(request["pattern"], request["multiline"], request["texts"])


signal.signal(signal.SIGVTALRM, expire)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
