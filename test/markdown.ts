import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import GithubSlugger from "github-slugger";
import MarkdownIt, { type Token } from "markdown-it";

export const root = resolve(import.meta.dirname, "..");

/** The pages that are read: those in the root folder, and all in these folders. */
const folders = ["docs", "examples"];

/** All pages, by their paths from the root folder. */
export const pages: readonly string[] = [
  ...readdirSync(root),
  ...folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  ),
].filter((name) => name.endsWith(".md"));

export interface Block {
  /** The first word behind the fence; "" for an indented block. */
  language: string;
  /** Whether the block goes on with the program of the one before in its language: "ts continued". */
  isContinued: boolean;
  text: string;
  line: number;
}

export interface Link {
  target: string;
  line: number;
}

export interface Page {
  blocks: Block[];
  links: Link[];
  /** What a link may name behind the "#", as GitHub makes it of the headings. */
  anchors: ReadonlySet<string>;
}

const parser = new MarkdownIt({ html: true });

export function readPage(name: string): Page {
  const tokens = parser.parse(readFileSync(join(root, name), "utf8"), {});
  return { blocks: blocksOf(tokens), links: linksOf(tokens), anchors: anchorsOf(tokens) };
}

/** A program that a page tells, perhaps in several blocks. */
export interface PageProgram {
  text: string;
  /** Where it begins. */
  line: number;
}

/** The programs of a language: each is a block, with those after it that go on with it. */
export function programsOf(blocks: readonly Block[], language: string): PageProgram[] {
  const found: PageProgram[] = [];
  for (const { isContinued, text, line } of blocks.filter((block) => block.language === language)) {
    const last = found.at(-1);
    if (!isContinued) found.push({ text, line });
    else if (last !== undefined) last.text += text;
    else throw new Error(`[markdown] expected a program that line ${line} continues, found none`);
  }
  return found;
}

function blocksOf(tokens: readonly Token[]): Block[] {
  return tokens
    .filter(({ type }) => type === "fence" || type === "code_block")
    .map(({ info, content, map }) => {
      const [language = "", ...others] = info.trim().split(/\s+/);
      return { language, isContinued: others.includes("continued"), text: content, line: lineOf(map) };
    });
}

function linksOf(tokens: readonly Token[]): Link[] {
  return tokens.flatMap(({ type, content, children, map }) => {
    const inHtml = type === "html_block" ? [...content.matchAll(/(?:href|src)="([^"]*)"/g)] : [];
    const targets = [
      ...inHtml.map(([, target = ""]) => target),
      ...(children ?? []).flatMap((child) => child.attrGet("href") ?? child.attrGet("src") ?? []),
    ];
    return targets.map((target) => ({ target, line: lineOf(map) }));
  });
}

function anchorsOf(tokens: readonly Token[]): Set<string> {
  const slugger = new GithubSlugger();
  const headings = tokens.filter((_, i) => tokens[i - 1]?.type === "heading_open");
  const textOf = ({ children }: Token) => (children ?? []).map(({ content }) => content).join("");
  return new Set(headings.map((heading) => slugger.slug(textOf(heading))));
}

function lineOf(map: readonly [number, number] | null): number {
  return (map?.[0] ?? 0) + 1;
}
