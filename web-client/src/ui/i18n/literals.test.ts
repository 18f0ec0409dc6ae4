import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { messages as boardMessages } from "./board-language-en.ts";
import { messages } from "./language-en.ts";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\./.test(name) && !name.includes("language-"))
  .map((name) => ({ name, code: readFileSync(join("src", name), "utf8") }));

/** What a person reads or hears must come from the texts; the linter sees to the children of elements. */
const spoken =
  /\b(?:aria-label|aria-description|aria-valuetext|title|alt|placeholder|label|word)="[^"]*\p{L}[^"]*"/u;

test("no attribute that a person reads or hears holds a literal text", () => {
  const found = sources.filter(({ name }) => name.endsWith(".tsx")).filter(({ code }) => spoken.test(code));
  expect(found.map(({ name }) => name)).toEqual([]);
});

test("every text is used somewhere", () => {
  const code = sources.map((source) => source.code).join("\n");
  const unused = Object.keys({ ...messages, ...boardMessages }).filter((key) => {
    const base = key.replace(/_(one|other)$/, "");
    return !mentioned(code, base) && !mentioned(code, key);
  });
  expect(unused).toEqual([]);
});

/** As itself, or as a template whose fixed beginning and end fit: `problem.${x}_mic`. */
function mentioned(code: string, key: string): boolean {
  if (code.includes(`"${key}"`) || code.includes(`\`${key}\``)) return true;
  return templates(code).some((pattern) => pattern.test(key));
}

let cached: readonly RegExp[] | null = null;
function templates(code: string): readonly RegExp[] {
  cached ??= [...code.matchAll(/`([a-z]+\.[^`\n]*\$\{[^`\n]*)`/g)].map((match) => {
    const fixed = (match[1] ?? "").split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
    return new RegExp(`^${fixed.join("[a-z_]+")}$`);
  });
  return cached;
}
