import type { Texts } from "../texts/menu/vi";

/** A page that the menu leads to. */
export interface Page {
  path: string;
  name: keyof Texts;
  /** The roles it is for; everybody's without. */
  roles?: readonly string[];
}

/** The pages, in the order of the menu: a new one is a line here. */
export const PAGES: readonly Page[] = [
  { path: "/", name: "pageMap" },
  { path: "/sos", name: "pageSos" },
  { path: "/declare", name: "pageDeclare" },
  { path: "/vaccinate", name: "pageVaccinate" },
  { path: "/consult", name: "pageConsult" },
  { path: "/volunteer", name: "pageVolunteer" },
  { path: "/flags", name: "pageFlags", roles: ["officer", "admin"] },
  { path: "/consultations", name: "pageConsultations", roles: ["viewer", "officer", "admin"] },
  {
    path: "/volunteers",
    name: "pageVolunteers",
    roles: ["officer", "operator", "coordinator", "admin"],
  },
  { path: "/team", name: "pageTeam", roles: ["rescuer"] },
  { path: "/checkpoint", name: "pageCheckpoint", roles: ["officer", "admin"] },
  { path: "/tracing", name: "pageTracing", roles: ["officer", "admin"] },
  { path: "/vaccination", name: "pageVaccination", roles: ["officer", "admin"] },
  { path: "/registers", name: "pageRegisters", roles: ["officer", "admin"] },
  { path: "/hotline", name: "pageHotline", roles: ["operator", "coordinator", "admin"] },
  { path: "/board", name: "pageBoard", roles: ["operator", "coordinator", "admin"] },
  {
    path: "/facilities",
    name: "pageFacilities",
    roles: ["viewer", "analyst", "officer", "operator", "coordinator", "admin"],
  },
  {
    path: "/network",
    name: "pageNetwork",
    roles: ["viewer", "analyst", "officer", "operator", "coordinator", "admin"],
  },
  {
    path: "/reports",
    name: "pageReports",
    roles: ["viewer", "analyst", "officer", "coordinator", "admin"],
  },
  { path: "/dashboard", name: "pageFigures" },
  { path: "/epidemic", name: "pageEpidemic" },
  { path: "/vaccination-progress", name: "pageProgress" },
  { path: "/directives", name: "pageDirectives" },
  { path: "/ogc", name: "pageData" },
  { path: "/admin", name: "pageAdmin", roles: ["admin"] },
  { path: "/help", name: "pageHelp" },
];

/** The pages that a role may use; the public has none. */
export function pagesFor(role: string | null): Page[] {
  return PAGES.filter(({ roles }) => !roles || (role !== null && roles.includes(role)));
}
