import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Report } from "./report.ts";
import { subjectNames, subjects } from "./subjects.ts";
import { isMain, ratioOf } from "./table.ts";

/** An SVG: for each workload, how many times as long a step takes as the first subject's. */
export async function drawRatios({ results }: Pick<Report, "results">): Promise<string> {
  const shown = results.filter(isMain);
  const bars = shown.flatMap((result) => {
    const base = shown.find(
      ({ workload, subject }) => workload === result.workload && subject === subjectNames[0],
    );
    const subject = subjects[result.subject].title;
    if (base === undefined) return [];
    const ratio = ratioOf(result, base);
    return [{ workload: result.workload, subject, ratio, end: Math.max(ratio, 1) }];
  });
  const workloads = [...new Set(bars.map(({ workload }) => workload))];
  const specification: TopLevelSpec = {
    background: "white",
    title: "Time of a training step, as a multiple of snorkel-torch's",
    data: { values: bars },
    facet: { field: "workload", type: "nominal", sort: workloads, title: null },
    columns: 2,
    spec: {
      width: 260,
      encoding: {
        y: { field: "subject", type: "nominal", sort: null, title: null, axis: { labelLimit: 300 } },
        x: {
          field: "ratio",
          type: "quantitative",
          scale: { type: "log" },
          axis: { title: null, grid: true, tickCount: 4 },
        },
      },
      layer: [
        {
          mark: { type: "bar", height: 12 },
          encoding: {
            x2: { datum: 1 },
            color: { condition: { test: "datum.ratio < 1", value: "#72b7b2" }, value: "#4c78a8" },
          },
        },
        {
          mark: { type: "text", align: "left", dx: 4 },
          encoding: {
            x: { field: "end", type: "quantitative" },
            text: { field: "ratio", type: "quantitative", format: ".2f" },
          },
        },
      ],
    },
  };
  return new View(parse(compile(specification).spec)).toSVG();
}
