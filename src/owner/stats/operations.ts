import * as z from 'zod'
import { ENTRY_STATUSES } from '../../guestbook/rules/entries/statuses'
import { iso } from '../../kit/http/pagination'
import { spanInWords } from '../../kit/lib/time'
import { action, json } from '../../kit/operation'
import { OUTCOMES } from '../../webhooks/rules/delivering/outcome'
import { INBOUND_STATUSES } from '../../webhooks/rules/receiving/inbound-state'
import { type AttemptFigures, successRate } from '../rules/stats/figures'
import { percentile } from '../rules/stats/latency'
import { CHART_RANGES, COUNTED_SPANS, RANGE_NAMES, RANGES_IN_WORDS, STEP_MS } from '../rules/stats/periods'
import { type Period, readStats } from './read'

/* The operation that reads the statistics. */

function counts<S extends string>(names: readonly S[]) {
  return z.object(Object.fromEntries(names.map((name) => [name, z.int()])) as Record<S, z.ZodInt>)
}

const attempts = counts(OUTCOMES).extend({
  success_rate: z.number().nullable().describe('0 to 1; null if there were no attempts.'),
  p50_ms: z.int().nullable().describe('Half of the requests took at most this long (an estimate).'),
  p95_ms: z.int().nullable().describe('95% of the requests took at most this long (an estimate).'),
})
const figures = z.object({
  entries: counts(ENTRY_STATUSES).describe('New entries, by their status a few minutes after they arrived.'),
  attempts: attempts.describe('Attempts to deliver a message, by outcome.'),
  inbound: counts(INBOUND_STATUSES).describe('Webhooks received, by their status a few minutes after they arrived.'),
})
const stats = z
  .object({
    range: z.enum(RANGE_NAMES),
    step_seconds: z.int().describe('How long each period is.'),
    counted_to: z
      .string()
      .nullable()
      .describe(
        'The time up to which the figures were counted, usually a few minutes ago. After an import or an upgrade, the newest hours are counted first. The figures for older hours can take up to a day. Null before the first count.'
      ),
    totals: figures,
    periods: z
      .array(figures.extend({ start: z.string() }))
      .describe('The periods, oldest first. Their times are in UTC.'),
    endpoints: z
      .array(z.object({ id: z.string(), url: z.string().nullable(), attempts }))
      .describe(
        'The endpoint with the lowest success rate comes first. `others` combines all endpoints except the busiest 50.'
      ),
  })
  .meta({ id: 'Stats' })

export const getStats = action({
  call: 'GET /api/stats',
  may: 'read',
  summary: 'Get statistics',
  description: `Returns the figures for the last ${RANGES_IN_WORDS}. The cron job updates them every ${spanInWords(STEP_MS)}.`,
  refusals: [422],
  // `get_stats` in owner/rules/mcp/tools.ts.
  query: z.object({ range: z.enum(RANGE_NAMES).default('24h') }),
  gives: { 200: json(stats, 'The figures for the range.') },
  run: ({ env, now, query }) => readStats(env, query.range, now),
  show: ({ range, counted_to, totals, periods, endpoints }) => ({
    range,
    step_seconds: COUNTED_SPANS[CHART_RANGES[range].span].length_ms / 1_000,
    counted_to: iso(counted_to),
    totals: toFigures(totals),
    periods: periods.map(({ start, ...period }) => ({ start: iso(start), ...toFigures(period) })),
    endpoints: endpoints.map(({ id, url, attempts }) => ({ id, url, attempts: toAttempts(attempts) })),
  }),
})

function toFigures({ entries, attempts, inbound }: Omit<Period, 'start'>) {
  return { entries, attempts: toAttempts(attempts), inbound }
}

function toAttempts(made: AttemptFigures) {
  const { outcomes, latency } = made
  const [p50_ms, p95_ms] = [percentile(latency, 0.5), percentile(latency, 0.95)]
  return { ...outcomes, success_rate: successRate(made), p50_ms, p95_ms }
}
