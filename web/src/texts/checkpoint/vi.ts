/** The texts of the checkpoint page in Vietnamese. */
export const vi = {
  title: "Quét mã tại chốt",
  language: "Ngôn ngữ",
  honest:
    "Trang này mới chỉ đọc mã. Lượt vào, ra chưa được ghi: việc đó sẽ có cùng với khai báo y tế.",
  choose: "Bạn đang ở chốt nào?",
  search: "Tìm tên, mã, tuyến đường (không cần dấu)",
  loading: "Đang tải danh sách chốt…",
  noList: "Không tải được danh sách chốt; cần có mạng cho lần đầu.",
  found: "{n} chốt",
  shown: "Hiện {n} trong {count} chốt; gõ thêm để thu hẹp.",
  retry: "Thử lại",
  change: "Đổi chốt",
  direction: "Chiều đi",
  goingIn: "VÀO",
  goingOut: "RA",
  cameraStart: "Bật máy quay để quét",
  cameraStop: "Tắt máy quay",
  cameraHint: "Trình duyệt sẽ hỏi quyền dùng máy quay. Hình không rời khỏi máy này.",
  cameraOn: "Đưa mã QR vào khung hình.",
  cameraLabel: "Hình của máy quay",
  cameraDenied:
    "Trang này không được dùng máy quay. Hãy cho phép trong cài đặt của trình duyệt, hoặc gõ mã bên dưới.",
  cameraAbsent: "Không thấy máy quay nào. Hãy gõ mã bên dưới.",
  cameraBusy: "Máy quay đang được ứng dụng khác dùng. Hãy đóng ứng dụng đó, hoặc gõ mã bên dưới.",
  cameraInsecure: "Máy quay chỉ dùng được qua HTTPS. Hãy gõ mã bên dưới.",
  typeCode: "Hoặc gõ mã",
  read: "Đọc mã",
  scanned: "Đã quét được",
  entered: "Đã gõ",
  notRecorded: "chưa được ghi lại",
};

export type CheckpointTexts = typeof vi;
