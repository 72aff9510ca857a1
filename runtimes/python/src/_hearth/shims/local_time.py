"""time and datetime: the C library knows no time zones, and takes local time for UTC.

Here it is what the variable TZ says, by way of `zoneinfo`. As long as that is UTC, nothing is changed.
"""

import calendar
import datetime
import gc
import io
import os
import re
import struct
import sys
import time
import warnings
import zoneinfo

_UTC_NAMES = frozenset({"", "UTC", "UTC0", "GMT", "GMT0", "Etc/UTC", "Etc/GMT", "Universal", "Zulu"})
_EPOCH = datetime.datetime(1970, 1, 1)

#: Local time; None if it is UTC.
_zone = None


def patch():
    """Lets `time.tzset` act, which the C library does not have."""
    time.tzset = tzset


def tzset():
    """Makes local time what the variable TZ says. An unknown zone is UTC, as in the C library; the answer is whether it is known."""
    global _zone
    name = os.environ.get("TZ", "").removeprefix(":")
    zone = None
    known = True
    if name not in _UTC_NAMES:
        zone = _find(name)
        known = zone is not None
    if zone is not None or _zone is not None:
        _zone = zone or datetime.timezone.utc
        _replace()
    return known


def _find(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:
        return _from_rule(name)
    except ValueError:
        return None


def _from_rule(rule):
    """A zone as POSIX writes one, such as `JST-9`: a file of a zone that has nothing but this rule at its end."""
    if not re.match(r"(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)[+-]?\d", rule) or not rule.isascii():
        raise ValueError(rule)
    header = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    body = struct.pack(">lBB4s", 0, 0, 0, b"UTC\0")
    return zoneinfo.ZoneInfo.from_file(io.BytesIO((header + body) * 2 + b"\n" + rule.encode() + b"\n"), rule)


def _replace():
    """Puts functions in place that know the zone.

    The classes of `datetime` are made in C, and no attribute of theirs can be set. But they look their methods up in a dictionary, as all
    classes do, and every module has these classes in its hands already, so that others in their place would not do.
    """
    time.localtime, time.mktime, time.strftime, time.ctime, time.asctime = _localtime, _mktime, _strftime, _ctime, _asctime
    winter, summer = (_at(calendar.timegm((time.gmtime().tm_year, month, 1, 0, 0, 0))) for month in (1, 7))
    standard, other = (winter, summer) if winter.utcoffset() <= summer.utcoffset() else (summer, winter)
    time.timezone = -int(standard.utcoffset().total_seconds())
    time.altzone = -int(other.utcoffset().total_seconds())
    time.daylight = int(time.timezone != time.altzone)
    time.tzname = (standard.tzname(), other.tzname())
    [of_date] = gc.get_referents(datetime.date.__dict__)
    [of_datetime] = gc.get_referents(datetime.datetime.__dict__)
    of_date.update(fromtimestamp=classmethod(_date_fromtimestamp), today=classmethod(_today))
    of_datetime.update(
        now=classmethod(_now), fromtimestamp=classmethod(_fromtimestamp), astimezone=_astimezone, timestamp=_timestamp
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What has been looked up before would be found again.
        sys._clear_type_cache()


_c_now = datetime.datetime.__dict__["now"]
_c_fromtimestamp = datetime.datetime.__dict__["fromtimestamp"]
_c_astimezone = datetime.datetime.astimezone
_c_timestamp = datetime.datetime.timestamp
_c_strftime = time.strftime
_c_asctime = time.asctime


def _at(seconds):
    """Local time, as aware of its zone as only this module wants it."""
    return _c_fromtimestamp.__get__(None, datetime.datetime)(seconds, _zone)


def _localtime(seconds=None, /):
    moment = _at(time.time() if seconds is None else int(seconds))
    offset = int(moment.utcoffset().total_seconds())
    is_summer = int(bool(moment.dst()))
    return time.struct_time((*moment.timetuple()[:8], is_summer, moment.tzname(), offset))


def _mktime(moment, /):
    moment = tuple(moment)
    naive = _EPOCH + datetime.timedelta(seconds=calendar.timegm(moment[:6]))
    # In an hour that comes twice, the first one is summer's.
    return naive.replace(tzinfo=_zone, fold=int(moment[8] == 0)).timestamp()


def _strftime(format, moment=None, /):
    moment = _localtime() if moment is None else moment
    name, offset = _zone_of(moment)
    format = re.sub("%([%Zz])", lambda found: {"%": "%%", "Z": name.replace("%", "%%"), "z": offset}[found[1]], format)
    return _c_strftime(format, moment)


def _zone_of(moment):
    """The name and the offset of a `struct_time`; those of a mere tuple are local."""
    if getattr(moment, "tm_zone", None) is None:
        moment = _localtime(_mktime(moment))
    minutes = abs(moment.tm_gmtoff) // 60
    return moment.tm_zone, f"{'-' if moment.tm_gmtoff < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"


def _ctime(seconds=None, /):
    return _asctime(_localtime(seconds))


def _asctime(moment=None, /):
    return _c_asctime(_localtime() if moment is None else moment)


def _now(cls, tz=None):
    if tz is not None:
        return _c_now.__get__(None, cls)(tz)
    return _c_now.__get__(None, cls)(_zone).replace(tzinfo=None)


def _fromtimestamp(cls, timestamp, tz=None):
    if tz is not None:
        return _c_fromtimestamp.__get__(None, cls)(timestamp, tz)
    return _c_fromtimestamp.__get__(None, cls)(timestamp, _zone).replace(tzinfo=None)


def _date_fromtimestamp(cls, timestamp, /):
    moment = _at(timestamp)
    return cls(moment.year, moment.month, moment.day)


def _today(cls):
    return cls.fromtimestamp(time.time())


def _astimezone(self, tz=None):
    if self.utcoffset() is None:
        self = self.replace(tzinfo=_zone)
    if tz is None:
        local = _c_astimezone(self, _zone)
        tz = datetime.timezone(local.utcoffset(), local.tzname())
    return _c_astimezone(self, tz)


def _timestamp(self):
    return _c_timestamp(self.replace(tzinfo=_zone) if self.utcoffset() is None else self)
