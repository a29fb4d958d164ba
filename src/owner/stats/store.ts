import { columnsOf } from '../../kit/db/rows'
import { all, type Bound, first, statement } from '../../kit/db/statements'
import { type Figures, OTHERS } from '../rules/stats/figures'
import {
  CHART_RANGES,
  type ChartRange,
  COUNTED_SPANS,
  type CountingProgress,
  SPAN_NAMES,
  type Span,
} from '../rules/stats/periods'
import { rollups } from '../tables'

/* The table `rollups`. Its rows are read and written as a whole. */

type Row = typeof rollups.$inferSelect
type Counted = Pick<Row, 'counted_to' | 'figures'>

/** One period. `gap` is null for all but the total. */
export interface Rollup extends Pick<Row, 'span' | 'start'>, CountingProgress {
  figures: Figures
}

const FIND_TOTAL = statement<Record<never, never>, Counted>(`
  select counted_to, figures
  from rollups
  where span = 'total' and start = 0`)

/** @returns null before the first step has been counted */
export async function findTotal(env: Env): Promise<Rollup | null> {
  const row = await first(FIND_TOTAL(env, {}))
  return row && toRollup({ span: 'total', start: 0, ...row })
}

const PERIOD = columnsOf(rollups)

const FIND = PERIOD.of('r').from<{ periods: string }>(`
  json_each(:periods) j
  cross join rollups r on r.span = j.value ->> 'span' and r.start = j.value ->> 'start'`)

export function findPeriods(env: Env, periods: Pick<Row, 'span' | 'start'>[]): Bound<Row> {
  return FIND(env, { periods: JSON.stringify(periods) })
}

const LIST = PERIOD.from<Pick<Row, 'span'> & { since: number; limit: number }>(`
  rollups
  where span = :span and start >= :since
  order by start
  limit :limit`)

/** Lists the periods of a range, oldest first. @param since when the first one starts */
export async function listPeriods(env: Env, range: ChartRange, since: number): Promise<Rollup[]> {
  const { span, count } = CHART_RANGES[range]
  return (await all(LIST(env, { span, since, limit: count + 1 }))).map(toRollup)
}

export function toRollup({ figures: json, ...row }: Row): Rollup {
  const { gap = null, ...figures } = JSON.parse(json)
  return { ...row, gap, figures }
}

const LIST_DELETED = statement<{ ids: string }, { id: string }>(`
  select j.value as id
  from json_each(:ids) j
  where not exists (select 1 from endpoints e where e.id = j.value and e.status <> 'deleted')`)

/** Lists the endpoints of a period that have been deleted. Each endpoint costs a row. */
export function listDeleted(env: Env, { figures }: Rollup): Bound<{ id: string }> {
  const ids = Object.keys(figures.endpoints).filter((id) => id !== OTHERS)
  return LIST_DELETED(env, { ids: JSON.stringify(ids) })
}

/** Writes nothing if another sweep has counted since the total was read. */
const SAVE = PERIOD.insertEach<Row, { rows: string; before: number; gap_before: number }>(
  'rows',
  {},
  `
  where coalesce((select counted_to from rollups where span = 'total' and start = 0), 0) = :before
    and coalesce((select figures ->> '$.gap.to' from rollups where span = 'total' and start = 0), 0) = :gap_before
  on conflict (span, start) do update set counted_to = excluded.counted_to, figures = excluded.figures`
)

/**
 * @param changed the periods that changed, and always the total, which says until when everything is counted
 * @param before the total that was read; its `counted_to` is 0 if there was none
 */
export function savePeriods(env: Env, changed: Rollup[], before: CountingProgress): Bound<never> {
  const rows = changed.map(({ gap, figures, ...row }) => ({
    ...row,
    figures: JSON.stringify(gap === null ? figures : { ...figures, gap }),
  }))
  return SAVE(env, { rows: JSON.stringify(rows), before: before.counted_to, gap_before: before.gap?.to ?? 0 })
}

const REMOVE_OLD = statement<{ ends: string }>(`
  delete from rollups
  where (span, start) in (
    select r.span, r.start
    from json_each(:ends) j
    cross join rollups r on r.span = j.value ->> 'span' and r.start < j.value ->> 'end')`)

/** Removes the periods that are no longer shown. */
export function removeOldPeriods(env: Env, now: number): Bound<never> {
  const limited = SPAN_NAMES.filter((span) => span !== 'total')
  const ends = limited.map((span: Span) => ({ span, end: now - COUNTED_SPANS[span].kept_ms }))
  return REMOVE_OLD(env, { ends: JSON.stringify(ends) })
}
