"""A plugin of pytest for ceph/s3-tests: writes a line of JSON for each case, and keeps the cases apart.

The suite removes all buckets with its prefix before and after each case. A bucket that can't be removed, since a version in it
is locked until 2030, would make every later case an error; so each case gets a prefix of its own.
"""

import itertools
import json
import os
import pathlib

import pytest

LOG = pathlib.Path(os.environ["CONFORMANCE_LOG"])
RUNNING = pathlib.Path(f"{LOG}.running")
DONE = set(pathlib.Path(os.environ["CONFORMANCE_DONE"]).read_text().splitlines())
MESSAGE_LENGTH = 300
_verdicts = {}


def case_of(nodeid):
    return nodeid.split("functional/")[-1]


def pytest_collection_modifyitems(config, items):
    left = [item for item in items if case_of(item.nodeid) not in DONE]
    config.hook.pytest_deselected(items=[item for item in items if case_of(item.nodeid) in DONE])
    # What counts all buckets of an account comes first: a bucket that can't be removed is in its way.
    items[:] = sorted(left, key=lambda item: "list_buckets" not in item.name)
    keep_apart()


def keep_apart():
    import s3tests.functional as suite

    numbers = itertools.count()
    whole_teardown = suite.teardown

    def setup():
        suite.prefix = f"case-{os.getpid()}-{next(numbers)}-"

    def teardown():
        if "test_iam" in RUNNING.read_text() or "test_sts" in RUNNING.read_text():
            return whole_teardown()
        for client in (suite.get_client(), suite.get_alt_client(), suite.get_tenant_client()):
            suite.nuke_prefixed_buckets(prefix=suite.prefix, client=client)

    suite.setup, suite.teardown = setup, teardown


def pytest_runtest_logstart(nodeid):
    RUNNING.write_text(case_of(nodeid))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    case = case_of(report.nodeid)
    verdict = _verdicts.setdefault(case, {"outcome": "passed", "message": "", "markers": []})
    verdict["markers"] = sorted({mark.name for mark in item.iter_markers()})
    # What the suite can't remove afterwards says nothing of the case.
    if report.when != "teardown" and not report.passed:
        outcome = report.outcome if report.when == "call" or report.skipped else "error"
        verdict.update(outcome=outcome, message=message_of(report))


def pytest_runtest_logfinish(nodeid):
    case = case_of(nodeid)
    with LOG.open("a") as log:
        log.write(json.dumps({"case": case, **_verdicts.pop(case)}) + "\n")
    RUNNING.unlink()


def message_of(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    return text.strip().split("\n")[0][:MESSAGE_LENGTH]
