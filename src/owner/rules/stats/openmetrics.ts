/* OpenMetrics: https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md */

export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

export type Family = { name: string; type: 'counter' | 'gauge' | 'histogram'; help: string; samples: Sample[] }

export interface Sample {
  /** What is added to the name of the family: `_total`, `_bucket`, `_sum`, `_count`, or nothing. */
  suffix?: string
  labels?: Record<string, string>
  value: number
}

/** @returns the whole exposition, with its end mark */
export function toOpenMetrics(families: Family[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) => [
    `# TYPE ${name} ${type}`,
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelText(labels)} ${value}`),
  ])
  return `${[...lines, '# EOF'].join('\n')}\n`
}

function labelText(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** A backslash, a quotation mark or a line break would end a label. */
const escaped = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')

/**
 * @param bounds the inclusive upper bound of each bucket @param counts how many values each bucket has; in the last
 * place, how many are above all bounds @param total the sum of all values, in the unit of the bounds
 */
export function histogram(bounds: number[], counts: number[], total: number, labels: Record<string, string>): Sample[] {
  let cumulative = 0
  const buckets = counts.map((count, i) => {
    cumulative += count
    const le = bounds[i] === undefined ? '+Inf' : toFloat(bounds[i])
    return { suffix: '_bucket', labels: { ...labels, le }, value: cumulative }
  })
  return [...buckets, { suffix: '_count', labels, value: cumulative }, { suffix: '_sum', labels, value: total }]
}

/** The specification wants "1.0" for a whole number in `le`. */
const toFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))
