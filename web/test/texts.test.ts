import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { en } from "../src/texts/en";
import { vi } from "../src/texts/vi";

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages have the same texts, none empty, with the same places to fill", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  for (const key of Object.keys(vi) as (keyof typeof vi)[]) {
    expect(vi[key].trim(), key).not.toBe("");
    expect(en[key].trim(), key).not.toBe("");
    expect(places(en[key]), key).toEqual(places(vi[key]));
  }
});

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "texts" ? [] : sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

test("every text is used", () => {
  const code = sources(join(import.meta.dirname, "../src"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const unused = Object.keys(vi).filter((key) => !code.includes(`"${key}"`));
  expect(unused).toEqual([]);
});

test("Vietnamese letters are nowhere but in the catalogue and in names of languages", () => {
  for (const path of sources(join(import.meta.dirname, "../src"))) {
    const code = readFileSync(path, "utf8").replace("Tiếng Việt", "");
    expect(code.match(/[à-ỹđĐ]/gu) ?? [], path).toEqual([]);
  }
});
