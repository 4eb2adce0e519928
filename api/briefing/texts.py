"""The words of briefings, in Vietnamese and English; those on methods are in `methods`."""

from __future__ import annotations

from layers.layer import Text

INTERNAL = Text("LƯU HÀNH NỘI BỘ", "INTERNAL")
SYNTHETIC = Text("DỮ LIỆU MÔ PHỎNG", "SYNTHETIC DATA")

SUBJECT = Text("Lớp “{layer}”{narrowed}", "Layer “{layer}”{narrowed}")
FILTERED = Text(", lọc theo: {filter}", ", filtered by: {filter}")
DURING = Text(", thời gian: {datetime}", ", time: {datetime}")

CELLS: dict[str, Text] = {
    "commune": Text("{n} xã, phường", "{n} communes"),
    "district": Text("{n} huyện, thị xã, thành phố", "{n} districts"),
    "hexagon": Text("{n} ô lục giác rộng {size}", "{n} hexagons {size} wide"),
    "square": Text("{n} ô vuông cạnh {size}", "{n} squares of {size}"),
}
COUNTED = Text(
    "Đã xét {cells} với {n} đối tượng của lớp “{layer}”.",
    "{cells} with {n} features of the layer “{layer}” were compared.",
)
COMPARED: dict[str, Text] = {
    "rate": Text(
        "Giá trị được so sánh là tỷ suất theo dân số.",
        "What is compared is the rate by population.",
    ),
    "column": Text(
        "Giá trị được so sánh là trung bình của “{column}”.",
        "What is compared is the mean of “{column}”.",
    ),
}
HOT = Text(
    "{hot} nơi là điểm nóng: {n99} ở mức tin cậy 99 %, {n95} ở 95 %, {n90} ở 90 %.",
    "{hot} of them are hot spots: {n99} at 99 % confidence, {n95} at 95 %, {n90} at 90 %.",
)
NO_HOT = Text(
    "Không nơi nào là điểm nóng có ý nghĩa thống kê.",
    "None of them is a statistically significant hot spot.",
)
COLD = Text("{n} nơi là điểm lạnh.", "{n} are cold spots.")
HOTTEST = Text("Nóng nhất: {names}.", "The hottest: {names}.")
GLOBAL_CLUSTERED = Text(
    "Nhìn chung, các giá trị gần giống nhau nằm cạnh nhau (I = {i}; z = {z}; p {p}).",
    "On the whole, like values lie beside each other (I = {i}; z = {z}; p {p}).",
)
GLOBAL_DISPERSED = Text(
    "Nhìn chung, các giá trị khác nhau nằm cạnh nhau (I = {i}; z = {z}; p {p}).",
    "On the whole, unlike values lie beside each other (I = {i}; z = {z}; p {p}).",
)
GLOBAL_RANDOM = Text(
    "Nhìn chung, sự phân bố không khác ngẫu nhiên (I = {i}; z = {z}; p {p}).",
    "On the whole, they lie as chance would have it (I = {i}; z = {z}; p {p}).",
)
QUADRANTS = Text(
    "{hh} nơi cao giữa nơi cao, {ll} thấp giữa nơi thấp, {hl} cao giữa nơi thấp,"
    " {lh} thấp giữa nơi cao.",
    "{hh} are high among high, {ll} low among low, {hl} high among low, {lh} low among high.",
)
HIGHEST = Text("Cao giữa nơi cao: {names}.", "High among high: {names}.")
STEPS = Text(
    "{n} bước, mỗi bước {days} ngày, từ {first}.", "{n} steps of {days} days each, from {first} on."
)
HISTORIES = Text("Diễn biến: {all}.", "Histories: {all}.")
NO_HISTORY = Text("Không nơi nào có quy luật rõ.", "No place shows a pattern.")
MOST_NOTABLE = Text("Đáng chú ý nhất: {names}.", "Most notable: {names}.")
GROUPED = Text(
    "{clusters} cụm trong {n} đối tượng của lớp “{layer}”; {noise} đối tượng không thuộc cụm nào.",
    "{clusters} clusters among {n} features of the layer “{layer}”; {noise} are in none.",
)
LARGEST = Text("Lớn nhất: {names}.", "The largest: {names}.")
SCANNED = Text(
    "{significant} vùng có nhiều ca hơn mức dân số cho phép dự kiến (p đến 0,05), trong {n} ca.",
    "{significant} areas have more cases than their people let expect (p up to 0.05), of {n}"
    " cases.",
)
CLEAREST = Text(
    "Rõ nhất: {name}, {n} ca, dự kiến {expected}, gấp {risk} lần nơi khác (p {p}).",
    "The clearest: {name}, {n} cases where {expected} are expected, {risk} times the risk"
    " elsewhere (p {p}).",
)
FROM_TO = Text("Từ {first} đến {last}.", "From {first} to {last}.")
DISTANCES = Text(
    "{n} đối tượng của lớp “{layer}”; “{to}” gần nhất cách {median} (trung vị), xa nhất"
    " {farthest}.",
    "{n} features of the layer “{layer}”; the nearest of “{to}” is {median} away (median),"
    " {farthest} at most.",
)
FARTHEST = Text("Xa nhất: {names}.", "The farthest: {names}.")
BEYOND = Text(
    "Khoảng {beyond} trong {people} người ({share}) sống cách “{layer}” gần nhất hơn {distance}.",
    "About {beyond} of {people} people ({share}) live more than {distance} from the nearest of"
    " “{layer}”.",
)
ALONG = (
    Text("theo đường chim bay", "as the crow flies"),
    Text("theo đường bộ", "by road"),
)
SERVED = Text(
    "Khoảng {people} người sống trong tầm {reach} của {n} đối tượng lớp “{layer}”, {along};"
    " vùng rộng {area} km².",
    "About {people} people live within {reach} of {n} features of the layer “{layer}”, {along};"
    " the area has {area} km².",
)
MINUTES = Text("{n} phút", "{n} minutes")
AREA_KM2 = Text("Diện tích (km²)", "Area (km²)")
PEOPLE = Text("Số người", "People")
WITHIN = Text("Đối tượng trong vùng", "Features within")
MOST_PEOPLE = Text("Nhiều người nhất: {names}.", "Most people: {names}.")
TOTALS = Text(
    "{n} đối tượng của lớp “{layer}” ở {units} đơn vị.",
    "{n} features of the layer “{layer}” in {units} units.",
)
MOST = Text("Nhiều nhất: {names}.", "Most: {names}.")
DENSITY = Text(
    "Mật độ của {n} đối tượng lớp “{layer}”: cao nhất {maximum} trên mỗi km², ở {name}.",
    "The density of {n} features of the layer “{layer}”: {maximum} per km² at most, in {name}.",
)
BANDWIDTH = Text("Bán kính làm trơn: {bandwidth}.", "Smoothed over {bandwidth}.")
HIGHEST_IN = Text("Cao nhất: {names}.", "The highest: {names}.")
INTERPOLATED = Text(
    "Nội suy “{column}” của {n} đối tượng lớp “{layer}”: từ {minimum} đến {maximum} {unit}.",
    "“{column}” of {n} features of the layer “{layer}”, interpolated: {minimum} to {maximum}"
    " {unit}.",
)
ZONES = Text(
    "Raster “{raster}” trong {areas} vùng của lớp “{layer}”, {pixels} điểm ảnh.",
    "The raster “{raster}” in {areas} areas of the layer “{layer}”, {pixels} pixels.",
)
NOTHING = Text("Không có kết quả nào để trình bày.", "There is nothing to show.")
NAMED = Text("{name} ({told})", "{name} ({told})")
NEAR = Text("{name} và {n} nơi khác", "{name} and {n} more")
OUTSIDE = Text("ngoài địa bàn", "outside of the units")

MAP = Text("Bản đồ", "Map")
LEFT_OUT = Text(
    "Bản đồ vẽ {n} đối tượng đáng chú ý nhất trong {all}.",
    "The map draws the {n} most notable of {all} features.",
)
TABLE = Text("{n} nơi đứng đầu", "The first {n}")
TABLE_NOTE = Text(
    "Trong {all} dòng của kết quả; xếp theo mức đáng chú ý.",
    "Of {all} rows of the result, the most notable first.",
)
METHOD = Text("Phương pháp", "Method")
PROVENANCE = Text("Kết quả được lập thế nào", "How the result was made")
BY_CLASS = Text("Số nơi theo lớp", "Places by class")
BY_STEP = Text("Số đối tượng theo bước", "Features by step")
BY_PERIOD = Text("Số đối tượng theo kỳ", "Features by period")
LEGEND = Text("Chú giải", "Legend")
MAP_LABEL = Text(
    "Bản đồ kết quả; bảng bên dưới có các con số", "Map of the result; the table has the numbers"
)
ZOOM_IN = Text("Phóng to", "Zoom in")
ZOOM_OUT = Text("Thu nhỏ", "Zoom out")
FOOTER = Text(
    "{province} · báo cáo phân tích lập lúc {at}", "{province} · analysis briefing made at {at}"
)
PAGE = Text("Trang {n}/{all}", "Page {n} of {all}")

PROCESS = Text("Quy trình", "Process")
INPUTS = Text("Đầu vào", "Inputs")
SEED = Text("Hạt giống ngẫu nhiên", "Random seed")
NO_SEED = Text("không dùng số ngẫu nhiên", "nothing random was used")
VERSION = Text("Phiên bản dữ liệu", "Version of the data")
VERSION_AT = Text("{version}, có từ {at}", "{version}, since {at}")
AUDIENCE = Text("Dữ liệu được đọc", "Data read as")
AUDIENCES: dict[str, Text] = {
    "public": Text("phần công khai", "the public sees it"),
    "staff": Text("phần dành cho cán bộ", "staff see it"),
}
COMPUTED = Text("Tính lúc", "Computed")
PUBLISHED = Text("Phương pháp theo", "Method published in")
SOURCE = Text("Nguồn dữ liệu", "Source of the data")
LICENCE = Text("Giấy phép", "Licence")
BASE = Text("Bản đồ nền", "Base map")
BASE_OF = Text("lớp “{layer}” của tỉnh; {licence}", "the province's layer “{layer}”; {licence}")

NAME = Text("Nơi", "Place")
CELL = Text("Ô", "Cell")
FEATURE = Text("Mã", "Id")
EVENTS = Text("Số đối tượng (n)", "Features (n)")
COMPARED_VALUE = Text("Giá trị", "Value")
Z = Text("z", "z")
P = Text("p", "p")
Q = Text("q", "q")
LOCAL_I = Text("I địa phương", "Local I")
CLASS = Text("Lớp", "Class")
TREND = Text("Xu thế (z)", "Trend (z)")
CORE = Text("Điểm lõi", "Core points")
STRENGTH = Text("Độ chặt", "Strength")
EXPECTED = Text("Dự kiến", "Expected")
RISK = Text("Nguy cơ tương đối", "Relative risk")
LLR = Text("LLR", "LLR")
POPULATION = Text("Dân số", "Population")
FIRST = Text("Từ ngày", "From")
LAST = Text("Bước cuối từ", "Last step from")
NEAREST = Text("Gần nhất", "Nearest")
DISTANCE = Text("Khoảng cách", "Distance")
SHARE = Text("Tỷ lệ ở xa", "Share beyond")
BEYOND_PEOPLE = Text("Số người ở xa", "People beyond")
HIGHEST_DENSITY = Text("Cao nhất, mỗi km²", "Highest, per km²")
MEAN_DENSITY = Text("Trung bình, mỗi km²", "Mean, per km²")
PIXELS = Text("Điểm ảnh", "Pixels")
MEAN = Text("Trung bình", "Mean")
MINIMUM = Text("Nhỏ nhất", "Least")
MAXIMUM = Text("Lớn nhất", "Most")
SUM = Text("Tổng", "Sum")

NO_BRIEFING = Text(
    "kết quả này chỉ dành cho cán bộ, không có bản trình bày",
    "this result is for staff alone, and has no briefing",
)
NOT_A_RESULT = Text(
    "không phải kết quả của một quy trình: thiếu {what}",
    "is no result of a process: it lacks {what}",
)
