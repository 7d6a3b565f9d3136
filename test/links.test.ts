import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import { type Link, pages, readPage, root } from "./markdown.ts";

const isExternal = ({ target }: Link) => /^[a-z][a-z+.-]*:/i.test(target);

describe("the links of", () => {
  for (const page of pages) {
    it(`${page} lead somewhere`, () => {
      for (const link of readPage(page).links.filter((link) => !isExternal(link))) checkInternal(page, link);
    });
  }
});

it("links to other sites are whole addresses", (test) => {
  const found = new Set<string>();
  for (const page of pages) {
    for (const { target, line } of readPage(page).links.filter(isExternal)) {
      const { protocol, hostname, username } = new URL(target);
      const isWhole = protocol === "https:" && /^[a-z\d-]+(\.[a-z\d-]+)+$/.test(hostname) && username === "";
      assert.ok(isWhole, `${page}:${line}: expected an https address, got ${target}`);
      found.add(target);
    }
  }
  assert.ok(found.size > 0);
  test.diagnostic(`not visited: ${[...found].sort().join(" ")}`);
});

function checkInternal(page: string, { target, line }: Link): void {
  const [path = "", anchor] = target.split("#").map(decodeURIComponent);
  const file = path === "" ? page : relative(root, resolve(root, dirname(page), path));
  const here = `${page}:${line}: ${target}`;
  assert.ok(isThere(file), `${here} leads to ${file}, which does not exist`);
  if (anchor === undefined) return;
  assert.ok(file.endsWith(".md"), `${here} names a place in something that is no page`);
  const { anchors } = readPage(file);
  assert.ok(anchors.has(anchor), `${here} names no heading of ${file}, which has ${[...anchors].join(", ")}`);
}

/** Whether there is such a file or folder, in the package and spelled in the same case, whatever the file system. */
function isThere(file: string): boolean {
  if (file === "" || file.startsWith("..")) return false;
  const isInFolder = (folder: string) => readdirSync(join(root, folder)).includes(basename(file));
  return dirname(file) === "." ? isInFolder(".") : isThere(dirname(file)) && isInFolder(dirname(file));
}
