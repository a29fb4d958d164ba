import { Confirm } from '../../kit/html/confirm'
import { text } from '../../kit/html/controls'
import { Dashboard, Status } from '../../kit/html/dashboard'
import { Card, Section } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { ButtonForm, Form, Submit } from '../../kit/html/parts/form'
import { type Column, Table } from '../../kit/html/parts/table'
import { UserText } from '../../kit/html/user-text'
import { aSpanOf } from '../../kit/lib/time'
import { SLUG_MAX, TITLE_MAX } from '../rules/entries/book-policy'
import { type BookRow, bookPath, MAIN_BOOK, toBook } from './book'
import { CACHE_MS } from './cache'
import { DEMO_SLUG } from './demo'
import { DemoControls, DemoRemoval } from './demo-views'
import { settingsPath } from './form'
import { SECTIONS } from './settings'
import { EditedBook } from './settings/edited-book'
import { RESTORABLE_MS } from './store'

const DONE: Record<string, string> = {
  created: 'Created. Here are its settings.',
  saved: `Saved. It can take up to ${aSpanOf(CACHE_MS)} until every page shows the change.`,
  deleted: `Deleted. You can restore the book for ${aSpanOf(RESTORABLE_MS)}.`,
  restored: 'Restored.',
  demo: 'Here is the demo guestbook. Open it to look around. One click below removes it again.',
}

interface BooksProps {
  books: BookRow[]
  deleted: BookRow[]
  /** What the inputs for a new book contain. */
  form: URLSearchParams
  /** Why something could not be done. */
  failure: string | undefined
}

const TITLE_INPUT = text('Title', {
  max: TITLE_MAX,
  required: true,
  hint: 'The heading of its page. You can change it later.',
})
const SLUG_INPUT = text('Slug', {
  max: SLUG_MAX,
  required: true,
  placeholder: 'summer-party',
  hint: 'The last part of the address: `/b/summer-party`. It cannot be changed later.',
})

export function BooksPage({ books, deleted, form, failure }: BooksProps) {
  return (
    <Dashboard title="Books" section="/admin/books" notices={DONE} error={failure}>
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
        <a href={settingsPath(row.slug)}>
          <UserText text={row.title} />
        </a>{' '}
        <DemoBadge row={row} />
      </>
    ),
  },
  { head: 'Entries', label: null, cell: ({ published_count }) => published_count },
  { head: 'Status', label: null, cell: (row) => <Status value={toBook(row).is_open ? 'open' : 'closed'} /> },
  { head: 'Address', label: null, cell: ({ slug }) => <a href={bookPath(slug)}>{bookPath(slug)}</a> },
]

function DemoBadge({ row }: { row: BookRow }) {
  return toBook(row).is_demo && <span class="tag">demo</span>
}

function DeletedBook({ row }: { row: BookRow }) {
  return (
    <ButtonForm class="inline card" action={`${settingsPath(row.slug)}/restore`} label="Restore">
      <UserText text={row.title} /> <code>{row.slug}</code>: will be removed {aSpanOf(RESTORABLE_MS)} after you deleted
      it.
    </ButtonForm>
  )
}

interface BookProps {
  row: BookRow
  /** What the inputs of the form contain. */
  form: URLSearchParams
}

export function BookPage({ row, form }: BookProps) {
  return (
    <Dashboard title={row.title} section="/admin/books" notices={DONE}>
      <p>
        <a href={bookPath(row.slug)}>Open the book</a> ·{' '}
        <a href={`${settingsPath(row.slug)}/embed`}>Put it on your site</a> ·{' '}
        <a href={`${settingsPath(row.slug)}/bans`}>Bans</a>
      </p>
      {toBook(row).is_demo && (
        <Card id="demo" title={demoTitle(row)}>
          <DemoRemoval />
        </Card>
      )}
      <BookForm row={row} form={form} />
      {row.slug !== MAIN_BOOK && <DeleteBook row={row} />}
    </Dashboard>
  )
}

function demoTitle(row: BookRow) {
  return (
    <>
      This is a demo <DemoBadge row={row} />
    </>
  )
}

/** All settings of a book. @param form what the inputs contain */
export function BookForm({ row, form }: Pick<BookProps, 'row' | 'form'>) {
  const path = settingsPath(row.slug)
  return (
    <EditedBook.Provider value={{ path, published: row.published_count }}>
      <Form action={path}>
        {SECTIONS.map(({ heading, rows }) => (
          <Card title={heading}>{rows.map(([name, { control }]) => control.show(form, name))}</Card>
        ))}
        <Submit kind="primary" label="Save" />
      </Form>
    </EditedBook.Provider>
  )
}

function DeleteBook({ row }: { row: BookRow }) {
  const label = 'Delete this book'
  return (
    <Confirm action={`${settingsPath(row.slug)}/delete`} label={label} isCard>
      The book and its entries disappear at once. You can restore them for {aSpanOf(RESTORABLE_MS)}; then they are
      deleted for good.
      {row.comment_count > 0 && (
        <>
          {' '}
          <Input
            name="confirm"
            required
            autocomplete="off"
            label={
              <>
                To confirm, type <code>{row.slug}</code>
              </>
            }
          />
        </>
      )}
    </Confirm>
  )
}
