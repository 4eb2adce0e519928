/** The texts of the map on which a place is chosen, in Vietnamese: the catalogue that the others must match. */
export const vi = {
  mapLabel: "Bản đồ. Dùng các phím mũi tên để di chuyển, phím cộng và trừ để phóng to, thu nhỏ.",
  mapHint: "Di chuyển bản đồ để dấu thập nằm đúng nơi cần cứu, rồi bấm nút ở dưới.",
  mapZoomIn: "Phóng to",
  mapZoomOut: "Thu nhỏ",
  mapChoose: "Chọn điểm này",
};

export type PickerTexts = typeof vi;
