import type { Texts } from "../texts/menu/vi";

/** A page that the menu leads to. */
export interface Page {
  path: string;
  title: keyof Texts;
  /** The roles it is for; everybody's without. */
  roles?: readonly string[];
}

/** The pages, in the order of the menu: a new one is a line here. */
export const PAGES: readonly Page[] = [
  { path: "/", title: "pageMap" },
  { path: "/sos", title: "pageSos" },
  { path: "/board", title: "pageBoard", roles: ["operator", "coordinator", "admin"] },
  { path: "/dashboard", title: "pageFigures" },
  { path: "/ogc", title: "pageData" },
  { path: "/admin", title: "pageAdmin", roles: ["admin"] },
  { path: "/help", title: "pageHelp" },
];

/** The pages that a role may use; the public has none. */
export function pagesFor(role: string | null): Page[] {
  return PAGES.filter(({ roles }) => !roles || (role !== null && roles.includes(role)));
}
