import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { checkCode } from "../../../lib/torch/jit/check-code.ts";
import { goldenFolder, goldenPath, readRecords } from "./archives.ts";

const record = "code/__torch__/net.py";
const check = (source: string) => checkCode("test", new Map([[record, source]]));
const many = (count: number, write: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => write(i)).join("");

it("passes what torch.jit.save wrote", async () => {
  for (const name of readdirSync(goldenFolder)) {
    const records = await readRecords(goldenPath(name.replace(".pt", "")));
    const sources = [...records].filter(([path]) => path.endsWith(".py"));
    assert.ok(sources.length > 0);
    checkCode(
      "test",
      new Map(sources.map(([path, source]) => [path.replace(/^[^/]*\//, ""), source.toString()])),
    );
  }
});

describe("passes", () => {
  for (const [what, source] of Object.entries({
    "long lists": `def f() -> List[int]:\n  return [${"-1, ".repeat(50_000)}]\n`,
    "many statements": `def f(x: Tensor) -> Tensor:\n${"  x = torch.relu(x)\n".repeat(5000)}  return x\n`,
    "many functions that do not call each other": many(5000, (i) => `def f${i}() -> int:\n  return 1\n`),
    "quotes and brackets in texts": 'def f() -> str:\n  return "((( \\" # \'"\n',
  })) {
    it(what, () => check(source));
  }
});

describe("refuses", () => {
  const statement = (expression: string) => `def f(x: Tensor) -> Tensor:\n  return ${expression}\n`;
  const refusals: Record<string, [source: string, pattern: RegExp]> = {
    brackets: [statement(`${"(".repeat(500)}x${")".repeat(500)}`), /more than 400 parts/],
    signs: [statement(`${"-".repeat(500)}x`), /more than 400 parts/],
    "a long sum": [statement(`x${" + x".repeat(500)}`), /more than 400 parts/],
    "calls of calls": [statement(`x${".t()".repeat(500)}`), /more than 400 parts/],
    "calls of calls with commas": [statement(`x${".add(x, 1)".repeat(500)}`), /more than 400 parts/],
    "brackets behind lines": [statement(`${"(\n  ".repeat(500)}x${")".repeat(500)}`), /more than 400 parts/],
    "deep blocks": [many(300, (i) => `${" ".repeat(i)}if True:\n`), /an indentation of 200/],
    "many empty lines": ["\n".repeat(300), /empty lines/],
    comments: ["x = 1 # one\n", /got "# one/],
    "joined lines": ["x = \\\n1\n", /code as torch.jit.save writes it/],
    "other quotes": ["x = 'a'\n", /code as torch.jit.save writes it/],
    "long texts": ['x = """a"""\n', /code as torch.jit.save writes it/],
    "a text without an end": ['x = "a\n', /code as torch.jit.save writes it/],
    "what runs while it is loaded": ["def __setstate__(self) -> None:\n  pass\n", /__setstate__/],
    "classes of C++": ["x : __torch__.torch.classes.a.B\n", /a class of C\+\+/],
    elif: ["if True:\n  pass\nelif True:\n  pass\n", /elif/],
    "methods that call each other in a row": [
      `class M(Module):\n${many(500, (i) => `  def f${i}(self) -> int:\n    return (self).f${i + 1}()\n`)}`,
      /at most 400 others in a row/,
    ],
    "functions that call each other in a row": [
      many(500, (i) => `def f${i}() -> int:\n  return __torch__.net.f${i + 1}()\n`),
      /at most 400 others in a row/,
    ],
    "classes that hold each other in a row": [
      many(500, (i) => `class C${i}(Module):\n  c : __torch__.net.C${i + 1}\n`),
      /at most 400 others in a row/,
    ],
    "too much of it": [`x = "${"a".repeat(2 ** 23)}"\n`, /at most 8388608 bytes of code/],
  };
  for (const [what, [source, pattern]] of Object.entries(refusals)) {
    it(what, () => assert.throws(() => check(source), pattern));
  }

  it("nothing for functions that call each other", () => {
    check("def f() -> int:\n  return __torch__.net.g()\ndef g() -> int:\n  return __torch__.net.f()\n");
  });
});
