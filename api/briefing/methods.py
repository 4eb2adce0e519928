"""What each method computes, what it takes for granted, and when its result misleads.

`docs/statistics.md` says the same at length; the published sources are named there and here.
"""

from __future__ import annotations

from collections.abc import Mapping

from layers.layer import Text

Notes = tuple[tuple[Text, Text], ...]

WHAT = Text("Tính gì", "What is computed")
READING = Text("Cách đọc", "How to read it")
FEW = Text("Số nhỏ", "Small numbers")
TESTS = Text("Nhiều phép thử", "Many tests")
LIMITS = Text("Giới hạn", "Limits")

HOTSPOTS: Notes = (
    (
        WHAT,
        Text(
            "Gi* của Getis và Ord so tổng giá trị của một nơi và các láng giềng với mức chung cả"
            " tỉnh; z là độ lệch chuẩn hóa, p hai phía. Nguồn: Ord và Getis (1995), Geographical"
            " Analysis 27(4). Khoảng cách tính bằng mét trong hệ tọa độ của tỉnh.",
            "Gi* of Getis and Ord compares the sum of a place and its neighbours with the level of"
            " the whole province; z is the standardised deviate, p is two-sided. Source: Ord and"
            " Getis (1995), Geographical Analysis 27(4). Distances are metres in the province's"
            " own system.",
        ),
    ),
    (
        READING,
        Text(
            "Điểm nóng là nơi giá trị cao tụ lại, không chỉ là nơi có giá trị cao nhất: một nơi"
            " cao đứng giữa những nơi thấp không phải là điểm nóng. Điểm nóng của số đếm thường"
            " nằm ở chỗ đông dân; muốn xét nguy cơ thì dùng tỷ suất (value=rate).",
            "A hot spot is where high values lie together, not only where the highest is: one high"
            " place among low ones is none. Hot spots of counts lie where people live; for risk"
            " take rates (value=rate).",
        ),
    ),
)
LOCAL_MORAN: Notes = (
    (
        WHAT,
        Text(
            "Chỉ số Moran địa phương cho biết một nơi giống hay khác các láng giềng; p hai phía từ"
            " hoán vị có điều kiện. Nguồn: Anselin (1995), Geographical Analysis 27(2); chỉ số"
            " toàn cục theo Cliff và Ord (1981).",
            "Local Moran's I tells whether a place is like or unlike its neighbours; p is"
            " two-sided, from conditional permutation. Source: Anselin (1995), Geographical"
            " Analysis 27(2); the global I after Cliff and Ord (1981).",
        ),
    ),
    (
        READING,
        Text(
            "Cao giữa nơi cao là cụm nóng; cao giữa nơi thấp và thấp giữa nơi cao là nơi khác"
            " thường.",
            "High among high is a hot cluster; high among low and low among high are outliers.",
        ),
    ),
    (
        FEW,
        Text(
            "Với {permutations} hoán vị, p nhỏ nhất là khoảng {least}; sau hiệu chỉnh có thể không"
            " còn nơi nào. Khi đó dùng 9.999 hoán vị. Tỷ suất thô ở nơi ít dân gây hiểu sai: dùng"
            " value=rate.",
            "With {permutations} permutations p is at least some {least}, and after the correction"
            " nothing may be left: then take 9,999. Raw rates of few people mislead: take"
            " value=rate.",
        ),
    ),
)
EMERGING: Notes = (
    (
        WHAT,
        Text(
            "Gi* của từng nơi ở từng bước thời gian, lân cận gồm cả các bước liền trước; sau đó"
            " kiểm định xu thế Mann-Kendall. Nguồn: Ord và Getis (1995); Mann (1945), Kendall"
            " (1975); tên các lớp theo định nghĩa mà Esri công bố cho Emerging Hot Spot Analysis.",
            "Gi* of each place at each step of time, its neighbourhood reaching into the steps"
            " before; then the Mann-Kendall test of trend. Source: Ord and Getis (1995); Mann"
            " (1945), Kendall (1975); the classes as Esri published them for Emerging Hot Spot"
            " Analysis.",
        ),
    ),
    (
        READING,
        Text(
            "Mới: nóng ở bước cuối, trước đó chưa từng. Liên tiếp: một chuỗi đến bước cuối. Tăng"
            " mạnh, dai dẳng, giảm dần: nóng trong 90 % số bước. Lúc có lúc không: nóng ở bước"
            " cuối và vài bước trước. Đã qua: nóng 90 % số bước nhưng không còn ở bước cuối.",
            "New: hot at the last step, never before. Consecutive: one run up to the last step."
            " Intensifying, persistent, diminishing: hot in 90 % of steps. Sporadic: hot at the"
            " last step and on and off before. Historical: hot in 90 % of steps, but not at the"
            " last.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Mann-Kendall coi các bước là độc lập; lân cận gồm cả bước trước nên xu thế được phát"
            " hiện hơi nhiều hơn thực tế. Bước đầu có thể không trọn. Mọi nơi và bước được hiệu"
            " chỉnh chung theo Benjamini và Hochberg (1995).",
            "Mann-Kendall takes steps as independent; neighbourhoods reach into the step before,"
            " so trends are found a little too often. The first step may be part empty. All places"
            " and steps are corrected together by Benjamini and Hochberg (1995).",
        ),
    ),
)
CLUSTERS: Notes = (
    (
        WHAT,
        Text(
            "DBSCAN nối những điểm có đủ điểm khác trong bán kính đã cho (Ester và cộng sự 1996);"
            " không cho bán kính thì dùng HDBSCAN (Campello và cộng sự 2013).",
            "DBSCAN joins points that have enough others within the given radius (Ester and others"
            " 1996); without a radius it is HDBSCAN (Campello and others 2013).",
        ),
    ),
    (
        LIMITS,
        Text(
            "Đây không phải là phép kiểm định: chỗ chỉ dày hơn do ngẫu nhiên cũng thành cụm. Điểm"
            " biên có thể thuộc cụm này hay cụm kia, nên chỉ so các điểm lõi. Đường bao lồi gồm cả"
            " đất không có sự kiện.",
            "This tests nothing: what is denser only by chance becomes a cluster too. Border"
            " points may fall to one cluster or another, so compare core points. Hulls are convex"
            " and cover ground where nothing happened.",
        ),
    ),
)
SCAN: Notes = (
    (
        WHAT,
        Text(
            "Các vòng tròn quanh mỗi đơn vị lớn dần; vòng nào có nhiều ca hơn mức dân số cho phép"
            " dự kiến nhất thì được báo, p là thứ hạng so với các bản đồ mô phỏng theo dân số."
            " Nguồn: Kulldorff (1997), Communications in Statistics 26(6); theo thời gian:"
            " Kulldorff (2001), JRSS A 164(1).",
            "Circles around each unit grow; those with most cases beyond what their people let"
            " expect are told, p is the rank among maps simulated by population. Source: Kulldorff"
            " (1997), Communications in Statistics 26(6); in time: Kulldorff (2001), JRSS A"
            " 164(1).",
        ),
    ),
    (
        READING,
        Text(
            "Vòng tròn là cửa sổ tìm kiếm, không phải ranh giới: hãy nói tên các đơn vị. Cụm dài"
            " theo sông sẽ hiện ra tròn hơn, hoặc thành nhiều cụm. p của các cụm sau thận trọng"
            " hơn thực tế.",
            "The circle is a search window, not a border: name the units. A long cluster along a"
            " river is found as a rounder one, or as several. p of later clusters is conservative.",
        ),
    ),
    (
        TESTS,
        Text(
            "Mọi cửa sổ được thử chung một lần, nên p không cần hiệu chỉnh thêm. Với"
            " {permutations} mô phỏng, p nhỏ nhất là {least}.",
            "All windows are tested at once, so p needs no further correction. With {permutations}"
            " simulations p is {least} at least.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Kết quả tùy thuộc số dân của từng đơn vị; dân số cũ hoặc sai làm lệch số ca dự kiến.",
            "It depends on the population of each unit; if that is old or wrong, so is what is"
            " expected.",
        ),
    ),
)
NEAREST: Notes = (
    (
        WHAT,
        Text(
            "Khoảng cách tới đối tượng gần nhất của lớp kia, tính {along}, bằng mét.",
            "Distances to the nearest feature of the other layer, {along}, in metres.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Đường chim bay ngắn hơn đường đi, nhất là qua sông và núi; đường bộ, tìm theo Dijkstra"
            " (1959), đúng đến mức dữ liệu đường. Đối tượng ở tỉnh bên không được xét.",
            "As the crow flies is shorter than the way, most of all across rivers and mountains; by"
            " road, found as Dijkstra (1959) does, is as right as the roads that were loaded."
            " Features of neighbouring provinces are not considered.",
        ),
    ),
)
COVERAGE: Notes = (
    (
        WHAT,
        Text(
            "Phần diện tích của mỗi đơn vị nằm ngoài tầm các điểm, tính {along}, nhân với dân số.",
            "The share of each unit's area beyond reach of the points, {along}, times its"
            " population.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Dân được coi là ở đều trong đơn vị; thực tế dân ở gần đường và trung tâm nên con số ở"
            " xã rộng, miền núi thường cao hơn thực.",
            "People are taken to live evenly in each unit; they live near roads and centres, so"
            " figures of large mountain units tend to be too high.",
        ),
    ),
)
SERVICE: Notes = (
    (
        WHAT,
        Text(
            "Vùng mà từ đó tới được đối tượng trong tầm đã cho, tính {along}; theo đường bộ là"
            " đường ngắn nhất của Dijkstra (1959), Numerische Mathematik 1.",
            "The area from which a feature is within the given reach, {along}; by road it is the"
            " shortest way of Dijkstra (1959), Numerische Mathematik 1.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Dân được coi là ở đều trong đơn vị, nên số người là ước tính. Vùng của các đối tượng"
            " chồng lên nhau: không cộng số người của chúng. Nước lũ và tắc đường không được xét.",
            "People are taken to live evenly in each unit, so their number is an estimate. Areas"
            " of features overlap: do not add up their people. Floods and traffic are not"
            " considered.",
        ),
    ),
)
SUMMARY: Notes = (
    (
        WHAT,
        Text(
            "Đếm các đối tượng theo đơn vị, và theo kỳ nếu được yêu cầu; không có phép thử thống"
            " kê nào.",
            "Features counted by unit, and by period where that was asked; nothing is tested.",
        ),
    ),
    (
        FEW,
        Text(
            "Số đếm đi theo dân số: nơi đông dân có nhiều hơn. Muốn tìm nơi bất thường, dùng quy"
            " trình hotspots hoặc scan.",
            "Counts follow population: where many live there are more. To find what is unusual,"
            " use hotspots or scan.",
        ),
    ),
)

DENSITY: Notes = (
    (
        WHAT,
        Text(
            "Mỗi đối tượng được trải ra quanh nó theo hàm nhân; giá trị là số đối tượng trên mỗi"
            " km². Phần tràn ra ngoài tỉnh được trả lại bên trong (edge=reflected) theo Diggle"
            " (1985), Applied Statistics 34(2); bán kính mặc định theo Silverman (1986), Density"
            " Estimation.",
            "Each feature is spread around its place by a kernel; values are features per square"
            " kilometre. What would fall beyond the province is put back inside (edge=reflected)"
            " after Diggle (1985), Applied Statistics 34(2); the usual bandwidth is that of"
            " Silverman (1986), Density Estimation.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Bán kính hẹp cho thấy nhiễu, bán kính rộng che mất các cụm: hãy thử vài mức và nêu"
            " bán kính cùng bản đồ. Mật độ đi theo nơi dân ở; nó không phải là nguy cơ, và không"
            " có phép thử thống kê nào.",
            "A narrow bandwidth shows noise, a wide one hides the clusters: try some, and tell the"
            " bandwidth beside the map. Density follows where people live; it is not risk, and"
            " nothing is tested.",
        ),
    ),
)
INTERPOLATE: Notes = (
    (
        WHAT,
        Text(
            "Mặt trơn qua các giá trị đo tại điểm: idw lấy trung bình theo nghịch đảo khoảng cách,"
            " Shepard (1968), Proc. 23rd ACM National Conference; linear dùng mặt phẳng trên các"
            " tam giác.",
            "A surface through values at points: idw is the mean by inverse distances, Shepard"
            " (1968), Proc. 23rd ACM National Conference; linear takes planes over triangles.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Giữa các điểm là ước đoán, không có sai số kèm theo; xa các điểm thì kém tin. Chỉ hợp"
            " với đại lượng biến đổi liên tục, không hợp với số đếm. Sông, núi không được xét.",
            "Between the points it is a guess, told without an error; far from them trust it less."
            " It suits what varies continuously, not counts. Rivers and mountains are not"
            " considered.",
        ),
    ),
)
ZONAL: Notes = (
    (
        WHAT,
        Text(
            "Thống kê các điểm ảnh có tâm nằm trong vùng.",
            "Statistics of the pixels whose centres lie in the area.",
        ),
    ),
    (
        LIMITS,
        Text(
            "Vùng nhỏ hơn điểm ảnh có thể không có giá trị nào. Trung bình của vùng không nói gì"
            " về từng nơi trong vùng.",
            "An area smaller than a pixel may have no value. The mean of an area says nothing of a"
            " place within it.",
        ),
    ),
)

METHODS: Mapping[str, Notes] = {
    "hotspots": HOTSPOTS,
    "local-moran": LOCAL_MORAN,
    "emerging-hotspots": EMERGING,
    "clusters": CLUSTERS,
    "scan": SCAN,
    "nearest": NEAREST,
    "coverage-gap": COVERAGE,
    "service-area": SERVICE,
    "density": DENSITY,
    "interpolate": INTERPOLATE,
    "zonal-statistics": ZONAL,
    "summary": SUMMARY,
}
"""By the id of the process."""
