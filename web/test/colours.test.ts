import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "../src/styles");

test("colours are custom properties, which both themes define; black and white alone may be written", () => {
  for (const name of readdirSync(FOLDER)) {
    const lines = readFileSync(join(FOLDER, name), "utf8").split("\n");
    const written = lines.filter(
      (line) =>
        /#[0-9a-f]{3,8}\b/i.test(line) && !/^\s*--[\w-]+:/.test(line) && !/#(fff|000)\b/.test(line),
    );
    expect(written, name).toEqual([]);
  }
});

test("the theme is that of the root element, and the colour of letters is no ground", () => {
  for (const name of readdirSync(FOLDER)) {
    const text = readFileSync(join(FOLDER, name), "utf8");
    expect(text, name).not.toContain("prefers-color-scheme");
    // In the dark --brand is light: --brand-fill and --bar are the grounds of white letters.
    expect(text, name).not.toContain("background: var(--brand);");
  }
});
