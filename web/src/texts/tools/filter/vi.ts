/** The texts of the filter in Vietnamese: the catalogue that the others must match. */
export const vi = {
  title: "Lọc dữ liệu",
  layer: "Lớp dữ liệu",
  total: "{n} trong {all} đối tượng khớp bộ lọc",
  totalAll: "{all} đối tượng, chưa lọc",
  counting: "Đang đếm…",
  failed: "Chưa đếm được vì máy chủ không trả lời.",
  clear: "Xóa bộ lọc",
  cleared: "Đã xóa bộ lọc của lớp {layer}.",
  missing: "Chưa có thông tin",
  anyValue: "Tất cả",
  yes: "Có",
  no: "Không",
  from: "Từ",
  to: "Đến",
  contains: "Có chứa",
  containsHint: "Gõ có dấu hay không dấu đều được",
  asked: "đang lọc",
  advanced: "Nâng cao: biểu thức CQL2",
  advancedHint: "Tên các cột: {names}",
  expression: "Biểu thức CQL2",
  apply: "Áp dụng",
  byHand: "Bộ lọc này được viết bằng tay. Sửa nó ở ô dưới đây, hoặc xóa để chọn theo từng cột.",
};

export type FilterTexts = Record<keyof typeof vi, string>;
