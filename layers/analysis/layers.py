"""The layers of results: what a kept result of a process has for features, one layer a process.

Only what the public may compute becomes features (`migrations/versions/0020_results.py`): tiles,
counts, the change feed and QGIS then show it to everybody by the one policy of all layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from layers.layer import Code, CodeList, Column, Layer, Text
from layers.tables import UPDATED_AT, layer_table
from layers.themes import ANALYSIS

NOT_COMPUTED = Code("not_computed", Text("Không tính được", "Not computed"))
NOT_SIGNIFICANT = Code(
    "not_significant", Text("Không có ý nghĩa thống kê", "Not statistically significant")
)

HOTSPOT = CodeList(
    "hotspot_class",
    Text("Phân loại điểm nóng", "Hotspot class"),
    (
        Code("hot_99", Text("Điểm nóng, tin cậy 99 %", "Hot spot, 99 % confidence")),
        Code("hot_95", Text("Điểm nóng, tin cậy 95 %", "Hot spot, 95 % confidence")),
        Code("hot_90", Text("Điểm nóng, tin cậy 90 %", "Hot spot, 90 % confidence")),
        NOT_SIGNIFICANT,
        Code("cold_90", Text("Điểm lạnh, tin cậy 90 %", "Cold spot, 90 % confidence")),
        Code("cold_95", Text("Điểm lạnh, tin cậy 95 %", "Cold spot, 95 % confidence")),
        Code("cold_99", Text("Điểm lạnh, tin cậy 99 %", "Cold spot, 99 % confidence")),
        NOT_COMPUTED,
    ),
)
QUADRANT = CodeList(
    "moran_class",
    Text("Phân loại Moran", "Moran class"),
    (
        Code("high_high", Text("Cao giữa nơi cao (HH)", "High among high (HH)")),
        Code("high_low", Text("Cao giữa nơi thấp (HL)", "High among low (HL)")),
        Code("low_high", Text("Thấp giữa nơi cao (LH)", "Low among high (LH)")),
        Code("low_low", Text("Thấp giữa nơi thấp (LL)", "Low among low (LL)")),
        NOT_SIGNIFICANT,
        NOT_COMPUTED,
    ),
)
_HISTORIES = (
    ("new", Text("mới", "new")),
    ("consecutive", Text("liên tiếp", "consecutive")),
    ("intensifying", Text("tăng mạnh", "intensifying")),
    ("persistent", Text("dai dẳng", "persistent")),
    ("diminishing", Text("giảm dần", "diminishing")),
    ("sporadic", Text("lúc có lúc không", "sporadic")),
    ("oscillating", Text("dao động", "oscillating")),
    ("historical", Text("đã qua", "historical")),
)
HISTORY = CodeList(
    "emerging_class",
    Text("Phân loại theo thời gian", "Class over time"),
    (
        *(
            Code(f"{kind}_{name}", Text(f"{spot.vi} {how.vi}", f"{spot.en}, {how.en}"))
            for kind, spot in (
                ("hot", Text("Điểm nóng", "Hot spot")),
                ("cold", Text("Điểm lạnh", "Cold spot")),
            )
            for name, how in _HISTORIES
        ),
        Code("no_pattern", Text("Không có quy luật", "No pattern")),
        NOT_COMPUTED,
    ),
)
METHOD = CodeList(
    "cluster_method",
    Text("Cách tìm cụm", "How clusters were found"),
    (
        Code("dbscan", Text("Theo khoảng cách (DBSCAN)", "By a distance (DBSCAN)")),
        Code("hdbscan", Text("Theo mật độ (HDBSCAN)", "By density (HDBSCAN)")),
    ),
)
SCAN = CodeList(
    "scan_class",
    Text("Ý nghĩa của cụm", "Significance of the cluster"),
    (
        Code("significant", Text("Cụm có ý nghĩa (p ≤ 0,05)", "Significant (p up to 0.05)")),
        NOT_SIGNIFICANT,
    ),
)
COVERAGE = CodeList(
    "coverage_class",
    Text("Tỷ lệ dân ở ngoài tầm", "Share of people beyond reach"),
    (
        Code("none", Text("Mọi người trong tầm", "All within reach")),
        Code("under_25", Text("Dưới 25 % ở ngoài tầm", "Under 25 % beyond reach")),
        Code("under_50", Text("25 đến dưới 50 %", "25 to under 50 %")),
        Code("under_75", Text("50 đến dưới 75 %", "50 to under 75 %")),
        Code("most", Text("75 % trở lên", "75 % or more")),
    ),
)

_NUMBER = Column("id", Text("Số thứ tự", "Number"), editable=False)
_NAME = Column("name", Text("Nơi", "Place"), editable=False, in_tiles=True)
_CELL = Column(
    "cell",
    Text("Mã ô, đơn vị hoặc cụm", "Cell, unit or cluster"),
    Text(
        "Mã đơn vị hành chính, mã ô lưới hoặc số của cụm trong kết quả",
        "Code of the unit, of the grid's cell, or the cluster's number in the result",
    ),
    editable=False,
)
_RESULT = (
    Column("title", Text("Kết quả", "Result"), editable=False),
    Column(
        "result",
        Text("Mã kết quả", "Id of the result"),
        Text("Nguồn gốc đầy đủ ở /api/results/{mã}", "Its provenance is at /api/results/{id}"),
        editable=False,
        in_tiles=True,
    ),
    Column(
        "current",
        Text("Kết quả mới nhất", "Newest result"),
        Text(
            "Thuộc kết quả được giữ sau cùng của lớp này",
            "Of the result of this layer that was kept last",
        ),
        editable=False,
        in_tiles=True,
    ),
    UPDATED_AT,
)


def _computed(name: str, vi: str, en: str, unit: str | None = None) -> Column:
    return Column(name, Text(vi, en), editable=False, unit=unit)


_EVENTS = _computed("n", "Số sự kiện", "Events")
_P = _computed("p", "Giá trị p", "p-value")
_COMPARED = (
    _EVENTS,
    _computed("value", "Giá trị so sánh", "Value compared"),
    _computed("neighbour_mean", "Trung bình của láng giềng", "Mean of the neighbours"),
)
_TESTED = (
    _P,
    _computed("q", "p sau hiệu chỉnh (q)", "Corrected p (q)"),
    _computed("neighbours", "Số láng giềng", "Neighbours"),
    _computed("edge", "Ở rìa tỉnh", "At the province's edge"),
)
_Z = _computed("z", "Điểm z (Gi*)", "z-score (Gi*)")
_BY_STEP = (
    _computed("trend_z", "Xu hướng (z Mann-Kendall)", "Trend (Mann-Kendall z)"),
    _computed("trend_p", "p của xu hướng", "p of the trend"),
    _computed("z_by_step", "Điểm z từng bước (JSON)", "z-score by step (JSON)"),
    _computed("n_by_step", "Số sự kiện từng bước (JSON)", "Events by step (JSON)"),
)

_TYPES: dict[str, Any] = {
    **dict.fromkeys(("name", "class", "cell", "title", "z_by_step", "n_by_step"), sa.Text),
    **dict.fromkeys(("n", "core", "neighbours"), sa.Integer),
    **dict.fromkeys(("edge", "current"), sa.Boolean),
    **dict.fromkeys(("first", "last"), sa.Date),
    "result": sa.Uuid,
}
_GIVEN = frozenset({"name", "class", "cell", "title", "result", "current"})
"""The columns that every row has a value in."""


def _layer(
    layer_id: str, title: Text, description: Text, codes: CodeList, columns: Iterable[Column]
) -> Layer:
    """The record of a process's results; columns that it does not type are float8."""
    kind = Column("class", codes.title, codes=codes, editable=False, in_tiles=True)
    listed = (_NUMBER, _NAME, kind, *columns, _CELL, *_RESULT)
    own = (one.name for one in listed if one not in (_NUMBER, UPDATED_AT))
    return Layer(
        id=layer_id,
        theme=ANALYSIS,
        title=title,
        description=description,
        table=layer_table(
            layer_id,
            *(sa.Column(one, _TYPES.get(one, sa.Float), nullable=one not in _GIVEN) for one in own),
            geometry_type="MultiPolygon",
            described_by=listed,
        ),
        geometry_type="MultiPolygon",
        columns=listed,
        title_column="name",
        steward="it",
        computed=True,
        # A result would lie over what is going on; it waits to be asked for.
        shown=False,
        allows_outside=True,
        class_column="class",
        keywords=("phân tích", "analysis"),
    )


LAYERS: tuple[Layer, ...] = (
    _layer(
        "hotspots",
        Text("Điểm nóng", "Hotspots"),
        Text(
            "Nơi giá trị cao hoặc thấp tụ lại nhiều hơn ngẫu nhiên (Getis-Ord Gi*)",
            "Where high or low values lie together more than by chance (Getis-Ord Gi*)",
        ),
        HOTSPOT,
        (*_COMPARED, _Z, *_TESTED),
    ),
    _layer(
        "emerging_hotspots",
        Text("Điểm nóng theo thời gian", "Emerging hotspots"),
        Text(
            "Điểm nóng mới, kéo dài, tăng, giảm hay đã qua",
            "Hotspots that are new, lasting, growing, shrinking or over",
        ),
        HISTORY,
        (*_COMPARED, _Z, *_TESTED, *_BY_STEP),
    ),
    _layer(
        "local_moran",
        Text("Moran địa phương", "Local Moran's I"),
        Text(
            "Đơn vị giống hay khác láng giềng (LISA)",
            "Units like or unlike their neighbours (LISA)",
        ),
        QUADRANT,
        (*_COMPARED, _computed("i", "Moran địa phương (I)", "Local Moran's I"), *_TESTED),
    ),
    _layer(
        "event_clusters",
        Text("Cụm sự kiện", "Clusters of events"),
        Text("Các nhóm điểm gần nhau, theo mật độ", "Groups of points near each other, by density"),
        METHOD,
        (
            _EVENTS,
            _computed("core", "Điểm lõi", "Core points"),
            _computed("strength", "Độ chắc của thành viên", "Strength of membership"),
        ),
    ),
    _layer(
        "scan_clusters",
        Text("Cụm quét Kulldorff", "Scan clusters"),
        Text(
            "Vùng có nhiều ca hơn mức dân số cho phép dự kiến",
            "Areas with more cases than their population lets expect",
        ),
        SCAN,
        (
            _EVENTS,
            _computed("expected", "Số dự kiến", "Expected"),
            _computed("population", "Dân số", "Population", "{person}"),
            _computed("relative_risk", "Nguy cơ tương đối", "Relative risk"),
            _computed("llr", "Tỷ số hợp lý (log)", "Log likelihood ratio"),
            _P,
            _computed("radius_m", "Bán kính", "Radius", "m"),
            _computed("first", "Bước đầu", "First step"),
            _computed("last", "Bước cuối", "Last step"),
        ),
    ),
    _layer(
        "coverage_gaps",
        Text("Vùng chưa được phục vụ", "Coverage gaps"),
        Text(
            "Số dân ở xa hơn một khoảng cách tính từ điểm phục vụ gần nhất",
            "People farther than a distance from the nearest service point",
        ),
        COVERAGE,
        (
            _computed("population", "Dân số", "Population", "{person}"),
            _computed("share_beyond", "Tỷ lệ diện tích ngoài tầm", "Share of the area beyond"),
            _computed("people_beyond", "Số dân ngoài tầm", "People beyond", "{person}"),
        ),
    ),
)
"""One layer for each process whose result has areas, in the order people see them."""
