import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { types } from "node:util";
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

/** What is there when a program runs. */
const valueKinds = [ReflectionKind.Variable, ReflectionKind.Function, ReflectionKind.Class];

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
    it(`has what ${entry} exports, and nothing else`, async () => {
      const module = project.children?.find(({ name }) => name === entry) as Reflection;
      const exported = namesIn(await import(entry));
      const documented = documentedIn(module);
      assert.deepEqual(
        exported.filter((name) => !documented.has(name)),
        [],
      );
      const values = [...documented].filter(([, kind]) => valueKinds.includes(kind)).map(([name]) => name);
      assert.deepEqual(
        values.filter((name) => !exported.includes(name)),
        [],
      );
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

/** The names of what is in a module and the namespaces in it, "nn.functional.relu"; torch is a module by itself. */
function namesIn(module: object): string[] {
  return Object.entries(module).flatMap(([name, value]) =>
    types.isModuleNamespaceObject(value) && name !== "torch"
      ? [name, ...namesIn(value).map((inner) => `${name}.${inner}`)]
      : [name],
  );
}

/** The same of what the site describes, with the kind of each. */
function documentedIn({ children = [] }: Reflection): Map<string, ReflectionKind> {
  return new Map(
    children.flatMap((child) => {
      const inner = child.kind === ReflectionKind.Namespace ? [...documentedIn(child)] : [];
      return [
        [child.name, child.kind] as const,
        ...inner.map(([name, kind]) => [`${child.name}.${name}`, kind] as const),
      ];
    }),
  );
}

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
