"""Dates as cameras, programs and messengers write them."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosim.imaging.dates import date_in_name, date_of_time, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024:07:01 18:03:11", "2024-07-01T18:03:11"),
        ("2024-07-01T18:03:11.123+02:00", "2024-07-01T18:03:11"),
        ("2024-07-01T18:03-02:00", "2024-07-01T18:03:00"),
        ("2024-07-01T18:03:11Z", "2024-07-01T18:03:11"),
        ("2024:07:01", "2024-07-01T00:00:00"),
        ("2024/07/01 18:03", "2024-07-01T18:03:00"),
        ("2012:03:04 24:00:00", "2012-03-04T00:00:00"),
        ("2016:12:31 23:59:60", "2016-12-31T23:59:59"),
        ("2008:08:08 08:60:00", "2008-08-08T00:00:00"),
        ("2008:08:08 99:99:99", "2008-08-08T00:00:00"),
        ("2008:08:08   :  :  ", "2008-08-08T00:00:00"),
        ("2008:08:08 junk", "2008-08-08T00:00:00"),
        ("2011: 5: 6  7: 8: 9", "2011-05-06T07:08:09"),
        ("2011: 5: 6", "2011-05-06T00:00:00"),
        ("2011:05:06 07.08.09", "2011-05-06T07:08:09"),
        ("2011:05:06 07-08-09", "2011-05-06T07:08:09"),
        ("2011:05:06 07:08:09 PM", "2011-05-06T19:08:09"),
        ("2011:05:06 07:08:09 p.m.", "2011-05-06T19:08:09"),
        ("2011:05:06 PM 07:08:09", "2011-05-06T19:08:09"),
        ("2011:05:06 12:08:09 am", "2011-05-06T00:08:09"),
        ("2011:05:06 12:08:09 pm", "2011-05-06T12:08:09"),
        ("2011:05:06 19:08:09 PM", "2011-05-06T19:08:09"),
        ("2011:05:06 下午07:08:09", "2011-05-06T19:08:09"),
        ("2011年05月06日 07:08:09", "2011-05-06T07:08:09"),
        ("20110506T070809", "2011-05-06T07:08:09"),
        ("20110506070809", "2011-05-06T07:08:09"),
        ("20110506", "2011-05-06T00:00:00"),
        ("1987", "1987-01-01T00:00:00"),
        ("1987-06", "1987-06-01T00:00:00"),
        ("0000:00:00 00:00:00", None),
        ("2024:13:01 00:00:00", None),
        ("2024:02:30 10:00:00", None),
        ("1700:01:01 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("", None),
        ("5", None),
    ],
)
def test_the_day_is_kept_whatever_the_time_is(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_20190102_030405.jpg", "2019-01-02T03:04:05"),
        ("PXL_20210203_040506789.MP.jpg", "2021-02-03T04:05:06"),
        ("IMG_20200101_120000_00_001.insp", "2020-01-01T12:00:00"),
        ("20190102_030405(0).jpg", "2019-01-02T03:04:05"),
        ("IMG-20190102-WA0001.jpg", "2019-01-02T00:00:00"),
        ("WhatsApp Image 2019-01-02 at 03.04.05.jpeg", "2019-01-02T03:04:05"),
        ("WhatsApp Image 2019-01-02 at 3.04.05 PM (1).jpeg", "2019-01-02T15:04:05"),
        ("signal-2019-01-02-030405.jpg", "2019-01-02T03:04:05"),
        ("signal-2019-01-02-03-04-05-123.jpg", "2019-01-02T03:04:05"),
        ("photo_2019-01-02_03-04-05.jpg", "2019-01-02T03:04:05"),
        ("Screenshot_20190102-030405_Chrome.jpg", "2019-01-02T03:04:05"),
        ("Screenshot_2019-01-02-03-04-05-123_com.app.png", "2019-01-02T03:04:05"),
        ("Screenshot from 2019-01-02 03-04-05.png", "2019-01-02T03:04:05"),
        ("Screen Shot 2019-01-02 at 3.04.05 PM.png", "2019-01-02T15:04:05"),
        ("Screenshot 2019-01-02 at 3.04.05\u202fPM.png", "2019-01-02T15:04:05"),
        ("Bildschirmfoto 2019-01-02 um 03.04.05.png", "2019-01-02T03:04:05"),
        ("Captura de pantalla 2019-01-02 a las 3.04.05.png", "2019-01-02T03:04:05"),
        ("2019-01-02 03.04.05.jpg", "2019-01-02T03:04:05"),
        ("C360_2011-09-23-10-39-11-453.jpg", "2011-09-23T10:39:11"),
        ("WP_20131011_001.jpg", "2013-10-11T00:00:00"),
        ("WP_20150102_03_04_05_Pro.jpg", "2015-01-02T03:04:05"),
        ("20190102-birthday.jpg", "2019-01-02T00:00:00"),
        ("Scan 2019-01-02.tif", "2019-01-02T00:00:00"),
        ("IMG_1234.jpg", None),
        ("DSC01234.jpg", None),
        ("order 20190102.jpg", None),
        ("120190102030405.jpg", None),
        ("IMG_20191302_030405.jpg", None),
        ("IMG_20990102_030405.jpg", None),
        ("2019-01-02/photo.jpg", None),
        ("photo.jpg", None),
    ],
)
def test_file_names_tell_dates_by_well_known_patterns(name: str, expected: str | None) -> None:
    assert date_in_name(f"/photos/2001-01-01/{name}") == expected


@pytest.mark.parametrize(
    "name",
    ["FB_IMG_1546398245123.jpg", "mmexport1546398245123.jpg", "1546398245123.jpg", "FB_IMG_1546398245.jpg"],
)
def test_names_that_count_the_time_tell_local_dates(name: str) -> None:
    assert date_in_name(name) == datetime.fromtimestamp(1546398245).isoformat()


def test_absurd_times_of_files_are_no_dates() -> None:
    for seconds in (0, -1, -1e12, 1e18, float("inf"), float("nan")):
        assert date_of_time(seconds) is None
    now = time.time()
    assert date_of_time(now) == datetime.fromtimestamp(int(now)).isoformat()


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    for found in (parse_date(text), date_in_name(text)):
        assert found is None or datetime.fromisoformat(found)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2020, 1, 1)), st.text("0123456789:. APM", max_size=12))
def test_whatever_stands_behind_a_day_the_day_is_kept(day: datetime, rest: str) -> None:
    assert (parse_date(f"{day:%Y:%m:%d} {rest}") or "").startswith(f"{day:%Y-%m-%d}")
