import type { Child } from '#jsx'
import { type Column, Table } from '../../kit/html/parts/table'
import { CHART_HEIGHT, stackBars, sum } from '../rules/stats/chart'
import { CHART_RANGES, type ChartRange, COUNTED_SPANS } from '../rules/stats/periods'

/** One status or outcome, with the number of each period. */
export type Series = { name: string; tone: 'good' | 'bad' | 'wait' | 'off'; values: number[] }

interface ChartProps {
  title: string
  /** What one unit is, in the plural. */
  unit: string
  range: ChartRange
  /** When each period starts, in epoch milliseconds. */
  starts: number[]
  series: Series[]
  /** @returns the path of the list behind a bar, which covers the times `from` to `to` */
  list: (from: number, to: number) => string
  note?: Child
}

/** A chart of stacked bars, drawn on the server, with its numbers as a table behind it. A bar leads to its list. */
export function Chart({ title, unit, range, starts, series, list, note }: ChartProps) {
  const shown = series.filter(({ values }) => sum(values) > 0)
  const columns = starts.map((_, i) => shown.map(({ values }) => values[i] ?? 0))
  const total = sum(columns.map(sum))
  const linkOf = (x: number) =>
    list(starts[x] ?? 0, (starts[x] ?? 0) + COUNTED_SPANS[CHART_RANGES[range].span].length_ms)
  const shared = { columns, shown, range, starts, linkOf }
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3> <Legend series={shown} unit={unit} total={total} />
      </figcaption>
      {total > 0 && <Bars {...shared} label={`${title}: ${total}`} />}
      {total > 0 && <Numbers {...shared} />}
      {total > 0 && note}
    </figure>
  )
}

function Legend({ series, unit, total }: { series: Series[]; unit: string; total: number }) {
  if (total === 0) return <span class="small">No {unit} counted in this time.</span>
  return (
    <span class="legend">
      {series.map(({ name, tone, values }) => (
        <span>
          <i class={`key ${tone}`} aria-hidden="true" /> {sum(values).toLocaleString('en')} {name}
        </span>
      ))}
    </span>
  )
}

interface ColumnsProps {
  columns: number[][]
  shown: Series[]
  range: ChartRange
  starts: number[]
  linkOf: (x: number) => string
}

/** Without scripts, the table leads to the lists by keyboard. With them, the arrow keys go from bar to bar. */
function Bars({ columns, shown, range, starts, linkOf, label }: ColumnsProps & { label: string }) {
  const bars = Map.groupBy(stackBars(columns), ({ x }) => x)
  return (
    <>
      <nav class="bars" aria-label={label}>
        {columns.map((values, x) => {
          const stack = bars.get(x)
          if (!stack) return <span />
          const parts = shown.flatMap(({ name }, i) => (values[i] ? `${values[i]} ${name}` : []))
          return (
            <a href={linkOf(x)} tabindex={-1}>
              <svg viewBox={`0 0 1 ${CHART_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
                {stack.map(({ series, y, height }) => (
                  <rect class={shown[series]?.tone} x="0.1" y={y} width="0.8" height={height} />
                ))}
              </svg>
              <span class="tip">
                {formatStart(starts[x] ?? 0, range)}: {parts.join(', ')}
              </span>
            </a>
          )
        })}
      </nav>
      <div class="axis small" aria-hidden="true">
        <span>{formatStart(starts[0] ?? 0, range)}</span>
        <span>highest: {Math.max(...columns.map(sum)).toLocaleString('en')}</span>
        <span>{range === '30d' ? 'today' : 'now'}</span>
      </div>
    </>
  )
}

function Numbers({ columns, shown, range, starts, linkOf }: ColumnsProps) {
  const filled = columns.flatMap((values, x) => (sum(values) > 0 ? [{ values, x }] : []))
  const series = shown.map(({ name }, i): Column<(typeof filled)[number]> => {
    return { head: name, cell: ({ values }) => values[i] }
  })
  const head = `${range === '30d' ? 'Day' : 'From'} (UTC)`
  return (
    <details class="numbers">
      <summary>Show the numbers</summary>
      <Table
        columns={[{ head, cell: ({ x }) => <a href={linkOf(x)}>{formatStart(starts[x] ?? 0, range)}</a> }, ...series]}
        rows={filled.toReversed()}
      />
      <p class="hint">Periods without data are left out.</p>
    </details>
  )
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const hour = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })

/** @returns for example "24 Nov", or "24 Nov 18:00" if the periods are shorter than a day */
function formatStart(start: number, range: ChartRange): string {
  const isDay = CHART_RANGES[range].span === 'day'
  return isDay ? day.format(start) : `${day.format(start)} ${hour.format(start % COUNTED_SPANS.day.length_ms)}`
}
