"""Threads: there is one, so that whatever shall run beside it runs at once, before it goes on.

That is enough for work that is fanned out and gathered. What waits for another thread would wait for ever, and is told so.
"""

import _thread
import concurrent.futures
import concurrent.futures.thread
import queue
import sys
import threading
import time


_FOR_EVER = "this would wait for ever: the Wasm Python runtime has one thread, and nobody else can "


def patch():
    threading.Lock = Lock
    threading.Thread.start = _start
    threading.Thread.join = _join
    threading.Thread.is_alive = _is_alive
    threading.Timer.run = _run_timer
    threading.Condition.wait = _wait(threading.Condition.wait)
    queue.SimpleQueue = queue._PySimpleQueue
    concurrent.futures.ThreadPoolExecutor.submit = _submit


class Lock:
    """A lock that says so when nobody is there who could release it. The interpreter's own ends the process."""

    __slots__ = ("__weakref__", "_lock", "locked", "release")

    def __init__(self):
        self._lock = lock = _thread.allocate_lock()
        self.locked, self.release = lock.locked, lock.release

    def acquire(self, blocking=True, timeout=-1):
        if self._lock.acquire(False):
            return True
        if not blocking:
            return False
        if timeout < 0:
            raise RuntimeError(_FOR_EVER + "release this lock")
        time.sleep(timeout)
        return False

    __enter__ = acquire

    def __exit__(self, kind, error, trace):
        self.release()

    def _at_fork_reinit(self):
        self._lock._at_fork_reinit()


def _start(self):
    if not self._initialized:
        raise RuntimeError("thread.__init__() not called")
    if self._started.is_set():
        raise RuntimeError("threads can only be started once")
    # As `Thread._bootstrap` does, but for the identity: whoever asks is told that this is the main thread.
    self._started.set()
    self._hearth_runs = True
    try:
        self.run()
    except SystemExit:
        pass
    except BaseException:
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), self)))
    finally:
        self._hearth_runs = False


def _is_alive(self):
    """Whether somebody asks while it runs: it does so itself, or whom it calls."""
    return getattr(self, "_hearth_runs", False)


def _join(self, timeout=None):
    if not self._initialized:
        raise RuntimeError("Thread.__init__() not called")
    if not self._started.is_set():
        raise RuntimeError("cannot join thread before it is started")


def _run_timer(self):
    """Waits its time, during which nothing else happens, unless it was cancelled before."""
    if not self.finished.is_set():
        time.sleep(self.interval)
        self.function(*self.args, **self.kwargs)
    self.finished.set()


def _wait(original):
    def wait(self, timeout=None):
        if timeout is None:
            raise RuntimeError(_FOR_EVER + "notify it")
        # Nobody comes, but time passes.
        if timeout > 0:
            saved = self._release_save()
            try:
                time.sleep(timeout)
            finally:
                self._acquire_restore(saved)
        return False

    wait.__doc__ = original.__doc__
    return wait


def _submit(self, fn, /, *args, **kwargs):
    if self._shutdown:
        raise RuntimeError("cannot schedule new futures after shutdown")
    future = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    try:
        result = fn(*args, **kwargs)
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future
