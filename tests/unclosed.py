"""Clients of upstreams that a test in a thread leaves open: its event loop ends before they could be closed."""

import gc
import logging

from chat.upstreams import transport


def forget_clients() -> None:
    logging.disable()
    transport._transports.clear()
    gc.collect()
    logging.disable(logging.NOTSET)
