"""What may be found after a crash: the history of one key, as its clients saw it."""

import dataclasses
import threading
import time

from conftest import pattern

ABSENT = None


def body_of(value):
    """The bytes that `value`, (operation id, size), stands for: the id first, so that it can be read back."""
    identity, size = value
    return (f"{identity:>16}".encode() + pattern(size, identity))[:size]


@dataclasses.dataclass
class Operation:
    value: tuple | None  # (id, size), or ABSENT for a delete
    begun: float
    acknowledged: float = float("inf")  # infinity: unknown, it may take effect at any time after it began


class History:
    """Operations on one name. Several threads may write at once."""

    def __init__(self):
        self._lock = threading.Lock()
        self.settle(ABSENT)

    def settle(self, value):
        """The state is known to be `value` and nothing is in flight."""
        with self._lock:
            self.operations = [Operation(value, 0.0, 0.0)]

    def begin(self, value):
        operation = Operation(value, time.monotonic())
        with self._lock:
            self.operations.append(operation)
        return operation

    @staticmethod
    def acknowledge(operation):
        operation.acknowledged = time.monotonic()

    def allowed(self):
        """Values that may be found: those of operations that no acknowledged one wholly followed."""
        newest_begun = max(o.begun for o in self.operations if o.acknowledged != float("inf"))
        return {o.value for o in self.operations if o.acknowledged >= newest_begun}
