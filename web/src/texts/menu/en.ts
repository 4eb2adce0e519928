import type { Texts } from "./vi";

/** The texts of the menu of every page in English. */
export const en: Texts = {
  menu: "Menu",
  menuLabel: "Menu: account, language, appearance, pages",
  account: "Account",
  asking: "Asking the server…",
  signedOut: "Not signed in",
  signedIn: "Signed in as {login}",
  unknown: "Not known, because the server does not answer.",
  signIn: "Sign in",
  signOut: "Sign out",
  signOutFailed: "Signing out failed. Try again.",
  language: "Language",
  theme: "Appearance",
  themeSystem: "As the device",
  themeLight: "Light",
  themeDark: "Dark",
  pages: "Pages",
  pageMap: "Map",
  pageSos: "Send SOS",
  pageFigures: "The day's figures",
  pageData: "Open data",
  pageBoard: "Rescue coordination",
  pageAdmin: "Accounts",
  pageHelp: "Help",
};
