/** Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats */

/** One metric with all its values. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly values: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

/** The text of metrics; those without any value are left out. */
export function printMetrics(metrics: readonly Metric[]): string {
  return metrics.filter(({ values }) => values.length > 0).map(({ name, type, help, values }) =>
    [
      `# HELP ${name} ${escape(help)}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({ labels, value }) => `${name}${printLabels(labels)} ${value}`),
      "",
    ].join("\n")
  ).join("");
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${escape(value).replaceAll('"', '\\"')}"`
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
