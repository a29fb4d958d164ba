import { text } from '../../kit/html/controls'
import { Dashboard, Status } from '../../kit/html/dashboard'
import { Help, HelpParagraph } from '../../kit/html/help'
import { Card, Section } from '../../kit/html/parts/card'
import { ButtonForm, Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { UserLink, UserText } from '../../kit/html/user-text'
import { aSpanOf } from '../../kit/lib/time'
import { SLUG_MAX, TITLE_MAX } from '../rules/entries/book-policy'
import { themeName } from '../rules/looks/themes'
import { type BookRow, bookPath, DEMO_SLUG, toBook } from './book'
import { DemoBadge, DemoControls } from './demo-views'
import { settingsPath } from './form'
import { RESTORABLE_MS } from './store'

interface BooksProps {
  books: BookRow[]
  deleted: BookRow[]
  form: URLSearchParams
  /** Whether the demo was not created. */
  hasFailed: boolean
}

const TITLE_INPUT = text('Title', { max: TITLE_MAX, required: true, hint: 'books.title' })
const SLUG_INPUT = text('Slug', {
  max: SLUG_MAX,
  required: true,
  placeholder: 'summer-party',
  hint: 'books.slug',
})

export function BooksPage({ books, deleted, form, hasFailed }: BooksProps) {
  return (
    <Dashboard
      title="Books"
      section="/admin/books"
      error={hasFailed && <Help of="demo.taken" time={aSpanOf(RESTORABLE_MS)} />}
    >
      <section>
        <Table columns={COLUMNS} rows={books} />
      </section>
      {deleted.length > 0 && (
        <Section title="Deleted">
          {deleted.map((row) => (
            <DeletedBook row={row} />
          ))}
        </Section>
      )}
      <Card id="new" title="Create a book">
        <HelpParagraph of="books.new" />
        <Form action="/admin/books">
          {TITLE_INPUT.show(form, 'title')}
          {SLUG_INPUT.show(form, 'slug')}
          <Submit kind="primary" label="Create" />
        </Form>
      </Card>
      <DemoSection books={books} />
    </Dashboard>
  )
}

/** Hidden if one of the owner's own books has the slug of the demo. */
function DemoSection({ books }: { books: BookRow[] }) {
  const taken = books.find(({ slug }) => slug === DEMO_SLUG)
  const isOwn = taken !== undefined && !toBook(taken).is_demo
  if (isOwn) return null
  return (
    <Card id="demo" title="Demo guestbook">
      <DemoControls exists={taken !== undefined} />
    </Card>
  )
}

const COLUMNS: Column<BookRow>[] = [
  {
    head: 'Book',
    cell: (row) => (
      <>
        <UserLink href={settingsPath(row.slug)} text={row.title} /> <DemoBadge row={row} />
      </>
    ),
  },
  { head: 'Entries', cell: ({ published_count }) => published_count },
  { head: 'Status', label: null, cell: (row) => <Status value={toBook(row).is_open ? 'open' : 'closed'} /> },
  { head: 'Address', cell: ({ slug }) => <a href={bookPath(slug)}>{bookPath(slug)}</a> },
  { head: 'Theme', cell: (row) => <a href={`${settingsPath(row.slug)}#appearance`}>{themeName(toBook(row).theme)}</a> },
]

function DeletedBook({ row }: { row: BookRow }) {
  return (
    <ButtonForm class="inline card" action={`${settingsPath(row.slug)}/restore`} label="Restore">
      <UserText text={row.title} /> <code>{row.slug}</code>: <Help of="books.kept" time={aSpanOf(RESTORABLE_MS)} />
    </ButtonForm>
  )
}
