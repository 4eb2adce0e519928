/** The texts of the menu of every page in Vietnamese: the catalogue that the others must match. */
export const vi = {
  menu: "Menu",
  menuLabel: "Menu: tài khoản, ngôn ngữ, giao diện, các trang",
  account: "Tài khoản",
  asking: "Đang hỏi máy chủ…",
  signedOut: "Chưa đăng nhập",
  signedIn: "Đang đăng nhập: {login}",
  unknown: "Chưa biết, vì máy chủ không trả lời.",
  signIn: "Đăng nhập",
  signOut: "Đăng xuất",
  signOutFailed: "Chưa đăng xuất được. Hãy thử lại.",
  language: "Ngôn ngữ",
  theme: "Giao diện",
  themeSystem: "Theo máy",
  themeLight: "Sáng",
  themeDark: "Tối",
  pages: "Các trang",
  pageMap: "Bản đồ",
  pageSos: "Gửi SOS",
  pageFigures: "Số liệu trong ngày",
  pageData: "Dữ liệu mở",
  pageBoard: "Điều phối cứu hộ",
  pageAdmin: "Quản lý tài khoản",
  pageHelp: "Trợ giúp",
};

export type Texts = Record<keyof typeof vi, string>;
