import { formatBytes } from '../../kit/html/bytes'
import { Dashboard } from '../../kit/html/dashboard'
import { Help, HelpParagraph } from '../../kit/html/help'
import { Section } from '../../kit/html/parts/card'
import { ButtonForm } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import type { SkipReason } from '../rules/importing/records'
import { MAX_EXAMPLES } from './importing/plan-records'
import { type ImportRow, reportOf } from './importing/store'
import { FORMATS, SECTION, State } from './views'

/** The progress of an import, and then its report. */
export function ImportPage({ row, now }: { row: ImportRow; now: number }) {
  const report = reportOf(row)
  const isRunning = row.finished_at === null
  const number = (value: number) => value.toLocaleString('en')
  return (
    <Dashboard title={row.dry_run === 1 ? 'Import (dry run)' : 'Import'} section={SECTION} error={report.error}>
      <p>
        <State row={row} /> {FORMATS[row.format]}, into the book <UserText text={row.book} />, started{' '}
        <RelativeTime at={row.created_at} now={now} />.
      </p>
      {isRunning && (
        <>
          <progress max={row.size} value={row.position} />
          <p>
            {formatBytes(row.position)} of {formatBytes(row.size)} read.{' '}
            <a href={`${SECTION}/imports/${row.id}`}>Reload</a>
          </p>
          <ButtonForm action={`${SECTION}/imports/${row.id}/cancel`} label="Cancel import" kind="danger" />
        </>
      )}
      <p>
        {number(report.read)} records read. {number(report.imported)}{' '}
        {row.dry_run === 1 ? 'would be imported' : 'were imported'}, {number(report.replies)} of them as replies.{' '}
        {report.shortened > 0 && `${number(report.shortened)} were shortened. `}
      </p>
      {row.state === 'done' && row.dry_run === 1 && <HelpParagraph of="import.dry" />}
      {row.state === 'done' && report.read === 0 && <HelpParagraph of="import.none" class="empty" />}
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
      {examples.length === MAX_EXAMPLES && <HelpParagraph of="import.examples" class="hint" max={MAX_EXAMPLES} />}
    </Section>
  )
}

const Skip = ({ reason }: { reason: SkipReason }) => <Help of={`skip.${reason}`} or={reason} />

const COLUMNS: Column<ReturnType<typeof reportOf>['examples'][number]>[] = [
  { head: 'Position in the file', cell: ({ position }) => position.toLocaleString('en') },
  { head: 'ID in the file', cell: ({ id }) => <UserText text={id} /> },
  { head: 'Why', cell: Skip },
]
