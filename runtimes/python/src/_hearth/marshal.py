"""Events in, answers out: JSON as Lambda's Python runtime reads and writes it."""

import decimal
import json
import os

from _hearth.failures import Report


def read_event(text):
    """The event as Python has it."""
    try:
        # As text: in bytes, `json` would have to find out which encoding they are in.
        return json.loads(text.decode())
    except Exception as error:
        raise Report("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def write_answer(answer):
    """The answer as JSON in UTF-8. Bytes are passed on as they are."""
    if isinstance(answer, bytes):
        return answer
    try:
        return to_json(answer).encode()
    except Exception as error:
        raise Report("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def to_json(value):
    """JSON in which decimals keep all of their digits, and text stays readable."""
    try:
        return _PLAIN.encode(value)
    except _HasDecimals:
        pass
    decimals = _Decimals()
    text = json.JSONEncoder(ensure_ascii=False, default=decimals.default).encode(value)
    return decimals.put_into(text)


class _HasDecimals(Exception):
    """Nothing is wrong; there is more to do."""


def _no_json(value):
    return TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _without_decimals(value):
    raise _HasDecimals if isinstance(value, decimal.Decimal) else _no_json(value)


#: Made once: nearly all answers are without decimals.
_PLAIN = json.JSONEncoder(ensure_ascii=False, default=_without_decimals)


class _Decimals:
    """The decimals of one document.

    `json` cannot be told how to write a number that is neither an int nor a float. So each decimal becomes a mark, which nobody
    can guess, and marks become digits when the document is written.
    """

    def __init__(self):
        self._digits = []
        self._mark = None

    def default(self, value):
        """For `json`: what stands for a value that it does not know."""
        if not isinstance(value, decimal.Decimal):
            raise _no_json(value)
        if self._mark is None:
            self._mark = os.urandom(16).hex()
        self._digits.append("NaN" if value.is_nan() else str(value))
        return self._mark

    def put_into(self, text):
        """The document with digits in place of the marks."""
        if self._mark is None:
            return text
        first, *rest = text.split(f'"{self._mark}"')
        return first + "".join(digits + part for digits, part in zip(self._digits, rest, strict=True))
