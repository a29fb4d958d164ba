import { text } from '../../kit/html/controls'
import { Dashboard, Status } from '../../kit/html/dashboard'
import { Card, Section } from '../../kit/html/parts/card'
import { ButtonForm, Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { UserLink, UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { SLUG_MAX, TITLE_MAX } from '../rules/entries/book-texts'
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

const TITLE_INPUT = text('Title', {
  max: TITLE_MAX,
  required: true,
  hint: "The heading of the book's page. You can change it later.",
})
const SLUG_INPUT = text('Slug', {
  max: SLUG_MAX,
  required: true,
  placeholder: 'summer-party',
  hint: (
    <>
      The last part of the address: <code>/b/summer-party</code>. It cannot be changed later.
    </>
  ),
})

export function BooksPage({ books, deleted, form, hasFailed }: BooksProps) {
  return (
    <Dashboard
      title="Books"
      section={DASHBOARD.books}
      error={
        hasFailed && (
          <>
            The demo was not created: you have a book with the slug "demo", or deleted one less than{' '}
            {aSpanOf(RESTORABLE_MS)} ago.
          </>
        )
      }
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
        <p>Each book is a guestbook of its own, with its own address, title, language and rules.</p>
        <Form action={DASHBOARD.books}>
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
      <UserText text={row.title} /> <code>{row.slug}</code>: will be removed {aSpanOf(RESTORABLE_MS)} after its
      deletion.
    </ButtonForm>
  )
}
