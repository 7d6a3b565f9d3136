const warned = new Set<string>();

/**
 * Says once for each metric that it is undefined for what was scored, and what it is taken for. As in scikit-learn, whose
 * `UndefinedMetricWarning` this is.
 */
export function warnUndefined(metric: string, reason: string): void {
  if (warned.has(metric)) return;
  warned.add(metric);
  process.emitWarning(`[${metric}] ${reason}`, "UndefinedMetricWarning");
}
