"""This server is killed in the middle of its work; `recover`, then the other must have every write that was acknowledged."""

import concurrent.futures
import hashlib
import threading

from scenarios.base import MIB, Scenario, make_client, pattern

BUCKET = "cut-short"
SECONDS = 3


class Unclean(Scenario):
    name = "unclean"
    # How this server ends; the runner does `recover` behind it.
    kills = ("rustfs",)

    def __init__(self):
        self.acknowledged = {}

    def begin(self, server):
        make_client(server.endpoint).create_bucket(Bucket=BUCKET)

    def write(self, server, generation):
        """Writes until the time is over, or the server is gone."""
        stop = threading.Event()
        timer = threading.Timer(SECONDS, stop.set)
        timer.start()

        def work(worker):
            client, done, count = make_client(server.endpoint), {}, 0
            while not stop.is_set():
                size = (5, 20_000, 300_000, MIB + 1)[count % 4]
                key, body = f"generation-{generation}/{worker}/{count % 40}", pattern(size, f"{worker} {count}")
                if "ETag" in client.put_object(Bucket=BUCKET, Key=key, Body=body):
                    done[key] = hashlib.sha256(body).hexdigest()
                count += 1
            return done

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in pool.map(work, range(4)):
                self.acknowledged |= done

    def answers(self, server):
        client = make_client(server.endpoint)
        read = lambda key: hashlib.sha256(client.get_object(Bucket=BUCKET, Key=key)["Body"].read()).hexdigest()
        found = {key: read(key) for key in self.acknowledged}
        # What was acknowledged is the measure, not what the server before answered.
        lost = [key for key in found if found[key] != self.acknowledged[key]]
        assert not lost, f"acknowledged and lost: {lost[:5]}"
        return found
