import { type Book, MAIN_BOOK } from '../../guestbook/books/book'
import { Dashboard, ShortId, Status } from '../../kit/html/dashboard'
import { EmptyList } from '../../kit/html/list'
import { Card, Section } from '../../kit/html/parts/card'
import { Check, Input, Select, TextArea } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserLink } from '../../kit/html/user-text'
import { inMib } from '../../kit/lib/amounts'
import { DASHBOARD } from '../../kit/lib/paths'
import { isolated } from '../../kit/lib/text/bidi'
import { MAX_FILE_BYTES } from '../rules/importing/limits'
import type { ImportFormat, SkipReason } from '../rules/importing/records'
import { PART_LINES } from './exporting/export'
import { type ImportRow, reportOf } from './importing/store'

/** Why a record is skipped, in words. */
export const SKIP_REASONS_SHOWN: Record<SkipReason, string> = {
  already_imported: 'Imported before',
  deleted: 'Deleted in the other system',
  old_spam: 'Old spam, which would be deleted at once',
  not_a_comment: 'Not a comment, but for example a pingback',
  no_text: 'No text',
  not_understood: 'Not understood',
  too_large: 'Too long',
  rest_not_read: 'The file could not be read beyond this point',
}

export const IMPORT_FORMAT_LABELS: Record<ImportFormat, string> = {
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

interface MovingProps {
  books: Book[]
  imports: ImportRow[]
  /** Where `npm run import` sends a file. */
  origin: string
  now: number
}

export function MovingPage({ books, imports, origin, now }: MovingProps) {
  return (
    <Dashboard title="Import and export" section={DASHBOARD.moving}>
      <ExportCard books={books} />
      <Card title="Import entries">
        <noscript>
          <p>
            Your browser needs JavaScript to read the file. Without JavaScript, run this in a clone of the repository:{' '}
            <code>npm run import -- --url {origin} file</code>
          </p>
        </noscript>
        <ImportForm books={books} />
        <progress id="import-progress" aria-label="Import" hidden />
        <div id="import-status" role="status" data-skipped={JSON.stringify(SKIP_REASONS_SHOWN)} />
        <button id="import-stop" class="danger" type="button" hidden>
          Stop import
        </button>
        <script type="module" src="/import-page.js" />
        <script type="module" src="/export-page.js" />
      </Card>
      {imports.length > 0 ? (
        <Imports imports={imports} now={now} />
      ) : (
        <Section>
          <EmptyList
            title="No imports yet."
            help={
              <>
                Each import appears here with its progress, and with what was skipped and why. Choose a file above. A
                dry run shows what would be imported, and changes nothing.
              </>
            }
          />
        </Section>
      )}
      <Card title="One person's data">
        <p>
          <a href={DASHBOARD.people}>Find, export or erase what one person has written</a>
        </p>
      </Card>
    </Dashboard>
  )
}

/** export-page.js joins the parts of an export to one file, and shows how many entries it has read. */
function ExportCard({ books }: Pick<MovingProps, 'books'>) {
  return (
    <Card id="export" title="Export everything">
      <p>
        <a class="button primary" href={`${DASHBOARD.moving}/export`} data-export={`${DASHBOARD.moving}/export/count`}>
          Download everything
        </a>
      </p>
      <div id="export-status" role="status" />
      <p>
        One file (NDJSON) with all books, entries, endpoints, sources and settings, without secrets. Into another
        guestbook, you can import its entries, or restore all of it if that guestbook is new. For a backup that also
        includes the secrets, run <code>npm run backup</code>.
      </p>
      <noscript>
        <p>
          Without JavaScript, you download the file in parts of about {PART_LINES} entries:{' '}
          <code>guestbook-part-1.ndjson</code> and so on. The last line of each part has the address of the next one.
        </p>
      </noscript>
      <p>
        One book as a web page to read or print:{' '}
        {books.map(({ slug, title }, i) => (
          <>
            {i > 0 && ', '}
            <UserLink href={slug === MAIN_BOOK ? '/export.html' : `/b/${slug}/export.html`} text={title} />
          </>
        ))}
      </p>
    </Card>
  )
}

/** import-page.js shows the form, reads the file, and sends its entries. */
function ImportForm({ books }: Pick<MovingProps, 'books'>) {
  return (
    <Form id="import" method={null} hidden>
      <Input
        name="file"
        type="file"
        label="File"
        hint={
          <>
            Up to {inMib(MAX_FILE_BYTES)}, uncompressed. The file may be compressed with gzip. Your browser reads the
            file, and sends only the entries. E-mail and IP addresses are not kept. No entry is imported twice.
          </>
        }
      />
      <Select name="format" label="Format" choices={{ '': 'Detect automatically', ...IMPORT_FORMAT_LABELS }} />
      <TextArea
        name="html"
        label="Or paste the source of an old guestbook page (HTML)"
        class="code"
        rows={6}
        value=""
      />
      <label for="book">Book</label>
      <select id="book" name="book">
        {books.map(({ slug, title, markup }) => (
          <option value={slug} selected={slug === MAIN_BOOK} data-markup={String(markup)}>
            {isolated(title)}
          </option>
        ))}
      </select>
      <Check name="dry_run" checked label="Dry run: only show what would be imported" />
      <Check
        name="webhooks"
        label={
          <>
            Send <code>comment.published</code> for each entry
          </>
        }
      />
      <Submit kind="primary" disabled label="Start import" />
    </Form>
  )
}

function Imports({ imports, now }: Pick<MovingProps, 'imports' | 'now'>) {
  const columns: Column<ImportRow>[] = [
    {
      head: 'Import',
      class: 'wide',
      cell: ({ id, format }) => <a href={`${DASHBOARD.moving}/imports/${id}`}>{IMPORT_FORMAT_LABELS[format]}</a>,
    },
    { head: 'State', label: null, cell: (row) => <State row={row} /> },
    { head: 'Imported', cell: (row) => (row.dry_run === 1 ? '–' : reportOf(row).imported.toLocaleString('en')) },
    { head: 'Started', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
    { head: 'ID', label: null, cell: ({ id }) => <ShortId id={id} /> },
  ]
  return (
    <Section title="Latest imports">
      <Table columns={columns} rows={imports} />
    </Section>
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
