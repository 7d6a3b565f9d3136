import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { ReflectionKind } from "typedoc";
import { root } from "./markdown.ts";

/** What these tests read of TypeDoc's own description of a site. */
interface Reflection {
  name: string;
  kind: ReflectionKind;
  comment?: { summary: unknown[] };
  signatures?: Reflection[];
  type?: { declaration?: Reflection };
  children?: Reflection[];
  documents?: Reflection[];
}

const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-site-"));
const site = join(folder, "site");
let project: Reflection;

before(() => {
  const typedoc = join(root, "node_modules/typedoc/bin/typedoc");
  const description = join(folder, "site.json");
  const run = spawnSync(process.execPath, [typedoc, "--out", site, "--json", description], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.doesNotMatch(run.stdout + run.stderr, /warning/);
  project = JSON.parse(readFileSync(description, "utf8"));
});
after(() => rmSync(folder, { recursive: true }));

describe("the site", () => {
  for (const entry of ["snorkel-torch", "snorkel-torch/torch"]) {
    it(`has everything that ${entry} exports`, async () => {
      const documented = project.children?.find(({ name }) => name === entry)?.children ?? [];
      const names = new Set(documented.map(({ name }) => name));
      const missing = Object.keys(await import(entry)).filter((name) => !names.has(name));
      assert.deepEqual(missing, []);
    });
  }

  it("says something about each of them", () => {
    assert.deepEqual((project.children ?? []).flatMap(undocumented), []);
  });

  it("has links that lead somewhere, down to the place on the page", () => {
    const guides = readdirSync(join(site, "documents")).map((name) => join("documents", name));
    for (const page of ["index.html", ...guides]) {
      for (const [, target = ""] of contentOf(page).matchAll(/<a href="(?!https:)([^"]*)"/g)) {
        const [path = "", anchor] = target.split("#").map(decodeURIComponent);
        const file = path === "" ? page : relative(site, resolve(site, dirname(page), path));
        assert.ok(existsSync(join(site, file)), `${page} links to ${target}, which does not exist`);
        if (anchor === undefined) continue;
        const text = readFileSync(join(site, file), "utf8");
        assert.ok(text.includes(`id="${anchor}"`), `${page} links to ${target}, which has no such place`);
      }
    }
  });
});

/** The names of what a module or a namespace exports without a word about it. */
function undocumented({ name, children = [] }: Reflection): string[] {
  return children.flatMap((child) => {
    const { kind, signatures = [], type } = child;
    if (kind === ReflectionKind.Reference) return [];
    const nested = kind === ReflectionKind.Namespace ? undocumented(child) : [];
    const described = [child, ...signatures, ...(type?.declaration?.signatures ?? [])];
    const isDescribed = described.some(({ comment }) => (comment?.summary.length ?? 0) > 0);
    return isDescribed ? nested : [`${name}.${child.name}`, ...nested];
  });
}

/** A page without its menus. */
function contentOf(page: string): string {
  const [content] = /<div class="col-content">.*?<div class="col-sidebar">/s.exec(
    readFileSync(join(site, page), "utf8"),
  ) ?? [""];
  assert.notEqual(content, "", `${page} has no content`);
  return content;
}
