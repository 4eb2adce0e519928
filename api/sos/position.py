"""Where somebody is, from what people paste: coordinates, a map's link, a plus code."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from openlocationcode import openlocationcode

from layers.layer import Text
from layers.province import Province


class PositionError(ValueError):
    """The text is no position; `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Position:
    """Longitude and latitude in degrees (EPSG:4326), and where they come from."""

    lon: float
    lat: float
    source: str
    accuracy_m: float | None = None


_NUMBER = r"[-+]?\d{1,3}(?:[.,]\d+)?"
_DECIMAL = re.compile(
    rf"({_NUMBER})\s*°?\s*([NSBĐEWT]?)\s*[,;\s]\s*({_NUMBER})\s*°?\s*([NSBĐEWT]?)"
)
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})\s*[°dº:]\s*(?:(\d{1,2})\s*['′’:m]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|″|”|''|s)?)?"
    r"\s*([NSBĐEWT])",
    re.IGNORECASE,
)
_PLUS_CODE = re.compile(
    r"(?<![\w+])([23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3})(?!\w)"
)
_PIN = re.compile(r"!3d(-?\d+(?:\.\d+)?)!4d(-?\d+(?:\.\d+)?)")
_VIEW = re.compile(r"@(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")
_PAIR = re.compile(r"^(?:loc:)?\s*(-?\d+(?:\.\d+)?)\s*,\s*\+?(-?\d+(?:\.\d+)?)$")
_QUERY_NAMES = ("q", "query", "ll", "destination", "daddr", "center")
_SHORT_HOSTS = ("maps.app.goo.gl", "goo.gl")
# Vietnamese: Bắc, Nam, Đông, Tây. `N` is north in a pasted text, as maps write it.
_SIGNS = {"N": 1, "B": 1, "S": -1, "E": 1, "Đ": 1, "W": -1, "T": -1}
_NORTH_SOUTH = "NSB"
_ONE_OF_EACH = Text(
    "Cần một vĩ độ (N hoặc S) và một kinh độ (E hoặc W).",
    "One latitude (N or S) and one longitude (E or W) are needed.",
)
_NO_COORDINATES = Text(
    "Liên kết này không chứa tọa độ; hãy sao chép tọa độ.",
    "This link holds no coordinates; copy the coordinates.",
)


def read_position(text: str, province: Province) -> Position:
    """The position that a pasted text tells.

    Args:
        text: decimal degrees, degrees with minutes and seconds, the address of a map, or a plus
            code; a short plus code is taken near the province's middle.
        province: whose middle completes short codes and settles which number is the latitude.

    Raises:
        PositionError: it tells none.
    """
    text = " ".join(text.split())
    if re.match(r"(?i)(https?://|geo:)", text):
        return _from_link(text, province)
    found = _PLUS_CODE.search(text.upper())
    if found is not None:
        return _from_plus_code(found[1], province)
    parts = _SEXAGESIMAL.findall(text)
    if len(parts) == 2 and any(minutes for _, minutes, _, _ in parts):
        return _from_sexagesimal(parts)
    pair = _DECIMAL.fullmatch(text.upper())
    if pair is None:
        raise PositionError(
            Text(
                "Không đọc được vị trí; hãy dán tọa độ như 15.5736, 108.4740, liên kết bản đồ"
                " có tọa độ hoặc plus code.",
                "No position is found in it; paste coordinates such as 15.5736, 108.4740, a map's"
                " link that holds coordinates, or a plus code.",
            )
        )
    first, first_axis, second, second_axis = pair.groups()
    one, other = (float(number.replace(",", ".")) for number in (first, second))
    one *= _SIGNS.get(first_axis, 1)
    other *= _SIGNS.get(second_axis, 1)
    if first_axis and second_axis:
        if (first_axis in _NORTH_SOUTH) == (second_axis in _NORTH_SOUTH):
            raise PositionError(_ONE_OF_EACH)
        if second_axis in _NORTH_SOUTH:
            one, other = other, one
        return _checked(one, other, "coordinates")
    if not first_axis and _is_lon_lat(one, other, province):
        one, other = other, one
    return _checked(one, other, "coordinates")


def _is_lon_lat(one: float, other: float, province: Province) -> bool:
    west, south, east, north = province.bbox
    if abs(one) > 90:
        return True
    return west <= one <= east and south <= other <= north


def _checked(lat: float, lon: float, source: str, accuracy_m: float | None = None) -> Position:
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise PositionError(
            Text(
                f"Tọa độ {lat:g}, {lon:g} không có trên Trái Đất.",
                f"There is no place {lat:g}, {lon:g} on Earth.",
            )
        )
    return Position(round(lon, 7), round(lat, 7), source, accuracy_m)


def _from_sexagesimal(parts: list[tuple[str, str, str, str]]) -> Position:
    values = {}
    for degrees, minutes, seconds, letter in parts:
        size = int(degrees) + int(minutes or 0) / 60
        size += float((seconds or "0").replace(",", ".")) / 3600
        axis = "lat" if letter.upper() in _NORTH_SOUTH else "lon"
        values[axis] = size * _SIGNS[letter.upper()]
    if len(values) != 2:
        raise PositionError(_ONE_OF_EACH)
    return _checked(values["lat"], values["lon"], "coordinates")


def _from_plus_code(code: str, province: Province) -> Position:
    west, south, east, north = province.bbox
    if openlocationcode.isShort(code):
        code = openlocationcode.recoverNearest(code, (south + north) / 2, (west + east) / 2)
    if not openlocationcode.isFull(code):
        raise PositionError(
            Text(f"{code} không phải plus code hợp lệ.", f"{code} is no valid plus code.")
        )
    area = openlocationcode.decode(code)
    half = (area.latitudeHi - area.latitudeLo) / 2 * 111_200
    return _checked(
        area.latitudeCenter, area.longitudeCenter, "plus_code", math.ceil(half * math.sqrt(2))
    )


def _from_link(text: str, province: Province) -> Position:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise PositionError(_NO_COORDINATES) from None
    if parts.scheme.lower() == "geo":
        pair = _PAIR.match(",".join(parts.path.split(";")[0].split(",")[:2]))
        if pair:
            return _checked(float(pair[1]), float(pair[2]), "map_link")
    if parts.hostname in _SHORT_HOSTS:
        raise PositionError(
            Text(
                "Liên kết rút gọn không chứa tọa độ; hãy mở nó rồi sao chép tọa độ hoặc địa chỉ"
                " đầy đủ.",
                "A short link holds no coordinates; open it and copy the coordinates or the full"
                " address.",
            )
        )
    # A pin is the place itself; the view's middle, tried last, is near it at best.
    found = _PIN.search(text)
    if found:
        return _checked(float(found[1]), float(found[2]), "map_link")
    code = _PLUS_CODE.search(parts.path.upper())
    if code:
        return _from_plus_code(code[1], province)
    queried = dict(parse_qsl(parts.query))
    for name in _QUERY_NAMES:
        value = queried.get(name, "")
        pair = _PAIR.match(value)
        if pair:
            return _checked(float(pair[1]), float(pair[2]), "map_link")
        code = _PLUS_CODE.search(value.upper())
        if code:
            return _from_plus_code(code[1], province)
    found = _VIEW.search(text) or re.search(r"/(-?\d+\.\d+),\+?(-?\d+\.\d+)", text)
    if found:
        return _checked(float(found[1]), float(found[2]), "map_link")
    if "mlat" in queried and "mlon" in queried:
        pair = _PAIR.match(f"{queried['mlat']},{queried['mlon']}")
        if pair:
            return _checked(float(pair[1]), float(pair[2]), "map_link")
    raise PositionError(_NO_COORDINATES)
