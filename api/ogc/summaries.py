"""Vietnamese texts of the API's definition: summaries by operation, titles of groups."""

from __future__ import annotations

from layers.layer import Text

SUMMARIES = {
    "landing_page": "Trang đầu của API",
    "conformance": "Các lớp tuân thủ",
    "definition": "Định nghĩa API",
    "collections": "Các lớp dữ liệu",
    "collection": "Thông tin về lớp dữ liệu",
    "items": "Các đối tượng, theo trang",
    "feature": "Một đối tượng",
    "export": "Tải về mọi đối tượng",
    "counts": "Số đối tượng khớp, và số đối tượng của từng giá trị",
    "create": "Thêm một hay nhiều đối tượng",
    "replace": "Thay cả đối tượng",
    "update": "Sửa một phần đối tượng",
    "delete": "Xóa đối tượng",
    "items_options": "Người gọi được làm gì với lớp",
    "feature_options": "Người gọi được làm gì với đối tượng",
    "history": "Ai đã sửa đối tượng, khi nào, sửa gì",
    "restore": "Đưa đối tượng về trạng thái trước",
    "schema": "Lược đồ của các đối tượng",
    "queryables": "Các thuộc tính lọc được",
    "sortables": "Các thuộc tính sắp xếp được",
    "processes": "Các quy trình phân tích",
    "process": "Một quy trình: đầu vào và đầu ra",
    "execute": "Chạy một quy trình",
    "jobs": "Các tác vụ của tài khoản",
    "job": "Tình trạng của một tác vụ",
    "dismiss": "Hủy một tác vụ và xóa kết quả",
    "results": "Kết quả của một tác vụ",
    "styles": "Các kiểu hiển thị",
    "style": "Kiểu hiển thị MapLibre",
    "style_metadata": "Thông tin về kiểu hiển thị",
    "glyphs": "Bộ chữ",
    "sprite": "Bảng ký hiệu",
    "sprite_image": "Ảnh ký hiệu",
    "tilesets": "Các bộ ô của lớp",
    "tileset": "Thông tin về bộ ô",
    "tile": "Một ô vector",
    "tile_matrix_sets": "Các lưới ô",
    "tile_matrix_set": "Định nghĩa của lưới ô",
    "coverage": "Giá trị của raster trên lưới",
    "map": "Ảnh bản đồ của raster",
    "map_tilesets": "Các bộ ô bản đồ của raster",
    "map_tileset": "Thông tin về bộ ô bản đồ",
    "map_tile": "Một ô bản đồ",
    "legend": "Các giá trị của raster và màu của chúng",
    "cog": "Tệp raster, GeoTIFF tối ưu cho đám mây",
}
"""The summaries of operations, by their names."""

TAGS = {
    "capabilities": Text("Giới thiệu dịch vụ và các lớp", "The service and its collections"),
    "features": Text("Đối tượng", "Features"),
    "editing": Text("Chỉnh sửa", "Editing"),
    "schemas": Text("Lược đồ", "Schemas"),
    "tiles": Text("Ô vector", "Vector tiles"),
    "processes": Text("Phân tích", "Processes"),
    "rasters": Text("Raster: coverage, bản đồ, ô bản đồ", "Rasters: coverages, maps, map tiles"),
    "styles": Text("Kiểu hiển thị", "Styles"),
}
"""The titles of the groups of operations."""
