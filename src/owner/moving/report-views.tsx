import { formatBytes } from '../../kit/html/bytes'
import { Dashboard } from '../../kit/html/dashboard'
import { Section } from '../../kit/html/parts/card'
import { ButtonForm } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import type { SkipReason } from '../rules/importing/records'
import { MAX_EXAMPLES } from './importing/plan-records'
import { type ImportRow, reportOf } from './importing/store'
import { IMPORT_FORMAT_LABELS, SKIP_REASONS_SHOWN, State } from './views'

/** The progress of an import, and then its report. */
export function ImportPage({ row, now }: { row: ImportRow; now: number }) {
  const report = reportOf(row)
  const isRunning = row.finished_at === null
  const number = (value: number) => value.toLocaleString('en')
  return (
    <Dashboard
      title={row.dry_run === 1 ? 'Import (dry run)' : 'Import'}
      section={DASHBOARD.moving}
      error={report.error}
    >
      <p>
        <State row={row} /> {IMPORT_FORMAT_LABELS[row.format]}, into the book <UserText text={row.book} />, started{' '}
        <RelativeTime at={row.created_at} now={now} />.
      </p>
      {isRunning && (
        <>
          <progress max={row.size} value={row.position} />
          <p>
            {formatBytes(row.position)} of {formatBytes(row.size)} read.{' '}
            <a href={`${DASHBOARD.moving}/imports/${row.id}`}>Reload</a>
          </p>
          <ButtonForm action={`${DASHBOARD.moving}/imports/${row.id}/cancel`} label="Cancel import" kind="danger" />
        </>
      )}
      <p>
        {number(report.read)} records read. {number(report.imported)}{' '}
        {row.dry_run === 1 ? 'would be imported' : 'were imported'}, {number(report.replies)} of them as replies.{' '}
        {report.shortened > 0 && `${number(report.shortened)} were shortened. `}
      </p>
      {row.state === 'done' && row.dry_run === 1 && (
        <p>
          Nothing was written. If the <a href={DASHBOARD.moving}>Import and export</a> page is still open, you can
          import the checked entries there with one click. Otherwise, choose the file again there, or run{' '}
          <code>npm run import</code> without <code>--dry-run</code>.
        </p>
      )}
      {row.state === 'done' && report.read === 0 && (
        <p class="empty">No records were found. Is this the right format?</p>
      )}
      <Skipped report={report} />
    </Dashboard>
  )
}

function Skipped({ report: { skipped, examples } }: { report: ReturnType<typeof reportOf> }) {
  const reasons = Object.entries(skipped) as [SkipReason, number][]
  if (reasons.length === 0) return null
  return (
    <Section title="Skipped">
      <ul>
        {reasons.map(([reason, count]) => (
          <li>
            <Skip reason={reason} />: {count.toLocaleString('en')}
          </li>
        ))}
      </ul>
      <Table columns={COLUMNS} rows={examples} />
      {examples.length === MAX_EXAMPLES && (
        <p class="hint">Only the first {MAX_EXAMPLES} skipped records are listed.</p>
      )}
    </Section>
  )
}

const Skip = ({ reason }: { reason: SkipReason }) => <>{SKIP_REASONS_SHOWN[reason]}</>

const COLUMNS: Column<ReturnType<typeof reportOf>['examples'][number]>[] = [
  { head: 'Position in the file', cell: ({ position }) => position.toLocaleString('en') },
  { head: 'ID in the file', cell: ({ id }) => <UserText text={id} /> },
  { head: 'Why', cell: Skip },
]
