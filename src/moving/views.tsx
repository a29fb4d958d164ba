import type { BookRow } from '../books/book'
import type { ImportFormat } from '../core/importing/records'
import { isolated } from '../core/lib/bidi'
import { Dashboard, ShortId, Status } from '../ui/dashboard'
import { EmptyList } from '../ui/list'
import { RelativeTime } from '../ui/time'
import { type ImportRow, reportOf } from './importing/store'

export const SECTION = '/admin/moving'

export const FORMATS: Record<ImportFormat, string> = {
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
          <a href={`${SECTION}/export`} data-parts="guestbook.ndjson">
            Download the export (NDJSON)
          </a>
          : books, entries, endpoints, sources and settings, without secrets. Without scripts, a large guestbook comes
          in parts: the last line of a part has the address of the next one. For a backup that also has the secrets, run{' '}
          <code>npm run backup</code>.
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

export function State({ row: { state, dry_run } }: { row: ImportRow }) {
  return (
    <>
      <Status value={state === 'uploading' ? 'running' : state} />
      {dry_run === 1 && ' (dry run)'}
    </>
  )
}
