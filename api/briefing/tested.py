"""The notes of a result's method: what it computes, and how far its tests can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

from api.briefing.methods import METHODS, TESTS, Notes
from layers.layer import Text

P_VALUES = Text("Giá trị p", "p-values")
EDGES = Text("Rìa và nơi lẻ", "Edges and islands")

CORRECTED = (
    TESTS,
    Text(
        "Thử cùng lúc {cells} nơi ở mức 5 % thì riêng ngẫu nhiên cũng cho khoảng {chance} nơi. Vì"
        " vậy p được hiệu chỉnh theo Benjamini và Hochberg (1995) thành q; lớp được chia theo q.",
        "Testing {cells} places at 5 % gives some {chance} by chance alone. So p is corrected by"
        " Benjamini and Hochberg (1995); the corrected value is q, and classes are made from q.",
    ),
)
UNCORRECTED = (
    TESTS,
    Text(
        "Kết quả này KHÔNG hiệu chỉnh nhiều phép thử: trong {cells} nơi, khoảng {chance} nơi có p"
        " đến 0,05 chỉ do ngẫu nhiên. Không nên kết luận từ từng nơi riêng lẻ.",
        "This result is NOT corrected for many tests: of {cells} places some {chance} have p up to"
        " 0.05 by chance alone. Conclude nothing from a single one.",
    ),
)
PERMUTED = (
    P_VALUES,
    Text(
        "p là tỷ lệ, trong mọi cách xếp lại ngẫu nhiên các giá trị vào các nơi, cho tổng lệch ít"
        " nhất như vậy về cùng phía, nhân đôi; tính chính xác, không mô phỏng (xấp xỉ nếu vùng lân"
        " cận có hơn 100 nơi), nên đúng cả khi số đếm thưa hoặc lệch. Rìa của một cụm nhỏ có thể"
        " không được tìm thấy.",
        "p is the share of all ways to deal the values out anew among the places that gives a sum"
        " at least as far out on the same side, doubled. It is computed, not simulated (nearly"
        " so for neighbourhoods of more than 100 places), and holds for sparse and for skewed"
        " counts too. The border of a small cluster may be missed.",
    ),
)
NORMAL = (
    P_VALUES,
    Text(
        "p theo phân phối chuẩn chỉ gần đúng khi vùng lân cận có ít đối tượng, và số đếm lệch phải"
        " nên điểm nóng do ngẫu nhiên nhiều hơn mức q nói. inference=permutation không bị như vậy.",
        "The normal p-value is rough where a neighbourhood holds few features, and counts are"
        " skewed, so hot spots appear by chance more often than q says. With inference=permutation"
        " they do not.",
    ),
)
AT_EDGE = (
    EDGES,
    Text(
        "{edge} nơi ở rìa tỉnh thiếu láng giềng bên ngoài nên kém chắc chắn hơn. Nơi không có láng"
        " giềng hoặc không có giá trị được ghi là không tính được ({unknown} nơi), không có nghĩa"
        " là như nơi khác.",
        "{edge} places at the province's edge lack the neighbours beyond it and are less sure. A"
        " place without neighbours or without a value is not computed ({unknown} of them), which"
        " does not mean that it is like the others.",
    ),
)

TESTED_BY_CELL = frozenset(("hotspots", "local-moran"))
"""Processes that test each cell, with the correction that was asked for."""
OF_GI = frozenset(("hotspots", "emerging-hotspots"))
"""Processes of Gi*, whose p-values are taken from what was asked for."""
OF_CELLS = TESTED_BY_CELL | {"emerging-hotspots"}
"""Processes of cells, which have neighbours and an edge."""


def notes_of(process: str, inputs: Mapping[str, object]) -> Notes:
    """The notes of a process, those on its p-values, its correction and on edges among them.

    Args:
        inputs: of the result. One without `inference` is of before it could be chosen, and normal.
    """
    notes = METHODS[process]
    if process in OF_GI:
        notes = (*notes, PERMUTED if inputs.get("inference") == "permutation" else NORMAL)
    if process in TESTED_BY_CELL:
        notes = (*notes, UNCORRECTED if inputs.get("correction") == "none" else CORRECTED)
    return (*notes, AT_EDGE) if process in OF_CELLS else notes
