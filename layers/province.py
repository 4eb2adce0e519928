"""The province: its name, systems, departments and data files, read from its own folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from layers.layer import Code, CodeList, Text
from layers.outbreaks.rule import EpidemicRules, epidemic_rules
from layers.vaccines import Vaccination, read_vaccination

PROVINCES = Path(__file__).resolve().parent.parent / "data" / "provinces"
"""The folder that holds a folder for each province."""

SETTINGS_FILE = "province.toml"

_SUBJECT = Text("Tình hình trong ngày", "The day's situation")


class ProvinceError(ValueError):
    """The province's folder or its settings file is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department that owns layers: the `steward` of a `Layer` is a department's id.

    Attributes:
        symbol: of the numbers of its reports, after the slash.
    """

    id: str
    title: Text
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """A background map from another host: an address with {z}, {x}, {y}, and its attribution."""

    tiles: str
    attribution: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms under which data may be used: their name and the page that has them."""

    title: Text
    url: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where a road enters the province: longitude and latitude in degrees, roughly."""

    road: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands around the text of an official document (Decree 30/2020/NĐ-CP, annex I).

    Attributes:
        parent: the body above the one that issues; None: there is none.
        issuer: the body that issues.
        symbol: of the document's number, after the slash.
        place: where it is issued.
        subject: what a report is about, after "Báo cáo".
        recipients: whom it goes to, in order.
        signer: the lines above the signature: in whose name, and the office of who signs.
    """

    issuer: Text
    place: Text
    subject: Text
    parent: Text | None = None
    symbol: str = ""
    recipients: tuple[Text, ...] = ()
    signer: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Regime:
    """How long a person is quarantined, and on which days they are tested.

    Attributes:
        days: of quarantine; who comes in leaves so many days later.
        tests: the days of the tests, the day of coming in is day 1.
    """

    id: str
    title: Text
    days: int
    tests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a medical facility is short of something.

    Attributes:
        report_hours: since its last report.
        beds_free_percent: of its beds.
        icu_free: intensive care beds, where it has any.
        oxygen_hours: that its oxygen lasts, where it has intensive care.
    """

    report_hours: float = 24
    beds_free_percent: float = 10
    icu_free: int = 1
    oxygen_hours: int = 24


@dataclass(frozen=True, slots=True)
class Province:
    """A province.

    Attributes:
        id: the name of its folder.
        code: the official code of its administrative unit.
        metric_srid: the EPSG code of the projected system in which distances are metres.
        crs_srids: the EPSG codes of the systems offered beside CRS84, 4326 and 3857.
        bbox: west, south, east, north in degrees, EPSG:4326.
        synthetic_population: about how many people the demo lets live here.
        gateways: where the demo puts checkpoints on the province's border.
        licence: of the layers; None if the settings name none.
        layer_licences: of the layers that have terms of their own.
        alert_sender: who sends alerts, a name that is the province's alone (CAP 1.2, 3.2.1).
        alert_geocode: the name of the code list of communes, for the areas of alerts.
        letterhead: of the reports it issues.
        regimes: of quarantine.
        medical: from where on a medical facility is short of something.
        trace_approvers: departments whose officers approve requests for tracing.
        epidemic: the serial interval, the rule of risk levels, when reports are late.
        vaccination: vaccines, priority groups, and how long people are watched.
    """

    id: str
    folder: Path
    code: str
    name: Text
    full_name: Text
    metric_srid: int
    crs_srids: tuple[int, ...]
    time_zone: ZoneInfo
    bbox: tuple[float, float, float, float]
    hotline: str
    departments: tuple[Department, ...]
    admin_units_file: Path
    communes_file: Path
    letterhead: Letterhead
    base_map: BaseMap | None = None
    synthetic_population: int = 1_000_000
    gateways: tuple[Gateway, ...] = ()
    licence: Licence | None = None
    layer_licences: Mapping[str, Licence] = field(default_factory=dict, hash=False)
    alert_sender: str = ""
    alert_geocode: str = "DVHC"
    medical: Thresholds = Thresholds()
    regimes: tuple[Regime, ...] = ()
    trace_approvers: tuple[str, ...] = ("health",)
    epidemic: EpidemicRules = field(default_factory=EpidemicRules)
    vaccination: Vaccination = field(default_factory=Vaccination)

    @property
    def code_lists(self) -> tuple[CodeList, ...]:
        """The code lists that are the province's own."""
        codes = tuple(Code(one.id, one.title) for one in self.regimes)
        title = Text("Chế độ cách ly", "Regime of quarantine")
        return (CodeList("quarantine_regimes", title, codes), *self.vaccination.code_lists)

    def licence_of(self, layer_id: str) -> Licence | None:
        """The terms of a layer."""
        return self.layer_licences.get(layer_id, self.licence)

    def department(self, department_id: str) -> Department | None:
        """The department of that id, or None."""
        return next((one for one in self.departments if one.id == department_id), None)


def load_province(folder: Path | str) -> Province:
    """Read a province from its folder; a bare name is a folder of `data/provinces`.

    Raises:
        ProvinceError: the folder, its `province.toml` or a file it names is missing, or a
            setting is missing or wrong. The message names the file and the setting.
    """
    path = Path(folder)
    if not path.is_dir() and path.name == str(folder):
        path = PROVINCES / path
    settings_file = path / SETTINGS_FILE
    try:
        settings = tomllib.loads(settings_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProvinceError(f"no province here: {settings_file} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProvinceError(f"{settings_file}: {error}") from error
    try:
        return _province(path, settings)
    except KeyError as error:
        raise ProvinceError(f"{settings_file}: the setting {error} is missing") from None
    except (TypeError, ValueError) as error:
        raise ProvinceError(f"{settings_file}: {error}") from error


def _province(folder: Path, settings: Mapping[str, Any]) -> Province:
    licence = settings.get("licence")
    return Province(
        id=folder.name,
        folder=folder,
        code=str(settings["code"]),
        name=_text(settings, "name"),
        full_name=_text(settings, "full_name"),
        metric_srid=int(settings["metric_srid"]),
        crs_srids=tuple(int(srid) for srid in settings["crs_srids"]),
        time_zone=_time_zone(settings["time_zone"]),
        bbox=_bbox(settings["bbox"]),
        hotline=str(settings["hotline"]),
        departments=tuple(
            Department(str(one["id"]), _text(one, "title"), _symbol(one))
            for one in settings["departments"]
        ),
        admin_units_file=_data_file(folder, settings["files"]["admin_units"]),
        communes_file=_data_file(folder, settings["files"]["communes"]),
        letterhead=_letterhead(settings),
        base_map=_base_map(settings.get("base_map", {})),
        synthetic_population=int(settings["demo"]["population"]),
        gateways=tuple(
            Gateway(str(one["road"]), float(one["lon"]), float(one["lat"]))
            for one in settings["demo"].get("gateways", ())
        ),
        licence=None if licence is None else _licence(licence),
        layer_licences={
            layer: _licence(one) for layer, one in (licence or {}).get("layers", {}).items()
        },
        alert_sender=_sender(settings.get("alerts", {}).get("sender", f"dieuhanh-{folder.name}")),
        alert_geocode=str(settings.get("alerts", {}).get("geocode", "DVHC")),
        regimes=tuple(_regime(one) for one in settings.get("quarantine", {}).get("regimes", ())),
        medical=_thresholds(settings.get("medical", {})),
        trace_approvers=_approvers(settings),
        epidemic=epidemic_rules(settings.get("epidemic", {})),
        vaccination=read_vaccination(settings.get("vaccination", {})),
    )


def _approvers(settings: Mapping[str, Any]) -> tuple[str, ...]:
    approvers = tuple(map(str, settings.get("tracing", {}).get("approvers", ("health",))))
    known = {str(one["id"]) for one in settings["departments"]}
    if not approvers or not known.issuperset(approvers):
        raise ValueError(f"[tracing] approvers {list(approvers)} must be ids of departments")
    return approvers


def _regime(settings: Mapping[str, Any]) -> Regime:
    name, days = str(settings["id"]), int(settings["days"])
    tests = tuple(int(day) for day in settings.get("tests", ()))
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise ValueError(f"the regime's id {name!r} must be letters a-z, digits and _")
    if not 1 <= days <= 365 or any(not 1 <= day <= days for day in tests):
        raise ValueError(f"the regime {name!r} must last 1 to 365 days, and test on some of them")
    return Regime(name, _text(settings, "title"), days, tests)


def _letterhead(settings: Mapping[str, Any]) -> Letterhead:
    """What the settings say under `brief`; without it the province itself issues."""
    given = settings.get("brief", {})
    name = _text(settings, "name")
    return Letterhead(
        issuer=_text(given, "issuer") if "issuer" in given else _text(settings, "full_name"),
        place=_text(given, "place") if "place" in given else name,
        subject=_text(given, "subject") if "subject" in given else _SUBJECT,
        parent=_text(given, "parent") if "parent" in given else None,
        symbol=_symbol(given),
        recipients=_texts(given, "recipients"),
        signer=_texts(given, "signer"),
    )


def _symbol(settings: Mapping[str, Any]) -> str:
    if not re.fullmatch(r"[^\s/]{0,40}", symbol := str(settings.get("symbol", ""))):
        raise ValueError(f"the symbol {symbol!r} of reports may hold no space and no slash")
    return symbol


def _texts(settings: Mapping[str, Any], name: str) -> tuple[Text, ...]:
    return tuple(_text({name: one}, name) for one in settings.get(name, ()))


def _thresholds(given: Mapping[str, Any]) -> Thresholds:
    wrong = {name for name, value in given.items() if type(value) not in (int, float) or value < 0}
    if wrong:
        raise ValueError(f"[medical] {', '.join(sorted(wrong))}: must be a number of 0 or more")
    return Thresholds(**given)


def _sender(value: Any) -> str:
    text = str(value)
    if not re.fullmatch(r"[^\s,<&]{1,200}", text):
        raise ValueError(f"the alerts' sender {text!r} may hold no space, comma, < or &")
    return text


def _licence(settings: Mapping[str, Any]) -> Licence:
    url = str(settings["url"])
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"the licence's url {url!r} must begin with https://")
    return Licence(_text(settings, "title"), url)


def _text(settings: Mapping[str, Any], name: str) -> Text:
    value = settings[name]
    if not isinstance(value, dict) or not {"vi", "en"} <= value.keys():
        raise ValueError(f'{name} must be {{ vi = "…", en = "…" }}, not {value!r}')
    return Text(str(value["vi"]), str(value["en"]))


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"time_zone {name!r} is not known") from None


def _bbox(value: Any) -> tuple[float, float, float, float]:
    west, south, east, north = (float(number) for number in value)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(f"bbox {value} is not [west, south, east, north] in degrees")
    return west, south, east, north


def _data_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise ValueError(f"the data file {name} does not exist")
    return path


def _base_map(settings: Mapping[str, Any]) -> BaseMap | None:
    tiles = str(settings.get("tiles", ""))
    return BaseMap(tiles, str(settings.get("attribution", ""))) if tiles else None
