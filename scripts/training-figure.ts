import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { classes } from "../examples/data/penguins.ts";

/** What a run logged: points of `[step, value]` by metric. */
export type Log = Record<string, [step: number, value: number][]>;

const tasks = Object.keys(classes);
const panels = { "training loss": "train/loss", "validation accuracy": "valid/accuracy" };

/** The metrics of a log of the penguins example that are drawn. */
export function drawnMetrics(log: Log): Log {
  const names = Object.values(panels).flatMap((metric) => tasks.map((task) => nameOf(task, metric)));
  return Object.fromEntries(
    names.map((name) => {
      const points = log[name];
      if (points === undefined) throw new Error(`[figure] expected ${name} in the log, found none`);
      return [name, points];
    }),
  );
}

/** An SVG: losses and validation scores of the three tasks by epoch, readable on light and on dark pages. */
export async function drawTraining(log: Log): Promise<string> {
  const points = Object.entries(panels).flatMap(([panel, metric]) =>
    tasks.flatMap((task) =>
      (log[nameOf(task, metric)] ?? []).map(([, value], i) => ({ panel, task, epoch: i + 1, value })),
    ),
  );
  return new View(parse(compile(specification(points)).spec)).toSVG();
}

function nameOf(task: string, metric: string): string {
  return `${task}/penguins/${metric}`;
}

function specification(points: object[]): TopLevelSpec {
  // Of middle brightness, so that it stands out from white and from black.
  const ink = "#7a7a7a";
  return {
    description: "Training losses and validation accuracies of three tasks over 40 epochs",
    background: "transparent",
    data: { values: points },
    facet: { column: { field: "panel", type: "nominal", sort: Object.keys(panels), title: null } },
    spec: {
      width: 300,
      height: 170,
      mark: { type: "line", strokeWidth: 1.75, interpolate: "linear" },
      encoding: {
        x: { field: "epoch", type: "quantitative", title: "epoch", axis: { tickCount: 4 } },
        y: {
          field: "value",
          type: "quantitative",
          title: null,
          scale: { zero: true },
          axis: { tickCount: 5 },
        },
        color: {
          field: "task",
          type: "nominal",
          sort: tasks,
          scale: { domain: tasks, range: ["#3f87d9", "#d9822b", "#3f9e6e"] },
          legend: { title: null, orient: "bottom", symbolStrokeWidth: 2.5 },
        },
      },
    },
    resolve: { scale: { y: "independent" } },
    config: {
      font: "system-ui, -apple-system, 'Segoe UI', sans-serif",
      view: { stroke: null },
      header: { labelColor: ink, labelFontSize: 13, labelFontWeight: "bold" },
      legend: { labelColor: ink, labelFontSize: 12 },
      axis: {
        labelColor: ink,
        titleColor: ink,
        labelFontSize: 11,
        titleFontSize: 11,
        titleFontWeight: "normal",
        domain: false,
        ticks: false,
        gridColor: ink,
        gridOpacity: 0.25,
      },
      axisX: { grid: false },
    },
  };
}
