"""Turns the signals that end a program into an exception, so that every `with` block cleans up."""

import signal

from .errors import Interrupted

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore_ending_signals() -> None:
    """For the clean-up: its children (umount) inherit this, and survive a Ctrl-C of the whole group."""
    for each in ENDING_SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def _interrupt(signal_number, _frame):
    ignore_ending_signals()  # a second Ctrl-C must not stop the clean-up that the first one starts
    raise Interrupted(signal_number)


def raise_on_ending_signals() -> None:
    for each in ENDING_SIGNALS:
        signal.signal(each, _interrupt)
