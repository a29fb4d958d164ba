import { ENTRY_STATUSES } from '../../guestbook/rules/entries/statuses'
import { Empty, statusWord, type Tone, toneOf } from '../../kit/html/dashboard'
import { Section } from '../../kit/html/parts/card'
import { type Column, Table } from '../../kit/html/parts/table'
import { ExactTime } from '../../kit/html/time'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanInWords } from '../../kit/lib/time'
import { EndpointLink } from '../../webhooks/endpoints/built-in-views'
import { OUTCOMES } from '../../webhooks/rules/delivering/outcome'
import type { InboundStatus } from '../../webhooks/rules/receiving/inbound-state'
import { countAttempts, OTHERS, successRate } from '../rules/stats/figures'
import { percentile } from '../rules/stats/latency'
import { type ChartRange, isBehind, RANGE_NAMES, rangeInWords, STEP_MS } from '../rules/stats/periods'
import { Chart, type Series } from './chart-views'
import type { EndpointStats, Period, Stats } from './read'

/** A chart shows different failures in different colors. */
const TONES: Record<string, Series['tone']> = { timed_out: 'wait', unreachable: 'off', blocked: 'off' }

/** The lowest part of a bar comes first. */
const CHARTED_INBOUND: readonly InboundStatus[] = ['processed', 'failed', 'new']

function seriesOf<S extends Tone>(periods: Period[], names: readonly S[], countsOf: (p: Period) => Record<S, number>) {
  return names.map(
    (name): Series => ({
      // It may be published by now.
      name: name === 'held' ? 'waited when signed' : statusWord(name),
      tone: TONES[name] ?? toneOf(name),
      values: periods.map((period) => countsOf(period)[name]),
    })
  )
}

export function StatsSection({ stats, now }: { stats: Stats; now: number }) {
  const { range, periods, counted_to, missing_before } = stats
  const common = { range, starts: periods.map(({ start }) => start) }
  return (
    <Section id="charts" title="What happened" act={<RangeLinks range={range} />}>
      {counted_to !== null && isBehind(counted_to, now) && <Behind counted_to={counted_to} />}
      {missing_before !== null && missing_before > (periods[0]?.start ?? 0) && <Missing before={missing_before} />}
      <div class="columns">
        <Chart
          {...common}
          title="Entries"
          unit="entries"
          note={
            <p class="hint">
              Each entry is counted under the status that it had a few minutes after it arrived. Click a bar to list its
              entries with their current status.
            </p>
          }
          list={(from, to) => `${DASHBOARD.entries}${between(from, to)}&status=all#list`}
          series={seriesOf(periods, ENTRY_STATUSES, ({ entries }) => entries)}
        />
        <Chart
          {...common}
          title="Delivery attempts"
          unit="attempts"
          list={(from, to) => `${DASHBOARD.messages}${between(from, to)}#list`}
          series={seriesOf(periods, OUTCOMES, ({ attempts }) => attempts.outcomes)}
        />
        <Chart
          {...common}
          title="Requests received"
          unit="requests"
          list={(from, to) => `${DASHBOARD.requests}${between(from, to)}#list`}
          series={seriesOf(periods, CHARTED_INBOUND, ({ inbound }) => inbound)}
        />
      </div>
      {stats.endpoints.length > 0 && <EndpointFigures endpoints={stats.endpoints} />}
      <p class="hint">
        {counted_to === null ? (
          'Nothing has been counted yet. The first count takes a few minutes.'
        ) : (
          <>
            Counted until <ExactTime at={counted_to} />, and updated every {spanInWords(STEP_MS)}. Programs get the same
            figures from <a href="/docs/api/settings#tag/settings/GET/api/stats">/api/stats</a> and, for Prometheus,
            from <a href="/docs/api/settings#tag/settings/GET/api/metrics">/api/metrics</a>.
          </>
        )}
      </p>
    </Section>
  )
}

/** @param to exclusive @returns what a list is opened with, so that its filter shows the time */
function between(from: number, to: number): string {
  const minute = (time: number) => new Date(time).toISOString().slice(0, 16)
  return `?since=${minute(from)}&until=${minute(to - 1)}`
}

function Behind({ counted_to }: { counted_to: number }) {
  return (
    <p class="notice">
      Counted until <ExactTime at={counted_to} />, and catching up. If this time does not change, see{' '}
      <a href={DASHBOARD.system}>System</a>.
    </p>
  )
}

/** After an import or an upgrade, older hours are counted after the newest ones. */
function Missing({ before }: { before: number }) {
  return (
    <p class="notice">
      We are still counting, newest hours first. So far, there are no figures before <ExactTime at={before} />.
    </p>
  )
}

function RangeLinks({ range }: { range: ChartRange }) {
  return (
    <nav class="filter" aria-label="Time">
      {RANGE_NAMES.map((name) => (
        <a href={`${DASHBOARD.overview}?range=${name}#charts`} aria-current={name === range ? 'true' : undefined}>
          {rangeInWords(name)}
        </a>
      ))}
    </nav>
  )
}

/** How many endpoints the table has. */
const SHOWN_ENDPOINTS = 5
/** How many of the worst are looked up, so that the table has places for those that were not deleted. */
export const NAMED_ENDPOINTS = 2 * SHOWN_ENDPOINTS

function EndpointFigures({ endpoints }: { endpoints: EndpointStats[] }) {
  const known = endpoints.slice(0, NAMED_ENDPOINTS)
  const rows = [...known.filter((one) => !isDeleted(one)), ...known.filter(isDeleted)]
  return (
    <>
      <h3>Endpoints, worst first</h3>
      <Table columns={COLUMNS} rows={rows.slice(0, SHOWN_ENDPOINTS)} />
      {endpoints.length > SHOWN_ENDPOINTS && (
        <Empty>
          See all <a href={DASHBOARD.endpoints}>endpoints</a>.
        </Empty>
      )}
    </>
  )
}

const isDeleted = ({ id, url }: EndpointStats): boolean => url === null && id !== OTHERS

const COLUMNS: Column<EndpointStats>[] = [
  {
    head: 'Endpoint',
    class: 'wide',
    cell: ({ id, url, description }) => {
      if (url !== null) return <EndpointLink href={`${DASHBOARD.endpoints}/${id}`} {...{ url, description }} />
      return id === OTHERS ? 'all other endpoints' : 'a deleted endpoint'
    },
  },
  { head: 'Success', cell: ({ attempts }) => <Rate rate={successRate(attempts) ?? 0} /> },
  { head: 'Attempts', cell: ({ attempts }) => countAttempts(attempts).toLocaleString('en') },
  { head: 'Median time', cell: ({ attempts }) => formatMs(percentile(attempts.latency, 0.5)) },
  { head: '95th percentile', cell: ({ attempts }) => formatMs(percentile(attempts.latency, 0.95)) },
]

function Rate({ rate }: { rate: number }) {
  const percent = Math.floor(rate * 1_000) / 10
  return (
    <>
      <svg class="rate" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect class="good" width={percent} height="1" />
      </svg>{' '}
      {percent}%
    </>
  )
}

function formatMs(ms: number | null): string {
  if (ms === null) return '–'
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}
