"""The layers of the epidemic that are no zones: levels of risk by commune, and testing sites."""

from __future__ import annotations

import sqlalchemy as sa

from layers.layer import Audience, Code, CodeList, Column, Layer, Text
from layers.tables import PLACE, UPDATED_AT, layer_table
from layers.themes import EPIDEMIC

LEVEL = CodeList(
    "risk_level",
    Text("Cấp độ dịch", "Level of risk"),
    (
        Code("level_1", Text("Cấp 1: nguy cơ thấp", "Level 1: low risk")),
        Code("level_2", Text("Cấp 2: nguy cơ trung bình", "Level 2: medium risk")),
        Code("level_3", Text("Cấp 3: nguy cơ cao", "Level 3: high risk")),
        Code("level_4", Text("Cấp 4: nguy cơ rất cao", "Level 4: very high risk")),
        Code("unknown", Text("Chưa xác định", "Not determined")),
    ),
)
COVERAGE = CodeList(
    "risk_coverage",
    Text("Độ bao phủ vắc-xin", "Vaccination coverage"),
    (
        Code("reached", Text("Đạt", "Reached")),
        Code("missed", Text("Chưa đạt", "Not reached")),
        Code("unknown", Text("Chưa có số liệu", "Not known")),
    ),
)


SOURCE = CodeList(
    "risk_coverage_source",
    Text("Nguồn số liệu tiêm chủng", "Where the coverage is from"),
    (
        Code("doses", Text("Sổ mũi tiêm", "Registers of doses")),
        Code("reported", Text("Báo cáo của ngành y tế", "Report of the health department")),
    ),
)


def _number(name: str, vi: str, en: str, unit: str, audience: Audience = Audience.PUBLIC) -> Column:
    return Column(name, Text(vi, en), unit=unit, editable=False, minimum=0, audience=audience)


_FEW = Text("Để trống khi có từ 1 đến 4 ca", "Empty where there are 1 to 4 cases")
_RATE = "/(100000.{person})"

RISK_COLUMNS = (
    Column("id", Text("Mã xã, phường", "Code of the commune"), editable=False, in_search=True),
    Column("name", Text("Xã, phường", "Commune"), editable=False, in_search=True, in_tiles=True),
    Column("level", LEVEL.title, codes=LEVEL, editable=False, in_tiles=True),
    Column(
        "level_if_covered",
        Text("Cấp độ nếu độ bao phủ đạt", "Level if the coverage were reached"),
        Text(
            "Chỉ khi chưa có số liệu tiêm chủng: cấp độ đã tính theo mức chưa đạt",
            "Only where coverage is not known: the level is then that of coverage not reached",
        ),
        codes=LEVEL,
        editable=False,
    ),
    Column(
        "cases_told",
        Text("Ca cộng đồng trong kỳ", "Community cases of the period"),
        _FEW,
        unit="{case}",
        editable=False,
        minimum=0,
    ),
    Column(
        "rate_told",
        Text("Ca cộng đồng trên 100.000 dân", "Community cases per 100,000"),
        _FEW,
        unit=_RATE,
        editable=False,
        minimum=0,
    ),
    _number("cases", "Ca cộng đồng (đủ)", "Community cases (all)", "{case}", Audience.STAFF),
    _number("rate", "Ca trên 100.000 dân (đủ)", "Rate (all)", _RATE, Audience.STAFF),
    _number("population", "Dân số", "Population", "{person}"),
    Column("coverage", COVERAGE.title, codes=COVERAGE, editable=False),
    _number("adults_percent", "Người lớn đã tiêm ít nhất 1 mũi", "Adults with a dose", "%"),
    _number("elders_percent", "Người cao tuổi đã tiêm đủ", "Old people fully vaccinated", "%"),
    Column("coverage_source", SOURCE.title, codes=SOURCE, editable=False),
    Column(
        "coverage_day", Text("Số liệu tiêm chủng đến hết ngày", "Coverage until"), editable=False
    ),
    Column(
        "is_raised",
        Text("Tăng một cấp", "Raised by one level"),
        Text(
            "Vì tỷ lệ người cao tuổi đã tiêm đủ dưới mức quy định",
            "As too few old people are fully vaccinated",
        ),
        editable=False,
    ),
    Column("rule", Text("Theo quy định", "By the rule"), editable=False),
    Column("first_day", Text("Từ ngày", "From"), editable=False),
    Column("last_day", Text("Đến ngày", "To"), editable=False),
    Column("district_code", Text("Quận, huyện", "District"), editable=False),
    UPDATED_AT,
)

RISK_LEVELS = Layer(
    id="risk_levels",
    theme=EPIDEMIC,
    title=Text("Cấp độ dịch theo xã", "Risk levels by commune"),
    description=Text(
        "Cấp độ dịch của từng xã, phường theo quy định quốc gia, với các số liệu làm căn cứ",
        "The level of risk of each commune by the national rule, with the numbers it follows from",
    ),
    table=layer_table(
        "risk_levels",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("level_if_covered", sa.Text),
        sa.Column("cases_told", sa.Integer),
        sa.Column("rate_told", sa.Float),
        sa.Column("cases", sa.Integer, nullable=False),
        sa.Column("rate", sa.Float),
        sa.Column("population", sa.Integer),
        sa.Column("coverage", sa.Text, nullable=False),
        sa.Column("adults_percent", sa.Float),
        sa.Column("elders_percent", sa.Float),
        sa.Column("coverage_source", sa.Text),
        sa.Column("coverage_day", sa.Date),
        sa.Column("is_raised", sa.Boolean, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("district_code", sa.Text),
        geometry_type="MultiPolygon",
        id_type="text",
        described_by=RISK_COLUMNS,
    ),
    geometry_type="MultiPolygon",
    columns=RISK_COLUMNS,
    title_column="name",
    steward="health",
    computed=True,
    # It covers the whole province: it waits to be asked for.
    shown=False,
    class_column="level",
    keywords=("cấp độ dịch", "nguy cơ", "risk level"),
)

SITE_KIND = CodeList(
    "testing_site_kind",
    Text("Loại điểm xét nghiệm", "Kind of testing site"),
    (
        Code("fixed", Text("Điểm lấy mẫu cố định", "Fixed sampling site")),
        Code("mobile", Text("Đội lấy mẫu lưu động", "Mobile sampling team")),
        Code("laboratory", Text("Phòng xét nghiệm", "Laboratory")),
        Code("facility", Text("Cơ sở y tế", "Medical facility")),
    ),
)
SITE_STATE = CodeList(
    "testing_site_state",
    Text("Trạng thái điểm xét nghiệm", "State of the testing site"),
    (
        Code("open", Text("Đang lấy mẫu", "Open")),
        Code("paused", Text("Tạm dừng", "Paused")),
        Code("closed", Text("Ngừng hoạt động", "Closed")),
    ),
)
SITE_METHODS = CodeList(
    "testing_site_methods",
    Text("Phương pháp", "Methods"),
    (
        Code("pcr", Text("RT-PCR", "RT-PCR")),
        Code("antigen", Text("Kháng nguyên nhanh", "Rapid antigen")),
        Code("both", Text("RT-PCR và kháng nguyên", "RT-PCR and antigen")),
    ),
)

SITE_COLUMNS = (
    Column("id", Text("Số thứ tự", "Number"), editable=False),
    Column("code", Text("Mã điểm xét nghiệm", "Code"), max_length=24, in_search=True),
    Column("name", Text("Tên điểm", "Name"), max_length=160, in_search=True, in_tiles=True),
    Column("kind", Text("Loại", "Kind"), codes=SITE_KIND),
    Column("state", Text("Trạng thái", "State"), codes=SITE_STATE, in_tiles=True),
    Column("methods", SITE_METHODS.title, codes=SITE_METHODS),
    Column(
        "capacity_day",
        Text("Số mẫu mỗi ngày", "Samples a day"),
        Text("Làm được nhiều nhất", "As many as it can take"),
        unit="{sample}/d",
        minimum=0,
        maximum=100_000,
    ),
    Column("hours", Text("Giờ làm việc", "Hours"), max_length=80),
    Column("hotline", Text("Điện thoại của điểm", "Telephone of the site"), max_length=24),
    *PLACE,
    UPDATED_AT,
)

TESTING_SITES = Layer(
    id="testing_sites",
    theme=EPIDEMIC,
    title=Text("Điểm xét nghiệm", "Testing sites"),
    description=Text(
        "Các điểm lấy mẫu, đội lưu động và phòng xét nghiệm, với phương pháp và công suất",
        "Sampling sites, mobile teams and laboratories, with their methods and capacity",
    ),
    table=layer_table(
        "testing_sites",
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        sa.Column("methods", sa.Text, nullable=False, server_default="both"),
        sa.Column("capacity_day", sa.Integer, nullable=False, server_default="0"),
        sa.Column("hours", sa.Text),
        sa.Column("hotline", sa.Text),
        geometry_type="Point",
        described_by=SITE_COLUMNS,
    ),
    geometry_type="Point",
    columns=SITE_COLUMNS,
    title_column="name",
    steward="health",
    edited_by_districts=True,
    time="updated_at",
    time_of="state",
    class_column="state",
    cluster=True,
    keywords=("xét nghiệm", "lấy mẫu", "testing"),
)
