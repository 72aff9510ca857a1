"""asyncio: a loop wakes itself through a pair of sockets when a thread or a signal has something for it. There are neither."""

from asyncio import selector_events


def patch():
    loop = selector_events.BaseSelectorEventLoop
    loop._make_self_pipe = loop._close_self_pipe = loop._write_to_self = _nothing


def _nothing(self):
    pass
