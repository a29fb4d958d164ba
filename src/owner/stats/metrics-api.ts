import * as z from 'zod'
import { countHeld } from '../../guestbook/store'
import { MAX_WAITING } from '../../kit/html/contexts/waiting'
import { OWNER, problems } from '../../kit/http/openapi'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { spanInWords } from '../../kit/lib/time'
import { OUTCOMES } from '../../webhooks/rules/delivering/outcome'
import { type Figures, noFigures } from '../rules/stats/figures'
import { LATENCY_BOUNDS_MS } from '../rules/stats/latency'
import { type Family, histogram, OPENMETRICS_TYPE, toOpenMetrics } from '../rules/stats/openmetrics'
import { STEP_MS } from '../rules/stats/periods'
import { readUsage, type Usage } from '../storage/database-size'
import { findTotal } from './store'

/** `/api/metrics`. Only for the owner: see `requireOwner` in app.tsx. */
export const metricsApi = new ApiRouter()

metricsApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags: ['Settings'],
    security: OWNER,
    summary: 'Get metrics for Prometheus',
    description: `Returns counters and current values in the OpenMetrics text format. The counters are totals since the cron job first counted, and are up to ${spanInWords(2 * STEP_MS)} old.`,
    responses: {
      200: { description: 'The metrics.', content: { [OPENMETRICS_TYPE]: { schema: z.string() } } },
      ...problems([401]),
    },
  }),
  async (c) => {
    const [total, usage, waiting] = await Promise.all([
      findTotal(c.env),
      readUsage(c.env),
      countHeld(c.env, MAX_WAITING),
    ])
    const families = [...counters(total?.figures ?? noFigures()), ...gauges(usage, waiting, total?.counted_to ?? null)]
    return c.body(toOpenMetrics(families), 200, { 'Content-Type': OPENMETRICS_TYPE })
  }
)

function counters({ entries, inbound, endpoints }: Figures): Family[] {
  const byEndpoint = Object.entries(endpoints)
  return [
    counter('guesthook_entries', 'New entries, by status.', entries),
    counter('guesthook_inbound', 'Webhooks received, by status.', inbound),
    {
      name: 'guesthook_attempts',
      type: 'counter',
      help: 'Attempts to deliver a message.',
      samples: byEndpoint.flatMap(([endpoint, { outcomes }]) =>
        OUTCOMES.map((outcome) => ({ suffix: '_total', labels: { endpoint, outcome }, value: outcomes[outcome] }))
      ),
    },
    {
      name: 'guesthook_attempt_duration_seconds',
      type: 'histogram',
      help: 'How long the requests of attempts took.',
      samples: byEndpoint.flatMap(([endpoint, { latency, duration_ms }]) =>
        histogram(BOUNDS, latency, duration_ms / 1_000, { endpoint })
      ),
    },
  ]
}

const BOUNDS = LATENCY_BOUNDS_MS.map((bound) => bound / 1_000)

function counter(name: string, help: string, counts: Record<string, number>): Family {
  const samples = Object.entries(counts).map(([status, value]) => ({ suffix: '_total', labels: { status }, value }))
  return { name, type: 'counter', help, samples }
}

function gauges(usage: Usage, waiting: number, counted_to: number | null): Family[] {
  return [
    gauge('guesthook_entries_waiting', `Entries that wait for approval, at most ${MAX_WAITING}.`, waiting),
    gauge('guesthook_database_size_bytes', 'The size of the database.', usage.size_bytes),
    gauge('guesthook_database_limit_bytes', 'The size at which the database is full.', usage.limit_bytes),
    gauge(
      'guesthook_counted_to_timestamp_seconds',
      'The time up to which events are counted.',
      (counted_to ?? 0) / 1_000
    ),
  ]
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ value }] }
}
