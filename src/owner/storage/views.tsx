import { formatBytes } from '../../kit/html/bytes'
import { count } from '../../kit/html/controls'
import { Dashboard } from '../../kit/html/dashboard'
import { Help, type HelpName, HelpParagraph } from '../../kit/html/help'
import { Card, Section } from '../../kit/html/parts/card'
import { ButtonForm, Hidden, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { FULL_PERCENT, WARN_AT } from '../../kit/lib/fullness'
import { spanInWords } from '../../kit/lib/time'
import { MAX_DAYS, type Retention } from '../../kit/sweep/retention-setting'
import { MEASURE_EVERY_MS, percentOf, type Usage } from './database-size'

type StorageProps = { usage: Usage; form: URLSearchParams; now: number }

export function StoragePage({ usage, form, now }: StorageProps) {
  return (
    <Dashboard title="Storage" section="/admin/storage">
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
      <Help of={is_full ? 'storage.full' : 'storage.almost'} percent={FULL_PERCENT} /> <Help of="storage.room" />
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
  const again = <ButtonForm class="inline" action="/admin/storage/measure" label="Measure now" />
  return (
    <Section title="What takes up the space" act={again}>
      {measured_at === null ? (
        <HelpParagraph of="storage.soon" class="empty" />
      ) : (
        <>
          <p class="hint">
            Measured <RelativeTime at={measured_at} now={now} />, and again every {spanInWords(MEASURE_EVERY_MS)}.{' '}
            <Help of="storage.since" />
          </p>
          <Table columns={COLUMNS} rows={rows.map((row) => ({ ...row, share: percentOf(row.bytes, all) }))} />
        </>
      )}
    </Section>
  )
}

const COLUMNS: Column<{ name: string; rows: number | null; bytes: number; share: number }>[] = [
  {
    head: 'What',
    cell: ({ name }) => (
      <>
        <Help of={`table.${name}` as HelpName} or={name} /> {name !== REST && <code class="small">{name}</code>}
      </>
    ),
  },
  { head: 'Rows', cell: ({ rows }) => rows?.toLocaleString('en') ?? '–' },
  { head: 'Size', cell: ({ bytes }) => formatBytes(bytes) },
  { head: 'Share of the database', cell: ({ share }) => `${share}%` },
]

/** What is kept, and what happens to what is older. */
export const DAYS: Record<keyof Retention, { label: string; effect: HelpName }> = {
  settled_days: { label: 'Delivered and canceled deliveries', effect: 'kept.settled' },
  failed_days: { label: 'Failed deliveries', effect: 'kept.failed' },
  jobs_days: { label: 'Finished replays', effect: 'kept.jobs' },
  audit_days: { label: 'The audit log', effect: 'kept.audit' },
}

function RetentionForm({ form }: Pick<StorageProps, 'form'>) {
  return (
    <Card title="Days to keep the logs" action="/admin/storage/retention">
      {Object.entries(DAYS).map(([name, { label, effect }]) => count(label, MAX_DAYS, effect).show(form, name))}
      <Hidden fields={{ seen: form.get('seen') ?? '' }} />
      <HelpParagraph of="kept.what" class="hint" />
      <Submit kind="primary" label="Save" />
    </Card>
  )
}
