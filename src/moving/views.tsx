import type { BookRow } from '../books/book'
import type { ImportFormat, SkipReason } from '../core/importing/records'
import { isolated } from '../core/lib/bidi'
import { formatBytes } from '../ui/bytes'
import { Dashboard, Empty, ShortId, Status } from '../ui/dashboard'
import { EmptyList } from '../ui/list'
import { RelativeTime } from '../ui/time'
import { UserText } from '../ui/user-text'
import { MAX_EXAMPLES } from './importing/plan-records'
import { type ImportRow, reportOf } from './importing/store'

const SECTION = '/admin/moving'

const FORMATS: Record<ImportFormat, string> = {
  disqus: 'Disqus (XML)',
  wordpress: 'WordPress (WXR)',
  isso: 'Isso (JSON or CSV from sqlite3)',
  remark42: 'Remark42 (backup)',
  artalk: 'Artalk (Artrans)',
  waline: 'Waline (JSON)',
  cusdis: 'Cusdis (JSON or CSV of its table)',
  commento: 'Commento (JSON)',
  staticman: 'Staticman (YAML or JSON)',
  csv: 'CSV with a header',
  guesthook: 'Guesthook (export)',
  html: 'HTML page of a guestbook',
}

/** The fields of the form, as the owner typed them. */
export interface ImportFields {
  format: string
  book: string
  dry_run: boolean
  webhooks: boolean
  html: string
}

interface MovingProps {
  books: BookRow[]
  imports: ImportRow[]
  fields: ImportFields
  error: string | undefined
  now: number
}

export function MovingPage({ books, imports, fields, error, now }: MovingProps) {
  return (
    <Dashboard title="Import & export" section={SECTION} error={error}>
      <ImportForm books={books} fields={fields} />
      {imports.length > 0 ? <Imports imports={imports} now={now} /> : <NoImports />}
      <section class="card">
        <h2>Export everything</h2>
        <p>
          <a href={`${SECTION}/export`}>Download the export (NDJSON)</a>: books, entries, endpoints, sources and
          settings, without secrets. A large guestbook comes in parts: the last line of a part has the address of the
          next one. For a complete backup in one file, also with secrets, run <code>npm run backup</code>.
        </p>
      </section>
      <section class="card">
        <h2>One person's data</h2>
        <p>
          <a href={`${SECTION}/people`}>Find, export or erase what one person has written</a>
        </p>
      </section>
    </Dashboard>
  )
}

function NoImports() {
  return (
    <section>
      <EmptyList title="No imports yet.">
        Each import appears here with its progress, and with what was skipped and why. Choose a file above. A dry run
        shows what would be imported, and changes nothing.
      </EmptyList>
    </section>
  )
}

function ImportForm({ books, fields }: Pick<MovingProps, 'books' | 'fields'>) {
  return (
    <form class="card" method="post" action={`${SECTION}/import`} enctype="multipart/form-data">
      <h2>Import entries</h2>
      <label for="file">File, up to 10 MiB, also compressed with gzip</label>
      <input id="file" name="file" type="file" />
      <label for="format">Format</label>
      <select id="format" name="format">
        <option value="">Find out from the file</option>
        {Object.entries(FORMATS).map(([value, label]) => (
          <option value={value} selected={value === fields.format}>
            {label}
          </option>
        ))}
      </select>
      <label for="html">Or paste the source of an old guestbook page (HTML)</label>
      <textarea id="html" name="html" class="code" rows={6}>
        {fields.html}
      </textarea>
      <label for="book">Book</label>
      <select id="book" name="book">
        {books.map(({ slug, title }) => (
          <option value={slug} selected={slug === fields.book}>
            {isolated(title)}
          </option>
        ))}
      </select>
      <label class="check">
        <input type="checkbox" name="dry_run" checked={fields.dry_run} /> Dry run: only show what would be imported
      </label>
      <label class="check">
        <input type="checkbox" name="webhooks" checked={fields.webhooks} /> Send <code>comment.published</code> for each
        entry
      </label>
      <p class="hint">
        Mail and IP addresses are not kept. The file is removed when the import ends. What has been imported is not
        imported again.
      </p>
      <button class="primary" type="submit">
        Start import
      </button>
    </form>
  )
}

function Imports({ imports, now }: Pick<MovingProps, 'imports' | 'now'>) {
  return (
    <section>
      <h2>Latest imports</h2>
      <table>
        <thead>
          <tr>
            <th>Import</th>
            <th>State</th>
            <th>Format</th>
            <th>Imported</th>
            <th>Started</th>
          </tr>
        </thead>
        <tbody>
          {imports.map((row) => (
            <tr>
              <td>
                <ShortId id={row.id} href={`${SECTION}/imports/${row.id}`} />
              </td>
              <td data-label="State">
                <State row={row} />
              </td>
              <td data-label="Format">{FORMATS[row.format]}</td>
              <td data-label="Imported">{reportOf(row).imported.toLocaleString('en')}</td>
              <td data-label="Started">
                <RelativeTime at={row.created_at} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function State({ row: { state, dry_run } }: { row: ImportRow }) {
  return (
    <>
      <Status value={state === 'uploading' ? 'running' : state} />
      {dry_run === 1 && ' (dry run)'}
    </>
  )
}

const REASONS: Record<SkipReason, string> = {
  already_imported: 'Imported before',
  deleted: 'Deleted in the other system',
  old_spam: 'Spam that is older than 30 days',
  not_a_comment: 'A pingback or trackback',
  no_text: 'No text',
  not_understood: 'Not understood',
  too_large: 'Longer than 64 KB',
  rest_not_read: 'The rest of the file from here on could not be read',
}

export function ImportPage({ row, now }: { row: ImportRow; now: number }) {
  const report = reportOf(row)
  const isRunning = row.finished_at === null
  const number = (value: number) => value.toLocaleString('en')
  return (
    <Dashboard title={row.dry_run === 1 ? 'Import (dry run)' : 'Import'} section={SECTION} error={report.error}>
      <p>
        <State row={row} /> {FORMATS[row.format]}, into the book <UserText text={row.book} />, started{' '}
        <RelativeTime at={row.created_at} now={now} />. <a href={SECTION}>Back to import & export</a>
      </p>
      {isRunning && (
        <>
          <progress max={row.size} value={row.position} />
          <p>
            {formatBytes(row.position)} of {formatBytes(row.size)} read.{' '}
            <a href={`${SECTION}/imports/${row.id}`}>Reload</a>
          </p>
          <form method="post" action={`${SECTION}/imports/${row.id}/cancel`}>
            <button class="danger" type="submit">
              Cancel import
            </button>
          </form>
        </>
      )}
      <p>
        {number(report.read)} records read. {number(report.imported)}{' '}
        {row.dry_run === 1 ? 'would be imported' : 'were imported'}, {number(report.replies)} of them as replies.{' '}
        {report.shortened > 0 && `${number(report.shortened)} were shortened. `}
      </p>
      {row.state === 'done' && row.dry_run === 1 && (
        <p class="hint">Nothing was written. To import the entries, send the file again without “Dry run”.</p>
      )}
      {row.state === 'done' && report.read === 0 && <Empty>No records were found. Is this the right format?</Empty>}
      <Skipped report={report} />
    </Dashboard>
  )
}

function Skipped({ report: { skipped, examples } }: { report: ReturnType<typeof reportOf> }) {
  const reasons = Object.entries(skipped) as [SkipReason, number][]
  if (reasons.length === 0) return null
  return (
    <section>
      <h2>Skipped</h2>
      <ul>
        {reasons.map(([reason, count]) => (
          <li>
            {REASONS[reason]}: {count.toLocaleString('en')}
          </li>
        ))}
      </ul>
      <table>
        <thead>
          <tr>
            <th>Position in the file</th>
            <th>ID in the file</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {examples.map(({ position, id, reason }) => (
            <tr>
              <td>byte {position.toLocaleString('en')}</td>
              <td data-label="ID in the file">
                <UserText text={id} />
              </td>
              <td data-label="Why">{REASONS[reason]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {examples.length === MAX_EXAMPLES && <p class="hint">Only the first {MAX_EXAMPLES} are listed.</p>}
    </section>
  )
}
