import { h } from "../dom";
import mark from "../mark.svg?url";
import { siteTools } from "./menu";

/** Fills the bar of a page: the mark, its title, what else belongs there, and the site's tools. */
export function fillBar(bar: HTMLElement, title: string, ...others: HTMLElement[]): void {
  document.title = title;
  bar.replaceChildren(sign(), h("h1", {}, title), ...others, siteTools());
}

/** The same, with the way to the map on the mark. */
export function fillBarWithHome(bar: HTMLElement, title: string, home: string): void {
  document.title = title;
  const link = h("a", { class: "home", href: "/", "aria-label": home }, sign());
  bar.replaceChildren(link, h("h1", {}, title), siteTools());
}

const sign = (): HTMLElement => h("img", { src: mark, alt: "", width: 32, height: 32 });
