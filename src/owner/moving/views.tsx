import { type Book, MAIN_BOOK } from '../../guestbook/books/book'
import { SPAM_KEPT_MS } from '../../guestbook/rules/entries/decide'
import { Dashboard, ShortId, Status } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { RelativeTime } from '../../kit/html/time'
import { inMib } from '../../kit/lib/amounts'
import { isolated } from '../../kit/lib/text/bidi'
import { spanOf } from '../../kit/lib/time'
import { MAX_FILE_BYTES } from '../rules/importing/limits'
import type { ImportFormat, SkipReason } from '../rules/importing/records'
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

export const REASONS: Record<SkipReason, string> = {
  already_imported: 'Imported before',
  deleted: 'Deleted in the other system',
  old_spam: `Spam that is older than ${spanOf(SPAM_KEPT_MS)}`,
  not_a_comment: 'A pingback or trackback',
  no_text: 'No text',
  not_understood: 'Not understood',
  too_large: 'Too long',
  rest_not_read: 'The rest of the file, from here on, could not be read',
}

interface MovingProps {
  books: Book[]
  imports: ImportRow[]
  /** Where `npm run import` sends a file. */
  origin: string
  now: number
}

export function MovingPage({ books, imports, origin, now }: MovingProps) {
  return (
    <Dashboard title="Import & export" section={SECTION}>
      <section class="card">
        <h2>Import entries</h2>
        <noscript>
          <p>
            Your browser reads the file, which needs scripts. Without scripts, run this in a copy of the program:{' '}
            <code>npm run import -- --url {origin} file</code>
          </p>
        </noscript>
        <ImportForm books={books} />
        <progress id="import-progress" aria-label="Import" hidden />
        <div id="import-status" role="status" />
        <button id="import-stop" class="danger" type="button" hidden>
          Stop import
        </button>
        <script type="module" src="/import-page.js" />
      </section>
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

/** import-page.js shows the form, reads the file, and sends its entries. */
function ImportForm({ books }: Pick<MovingProps, 'books'>) {
  return (
    <form id="import" data-reasons={JSON.stringify(REASONS)} hidden>
      <label for="file">File</label>
      <input id="file" name="file" type="file" aria-describedby="file-hint" />
      <p class="hint" id="file-hint">
        Up to {inMib(MAX_FILE_BYTES)}, also compressed with gzip. Your browser reads it, and sends only the entries.
        Mail and IP addresses are not kept. What has been imported is not imported again.
      </p>
      <label for="format">Format</label>
      <select id="format" name="format">
        <option value="">Find out from the file</option>
        {Object.entries(FORMATS).map(([value, label]) => (
          <option value={value}>{label}</option>
        ))}
      </select>
      <label for="html">Or paste the source of an old guestbook page (HTML)</label>
      <textarea id="html" name="html" class="code" rows={6} />
      <label for="book">Book</label>
      <select id="book" name="book">
        {books.map(({ slug, title, markup }) => (
          <option value={slug} selected={slug === MAIN_BOOK} data-markup={String(markup)}>
            {isolated(title)}
          </option>
        ))}
      </select>
      <label class="check">
        <input type="checkbox" name="dry_run" checked /> Dry run: only show what would be imported
      </label>
      <label class="check">
        <input type="checkbox" name="webhooks" /> Send <code>comment.published</code> for each entry
      </label>
      <button class="primary" type="submit" disabled>
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
