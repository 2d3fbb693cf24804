"""What ends a benchmark, or a contestant's part in it, early."""


class BenchmarkError(Exception):
    """Something a user can act on; printed without a traceback."""


class ContestantFailure(Exception):
    """A program under measurement failed or made a wrong copy; it takes no further part."""


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived. A BaseException, so that no handler of failures swallows it."""

    def __init__(self, signal_number: int):
        super().__init__(signal_number)
        self.signal_number = signal_number
