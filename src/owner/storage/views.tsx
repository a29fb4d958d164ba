import { formatBytes } from '../../kit/html/bytes'
import { count } from '../../kit/html/controls'
import { Dashboard } from '../../kit/html/dashboard'
import { Card, Section } from '../../kit/html/parts/card'
import { ButtonForm, Hidden, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { FULL_PERCENT, WARN_AT } from '../../kit/lib/fullness'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanInWords } from '../../kit/lib/time'
import { MAX_DAYS, PERIODS } from '../../kit/sweep/retention-setting'
import { MEASURE_EVERY_MS, percentOf, type Usage } from './database-size'

type StorageProps = { usage: Usage; form: URLSearchParams; now: number }

export function StoragePage({ usage, form, now }: StorageProps) {
  return (
    <Dashboard title="Storage" section={DASHBOARD.storage}>
      <StorageNotice usage={usage} />
      <Total usage={usage} />
      <Tables usage={usage} now={now} />
      <RetentionForm form={form} />
    </Dashboard>
  )
}

/** From this percentage, the owner is warned. */
export const WARN_PERCENT = WARN_AT[0]

/** Says what happens when the database is almost full, and what to do. Shown on the overview, too. */
export function StorageNotice({ usage: { percent, is_full } }: { usage: Usage }) {
  if (percent < WARN_PERCENT) return null
  return (
    <p class="notice bad" role="alert">
      <b>The database is {percent}% full.</b>{' '}
      {is_full
        ? `Guests and webhooks get an error until it is below ${FULL_PERCENT}%.`
        : `At ${FULL_PERCENT}%, guests and webhooks will get an error.`}{' '}
      <a href={DASHBOARD.storage}>See what takes up the space</a>, keep events for a shorter time, or delete old{' '}
      <a href={DASHBOARD.requests}>requests</a>.
    </p>
  )
}

function Total({ usage: { size_bytes, limit_bytes, percent } }: Pick<StorageProps, 'usage'>) {
  return (
    <section>
      <p>
        <b>{formatBytes(size_bytes)}</b> of {formatBytes(limit_bytes)} ({percent === 0 ? 'less than 1' : percent}%)
      </p>
      <meter class="storage" min={0} max={limit_bytes} high={(limit_bytes * WARN_PERCENT) / 100} value={size_bytes}>
        {percent}%
      </meter>
    </section>
  )
}

/** What is not measured. */
const REST = 'rest'

function Tables({ usage: { tables, measured_at, size_bytes }, now }: Pick<StorageProps, 'usage' | 'now'>) {
  const measured = tables.reduce((sum, { bytes }) => sum + bytes, 0)
  const all = Math.max(size_bytes, measured)
  const rest = { name: REST, rows: null, bytes: all - measured }
  const rows = [...tables.toSorted((a, b) => b.bytes - a.bytes), rest]
  const again = <ButtonForm class="inline" action={`${DASHBOARD.storage}/measure`} label="Measure now" />
  return (
    <Section title="What takes up the space" act={again}>
      {measured_at === null ? (
        <p class="empty">The sizes of the tables appear here within a few minutes.</p>
      ) : (
        <>
          <p class="hint">
            Measured <RelativeTime at={measured_at} now={now} />, and again every {spanInWords(MEASURE_EVERY_MS)}. Data
            stored since then is counted only in the last row.
          </p>
          <Table columns={COLUMNS} rows={rows.map((row) => ({ ...row, share: percentOf(row.bytes, all) }))} />
        </>
      )}
    </Section>
  )
}

/** What is in each table. */
const TABLES: Record<string, string> = {
  rest: 'indexes, small tables and newer rows',
  comments: 'entries',
  messages: 'events',
  deliveries: 'deliveries',
  attempts: 'attempts',
  inbound_messages: 'requests',
  inbound_chunks: 'bodies of requests',
  idempotency_keys: 'stored responses',
  endpoints: 'endpoints',
  jobs: 'replays',
  audit_log: 'audit log',
  imported_records: 'imported records',
  pictures: 'pictures of your own',
  buttons: 'buttons of guests',
  webmentions: 'webmentions',
  import_chunks: 'files that are being imported',
}

const COLUMNS: Column<{ name: string; rows: number | null; bytes: number; share: number }>[] = [
  {
    head: 'What',
    cell: ({ name }) => (
      <>
        {TABLES[name] ?? name} {name !== REST && <code class="small">{name}</code>}
      </>
    ),
  },
  { head: 'Rows', cell: ({ rows }) => rows?.toLocaleString('en') ?? '–' },
  { head: 'Size', cell: ({ bytes }) => formatBytes(bytes) },
  { head: 'Share of the database', cell: ({ share }) => `${share}%` },
]

function RetentionForm({ form }: Pick<StorageProps, 'form'>) {
  return (
    <Card title="Days to keep the logs" action={`${DASHBOARD.storage}/retention`}>
      {Object.entries(PERIODS).map(([name, { label, effect }]) => count(label, MAX_DAYS, effect).show(form, name))}
      <Hidden fields={{ seen: form.get('seen') ?? '' }} />
      <p class="hint">
        0 means forever. Waiting deliveries are always kept. Each <a href={DASHBOARD.sources}>source</a> sets how long
        its requests are kept.
      </p>
      <Submit kind="primary" label="Save" />
    </Card>
  )
}
