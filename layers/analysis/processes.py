"""The processes that are offered: one record each, from which all that serves them is made.

Nothing here loads a statistics library: the functions are named, and found where they run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from layers.analysis.inputs import (
    ClusterInputs,
    CoverageGapInputs,
    DensityInputs,
    EmergingInputs,
    FlowInputs,
    HotspotInputs,
    Inputs,
    InterpolateInputs,
    LocalMoranInputs,
    NearestInputs,
    ScanInputs,
    ServiceAreaInputs,
    SummaryInputs,
    ZonalInputs,
)
from layers.layer import Text
from layers.rasters.registry import GEOTIFF
from layers.roles import Role
from spatial.errors import BadInput

STAFF = frozenset({Role.VIEWER, Role.ANALYST, Role.OFFICER, Role.COORDINATOR, Role.ADMIN})
"""Who may be told of check-ins, as `migrations/versions/0025_check_in_figures.py` decides."""


@dataclass(frozen=True)
class Process:
    """A process.

    Attributes:
        id: in addresses.
        version: of the method; a change of what it computes is a new one.
        inputs: the model of what it is asked.
        function: its module in `layers.analysis`, and its name.
        media_type: of its result.
        collection: the id of the layer that a kept result becomes part of; None where it has no
            areas to show, or is for some roles alone.
        source: what the method is published in.
        roles: who may run it, as PostgreSQL decides; None: everybody.
    """

    id: str
    version: str
    title: Text
    description: Text
    inputs: type[Inputs]
    function: str
    media_type: str
    source: str
    collection: str | None = None
    roles: frozenset[Role] | None = None

    def read(self, values: Mapping[str, object]) -> Inputs:
        """The inputs of a request.

        Raises:
            BadInput: one is missing, unknown, or breaks its rule; the sentence names it.
        """
        try:
            return self.inputs.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "inputs"
            rule = first["msg"].removeprefix("Value error, ")
            shown = repr(first["input"])[:80]
            raise BadInput(
                f"{name} {shown}: {rule}", f"{name} {shown} không hợp lệ: {rule}"
            ) from None


PROCESSES: Mapping[str, Process] = {
    process.id: process
    for process in (
        Process(
            "hotspots",
            "1.2.0",
            Text("Điểm nóng (Getis-Ord Gi*)", "Hotspots (Getis-Ord Gi*)"),
            Text(
                "Nơi giá trị cao hoặc thấp tụ lại nhiều hơn ngẫu nhiên, theo xã, huyện hoặc lưới ô",
                "Where high or low values lie together more than chance would have it, by commune,"
                " district or grid cell",
            ),
            HotspotInputs,
            "patterns.hotspots",
            "application/geo+json",
            "Ord and Getis (1995), Geographical Analysis 27(4)",
            "hotspots",
        ),
        Process(
            "local-moran",
            "1.1.1",
            Text("Moran địa phương (LISA)", "Local Moran's I (LISA)"),
            Text(
                "Đơn vị giống hay khác láng giềng, kiểm định bằng hoán vị có điều kiện",
                "Units like or unlike their neighbours, tested by conditional permutation",
            ),
            LocalMoranInputs,
            "patterns.local_moran",
            "application/geo+json",
            "Anselin (1995), Geographical Analysis 27(2)",
            "local_moran",
        ),
        Process(
            "emerging-hotspots",
            "1.2.0",
            Text("Điểm nóng theo thời gian", "Emerging hotspots"),
            Text(
                "Điểm nóng mới, kéo dài, tăng, giảm hay đã qua, theo từng bước thời gian",
                "Hotspots that are new, lasting, growing, shrinking or over, step by step",
            ),
            EmergingInputs,
            "patterns.emerging_hotspots",
            "application/geo+json",
            "Ord and Getis (1995); Mann (1945) and Kendall (1975)",
            "emerging_hotspots",
        ),
        Process(
            "clusters",
            "1.1.0",
            Text("Cụm theo mật độ (DBSCAN, HDBSCAN)", "Clusters by density (DBSCAN, HDBSCAN)"),
            Text(
                "Các cụm điểm gần nhau, với đường bao và các điểm của cụm",
                "Groups of points near each other, with hulls and members",
            ),
            ClusterInputs,
            "groups.clusters",
            "application/geo+json",
            "Ester et al. (1996); Campello et al. (2013)",
            "event_clusters",
        ),
        Process(
            "scan",
            "1.1.0",
            Text("Quét Kulldorff", "Kulldorff's scan"),
            Text(
                "Vùng, hoặc vùng và thời gian, có nhiều ca hơn mức dân số cho phép dự kiến",
                "Areas, or areas and times, with more cases than their population lets expect",
            ),
            ScanInputs,
            "groups.scan",
            "application/geo+json",
            "Kulldorff (1997), Communications in Statistics 26(6)",
            "scan_clusters",
        ),
        Process(
            "density",
            "1.0.0",
            Text("Mật độ (hàm nhân)", "Kernel density"),
            Text(
                "Raster số sự kiện, hoặc tổng một cột, trên mỗi km²",
                "A raster of events, or of a column's sum, per square kilometre",
            ),
            DensityInputs,
            "surfaces.density",
            GEOTIFF,
            "Silverman (1986), Density Estimation; Diggle (1985), Applied Statistics 34(2)",
        ),
        Process(
            "interpolate",
            "1.0.0",
            Text("Nội suy", "Interpolation"),
            Text(
                "Raster nội suy một cột số đo tại các điểm",
                "A raster through a column's values at points",
            ),
            InterpolateInputs,
            "surfaces.interpolate",
            GEOTIFF,
            "Shepard (1968), Proc. 23rd ACM National Conference",
        ),
        Process(
            "zonal-statistics",
            "1.0.0",
            Text("Thống kê raster theo vùng", "Zonal statistics"),
            Text(
                "Số điểm ảnh, trung bình, nhỏ nhất, lớn nhất, tổng của raster trong từng vùng",
                "Pixels, mean, least, most and sum of a raster's values in each area of a layer",
            ),
            ZonalInputs,
            "zones.zonal_statistics",
            "application/geo+json",
            "",
        ),
        Process(
            "nearest",
            "1.1.0",
            Text("Gần nhất", "Nearest"),
            Text(
                "Các đối tượng gần nhất của một lớp khác, theo đường bộ hoặc đường chim bay",
                "The nearest features of another layer, by road or as the crow flies",
            ),
            NearestInputs,
            "reach.nearest",
            "application/geo+json",
            "Dijkstra (1959), Numerische Mathematik 1",
        ),
        Process(
            "service-area",
            "1.0.0",
            Text("Vùng phục vụ", "Service area"),
            Text(
                "Nơi và số dân trong một khoảng cách hay số phút quanh mỗi đối tượng, theo đường bộ"
                " hoặc đường chim bay",
                "Where one is within a distance or minutes of each feature, by road or as the crow"
                " flies, and how many people live there",
            ),
            ServiceAreaInputs,
            "service.service_area",
            "application/geo+json",
            "Dijkstra (1959), Numerische Mathematik 1",
        ),
        Process(
            "coverage-gap",
            "1.1.0",
            Text("Vùng chưa được phục vụ", "Coverage gap"),
            Text(
                "Số dân ở xa hơn một khoảng cách tính từ điểm phục vụ gần nhất",
                "People farther away than a distance from the nearest service point",
            ),
            CoverageGapInputs,
            "reach.coverage_gap",
            "application/geo+json",
            "",
            "coverage_gaps",
        ),
        Process(
            "flows",
            "1.0.0",
            Text("Luồng đi lại giữa các đơn vị", "Flows between units"),
            Text(
                "Số lượt và số người ra vào ở xã, huyện này rồi ở xã, huyện khác; chỉ cho cán bộ,"
                " bỏ luồng dưới năm người",
                "How many checked in at one commune or district and then at another; for staff, of"
                " five persons or more",
            ),
            FlowInputs,
            "flows.flows",
            "application/geo+json",
            "Sweeney (2002), Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 10(5)",
            roles=STAFF,
        ),
        Process(
            "summary",
            "1.0.0",
            Text("Tổng hợp theo đơn vị và kỳ", "Summary by unit and period"),
            Text(
                "Số lượng và tổng theo xã hoặc huyện, theo ngày, tuần hoặc tháng",
                "Counts and sums by commune or district, by day, week or month",
            ),
            SummaryInputs,
            "totals.summary",
            "application/json",
            "",
        ),
    )
}
"""All processes, in the order people see them."""


def open_to(role: Role) -> list[str]:
    """The ids of the processes that a role may run."""
    return [one.id for one in PROCESSES.values() if one.roles is None or role in one.roles]


def process_of(name: str) -> Process:
    """The process of that id.

    Raises:
        BadInput: there is none.
    """
    process = PROCESSES.get(name)
    if process is None:
        known = ", ".join(PROCESSES)
        raise BadInput(
            f"there is no process {name!r}; there are {known}",
            f"không có quy trình {name!r}; hiện có: {known}",
        )
    return process
