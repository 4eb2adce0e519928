import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";
import { expect, test } from "vitest";
import { vi as boardVi } from "../src/texts/board/vi";
import { vi as checkInVi } from "../src/texts/check-in/vi";
import { vi as checkpointVi } from "../src/texts/checkpoint/vi";
import { vi as dashboardVi } from "../src/texts/dashboard/vi";
import { vi as declareVi } from "../src/texts/declare/vi";
import { vi as directivesVi } from "../src/texts/directives/vi";
import { vi as epidemicVi } from "../src/texts/epidemic/vi";
import { vi as flagsVi } from "../src/texts/flags/vi";
import { vi as hotlineVi } from "../src/texts/hotline/vi";
import { vi as progressVi } from "../src/texts/progress/vi";
import { vi as registersVi } from "../src/texts/registers/vi";
import { vi as sosVi } from "../src/texts/sos/vi";
import { vi as teamVi } from "../src/texts/team/vi";
import { vi as tracingVi } from "../src/texts/tracing/vi";
import { vi as vaccinateVi } from "../src/texts/vaccinate/vi";
import { vi as vaccinationVi } from "../src/texts/vaccination/vi";
import { vi } from "../src/texts/vi";

/** A node of a syntax tree (ESTree). */
interface Node {
  type: string;
  [part: string]: unknown;
}

const WEB = join(import.meta.dirname, "..");
/** Attributes and properties whose value people read or hear. */
const READ = new Set(
  "aria-label aria-description aria-roledescription aria-valuetext title alt placeholder".split(
    " ",
  ),
);
const WRITTEN = new Set(["textContent", "innerText", "title", "placeholder", "alt", "ariaLabel"]);
/** How many arguments come before the children of what makes or fills an element. */
const CHILDREN: Record<string, number> = {
  h: 2,
  svg: 2,
  button: 2,
  append: 0,
  prepend: 0,
  replaceChildren: 0,
};

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "texts" ? [] : sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

/** The words of a literal, also of those inside `a ? "x" : "y"`, `a && "x"` and templates. */
function words(node: Node | null | undefined): string[] {
  if (!node) return [];
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? [node.value] : [];
    case "TemplateLiteral":
      return (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
    case "ConditionalExpression":
      return [...words(node.consequent as Node), ...words(node.alternate as Node)];
    case "LogicalExpression":
      return [...words(node.left as Node), ...words(node.right as Node)];
    case "BinaryExpression":
      return node.operator === "+"
        ? [...words(node.left as Node), ...words(node.right as Node)]
        : [];
    default:
      return [];
  }
}

function nameOf(node: Node | undefined): string {
  if (node?.type === "MemberExpression") return nameOf(node.property as Node);
  return String(node?.name ?? node?.value ?? "");
}

/** What people would read that a node has written in it. */
function readable(node: Node): string[] {
  if (node.type === "Property" && READ.has(nameOf(node.key as Node)))
    return words(node.value as Node);
  if (node.type === "AssignmentExpression" && WRITTEN.has(nameOf(node.left as Node)))
    return words(node.right as Node);
  if (node.type !== "CallExpression") return [];
  const called = nameOf(node.callee as Node);
  const given = node.arguments as Node[];
  if (called === "setAttribute") return READ.has(words(given[0])[0] ?? "") ? words(given[1]) : [];
  const first = CHILDREN[called];
  if (first === undefined) return [];
  const children = given.slice(first).flatMap(words);
  // A form's data takes a name and a value, which nobody reads.
  return called === "append" ? children.filter((text) => !/^[a-z][\w.]*$/.test(text)) : children;
}

function found(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(found);
  if (typeof node !== "object" || node === null) return [];
  const own = "type" in node ? readable(node as Node) : [];
  return [...own, ...Object.values(node).flatMap(found)];
}

/** The texts that are written into a piece of code; single letters are signs, not words. */
function literals(code: string): string[] {
  return found(parseAst(code, { lang: "ts" })).filter((text) => /\p{L}{2,}/u.test(text));
}

test("a text that is written into code is found", () => {
  expect(literals('h("p", {}, "Saved")')).toEqual(["Saved"]);
  expect(literals('button({ title: "Close" }, act, drawing(x))')).toEqual(["Close"]);
  expect(literals('a.textContent = ok ? "Yes" : t("no")')).toEqual(["Yes"]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code.
  expect(literals("list.append(`${n} people`)")).toEqual([" people"]);
  expect(literals('a.setAttribute("aria-label", "Map")')).toEqual(["Map"]);
  expect(literals('h("p", { class: "one two" }, t("key"), ", ")')).toEqual([]);
});

test("no text that people read is written outside of the catalogues", () => {
  for (const path of sources(join(WEB, "src")))
    expect(literals(readFileSync(path, "utf8")), path).toEqual([]);
}, 60_000);

test("pages have nothing written in them but a title of the catalogue and what is said without a script", () => {
  const titles = [
    vi,
    boardVi,
    checkInVi,
    checkpointVi,
    dashboardVi,
    declareVi,
    directivesVi,
    epidemicVi,
    flagsVi,
    hotlineVi,
    progressVi,
    registersVi,
    sosVi,
    teamVi,
    tracingVi,
    vaccinateVi,
    vaccinationVi,
  ].flatMap((texts) => Object.values(texts));
  for (const name of readdirSync(WEB).filter((file) => file.endsWith(".html"))) {
    const page = readFileSync(join(WEB, name), "utf8");
    expect(titles, name).toContain(/<title>(.*)<\/title>/.exec(page)?.[1]);
    const body = /<body[^>]*>([\s\S]*)<\/body>/.exec(page)?.[1] ?? "";
    const noscript = /<noscript>([\s\S]*)<\/noscript>/.exec(body);
    expect(body.replace(noscript?.[0] ?? "", "").trim(), name).toBe("");
    // Both languages, since no script can choose one.
    expect(noscript?.[1], name).toMatch(/\. \/ [A-Z]/);
  }
});
