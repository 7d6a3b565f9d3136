/**
 * The outputs of the operations whose names end in a suffix, in the order of their names.
 * @see snorkel.classification.utils.collect_flow_outputs_by_suffix
 */
export function collectFlowOutputsBySuffix<Output>(
  outputs: Record<string, Output>,
  suffix: string,
): Output[] {
  const names = Object.keys(outputs).filter((name) => name.endsWith(suffix));
  return names.sort().map((name) => outputs[name] as Output);
}
