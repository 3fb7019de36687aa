#!/usr/bin/env python3
"""The way back: drives change hands between this server and a reference server (MinIO), and both answer the same from them.

    scripts/way-back /path/to/minio [--scenario objects,encryption] [--drives 1,4] [--legs 4] [--first rustfs]

Not part of the test command, since it needs the other server's binary. On the same drives the servers take turns. Each one
first must answer everything as the one before it did, also with as many drives missing as parity allows; then it changes what the other left
and adds a generation of its own. After every turn `fsck` must find the drives sound. This server is RUSTFS_BIN. Scenarios are in `scenarios/`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]
from scenarios import ALL  # noqa: E402
from scenarios.base import see  # noqa: E402  (it also finds the harness)
from harness.server import Server, binary  # noqa: E402

# Drives that may be missing while everything stays readable: the default parity of a set of that size.
PARITY = {1: 0, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 3}


def compare(title, wanted, found):
    """Number of answers that differ; prints the first of them."""
    wrong = {k: see.diff(wanted.get(k), found.get(k)) for k in wanted.keys() | found.keys()}
    wrong = {k: d for k, d in wrong.items() if d}
    print(f"  {title}: {len(wanted)} answers, {len(wrong)} differ", flush=True)
    for name in sorted(wrong)[:15]:
        print(f"    {name}: {'; '.join(wrong[name][:4])}")
    return len(wrong)


class Deployment:
    """The drives, and whose turn it is."""

    def __init__(self, drives, programs, scenario):
        self.server = Server(drives=drives, env=scenario.env, tls=scenario.tls)
        scenario.prepare(self.server)
        self.programs = programs
        self.hidden = PARITY.get(scenario.set_size or drives, 4)

    def start(self, name, wait="cluster"):
        self.server.program = self.programs[name]
        return self.server.start(wait)

    def stop(self):
        status = self.server.stop()
        if status != 0:
            raise RuntimeError(f"exit status {status}\n{self.server.log_tail()}")

    def kill(self):
        """As a power cut ends it; then what an operator does."""
        self.server.kill()
        done = self.tool("recover")
        if done.returncode != 0:
            raise RuntimeError(f"recover ended with {done.returncode}\n{done.stdout}{done.stderr}")

    def tool(self, *args):
        env = {**os.environ, "MINIO_CI_CD": "1", "CI": "true", **self.server.env}
        return subprocess.run([self.programs["rustfs"], *args, *self.server.args], cwd=self.server.root, env=env, capture_output=True, text=True)

    def unsound(self, after):
        """Number of findings of fsck that are more than remains."""
        done = self.tool("fsck", "--json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        wrong = [line for line in lines if line["type"] == "finding" and line["severity"] != "harmless"]
        for finding in wrong[:5]:
            print(f"    fsck after {after}: {finding}")
        if done.returncode != 0 and not wrong:
            print(f"    fsck after {after}: exit status {done.returncode}: {done.stderr}")
        return len(wrong) or int(done.returncode != 0)

    def introduce(self, names):
        """Lets each server write its own settings on the empty drives: MinIO's first start needs a write quorum for them."""
        for name in names:
            self.start(name)
            self.stop()

    def without_parity(self, scenario, name, wanted):
        """Asks again with the last drives gone: files in their place, so that nothing can be healed onto them."""
        held = scenario.held_without_parity(wanted)
        if not self.hidden or held is None:
            return 0
        gone = self.server.drives[-self.hidden:]
        for drive in gone:
            drive.rename(drive.with_suffix(".away"))
            drive.write_text("not a drive")
        try:
            server = self.start(name, "cluster/read")
            return compare(f"{name} with {len(gone)} drives missing", held, scenario.held_without_parity(scenario.answers(server)))
        finally:
            self.stop()
            for drive in gone:
                drive.unlink()
                drive.with_suffix(".away").rename(drive)


def play(scenario, drives, order, programs):
    """Number of differing answers over all legs."""
    deployment, wrong, wanted, begun = Deployment(drives, programs, scenario), 0, None, not scenario.writers
    print(f"{scenario.name}, {drives} drives: {' -> '.join(order)}", flush=True)
    try:
        if deployment.hidden:
            deployment.introduce(order[:2])
        for generation, name in enumerate(order, 1):
            if wanted:
                wrong += deployment.without_parity(scenario, name, wanted)
            server = deployment.start(name)
            writes = name in scenario.writers
            if wanted:
                wrong += compare(name, wanted, scenario.answers(server))
                if writes:
                    wrong += scenario.take_over(server, generation - 1)
            if writes and not begun:
                scenario.begin(server)
                begun = True
            if writes:
                scenario.write(server, generation)
            if begun:
                wanted = scenario.answers(server)
            if name in getattr(scenario, "kills", ()):
                deployment.kill()
            else:
                deployment.stop()
            wrong += deployment.unsound(name)
        return wrong
    except Exception as error:  # one scenario's failure leaves the others to be played
        print(f"    broke off: {error}", flush=True)
        return wrong + 1
    finally:
        deployment.server.clean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", help="the other server's binary")
    parser.add_argument("--scenario", default=",".join(ALL), help="which, by name")
    parser.add_argument("--drives", help="numbers of drives, instead of each scenario's own")
    parser.add_argument("--legs", type=int, default=4)
    parser.add_argument("--first", choices=("rustfs", "minio"), default="rustfs")
    options = parser.parse_args()
    if not os.access(options.reference, os.X_OK):
        parser.error(f"{options.reference} is not a program")
    unknown = [name for name in options.scenario.split(",") if name not in ALL]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}: there are {', '.join(ALL)}")
    programs = {"rustfs": binary(), "minio": os.path.abspath(options.reference)}
    names = ["rustfs", "minio"] if options.first == "rustfs" else ["minio", "rustfs"]
    failed, played = [], 0
    for name in options.scenario.split(","):
        sizes = [int(size) for size in options.drives.split(",")] if options.drives else ALL[name].drives
        for size in sizes:
            # Who doesn't write has nothing to begin with.
            order = [names[i % 2] for i in range(options.legs)]
            if order[0] not in ALL[name].writers:
                order = [*ALL[name].writers[:1], *order]
            played += 1
            wrong = play(ALL[name](), size, order, programs)
            if wrong:
                failed.append(f"{name} on {size}: {wrong} wrong")
    for line in failed:
        print(line)
    print(f"{played - len(failed)} scenarios passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
