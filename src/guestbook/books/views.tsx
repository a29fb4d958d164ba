import { Confirm } from '../../kit/html/confirm'
import { text } from '../../kit/html/controls'
import { Dashboard, Status } from '../../kit/html/dashboard'
import { UserText } from '../../kit/html/user-text'
import { aSpanOf } from '../../kit/lib/time'
import { SLUG_MAX, TITLE_MAX } from '../rules/entries/book-policy'
import { type BookRow, bookPath, MAIN_BOOK, toBook } from './book'
import { DEMO_SLUG } from './demo'
import { DemoControls, DemoRemoval } from './demo-views'
import { settingsPath } from './form'
import { SECTIONS } from './settings'
import { EditedBook } from './settings/edited-book'
import { RESTORABLE_MS } from './store'

interface BooksProps {
  books: BookRow[]
  deleted: BookRow[]
  /** What the inputs for a new book contain. */
  form: URLSearchParams
  error?: string | undefined
  notice?: string | undefined
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

export function BooksPage({ books, deleted, form, error, notice }: BooksProps) {
  return (
    <Dashboard title="Books" section="/admin/books" error={error} notice={notice}>
      <section>
        <BookTable books={books} />
      </section>
      {deleted.length > 0 && (
        <section>
          <h2>Deleted</h2>
          {deleted.map((row) => (
            <DeletedBook row={row} />
          ))}
        </section>
      )}
      <section id="new" class="card">
        <h2>Create a book</h2>
        <p>Each book is a guestbook of its own, with its own address, title, language and rules.</p>
        <form method="post" action="/admin/books">
          {TITLE_INPUT.show(form, 'title')}
          {SLUG_INPUT.show(form, 'slug')}
          <button class="primary" type="submit">
            Create
          </button>
        </form>
      </section>
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
    <section id="demo" class="card">
      <h2>Demo guestbook</h2>
      <DemoControls exists={taken !== undefined} />
    </section>
  )
}

function BookTable({ books }: { books: BookRow[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Book</th>
          <th>Entries</th>
          <th>Status</th>
          <th>Address</th>
        </tr>
      </thead>
      <tbody>
        {books.map((row) => (
          <tr>
            <td>
              <a href={settingsPath(row.slug)}>
                <UserText text={row.title} />
              </a>{' '}
              <DemoBadge row={row} />
            </td>
            <td>{row.published_count}</td>
            <td>
              <Status value={toBook(row).is_open ? 'open' : 'closed'} />
            </td>
            <td>
              <a href={bookPath(row.slug)}>{bookPath(row.slug)}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function DemoBadge({ row }: { row: BookRow }) {
  return toBook(row).is_demo && <span class="tag">demo</span>
}

function DeletedBook({ row }: { row: BookRow }) {
  return (
    <form class="inline card" method="post" action={`${settingsPath(row.slug)}/restore`}>
      <p>
        <UserText text={row.title} /> <code>{row.slug}</code>: will be removed {aSpanOf(RESTORABLE_MS)} after you
        deleted it.
      </p>
      <button type="submit">Restore</button>
    </form>
  )
}

interface BookProps {
  row: BookRow
  /** What the inputs of the form contain. */
  form: URLSearchParams
  error?: string | undefined
  notice?: string | undefined
}

export function BookPage({ row, form, error, notice }: BookProps) {
  return (
    <Dashboard title={row.title} section="/admin/books" error={error} notice={notice}>
      <p>
        <a href={bookPath(row.slug)}>Open the book</a> ·{' '}
        <a href={`${settingsPath(row.slug)}/embed`}>Put it on your site</a> ·{' '}
        <a href={`${settingsPath(row.slug)}/bans`}>Bans</a>
      </p>
      {toBook(row).is_demo && (
        <section id="demo" class="card">
          <h2>
            This is a demo <DemoBadge row={row} />
          </h2>
          <DemoRemoval />
        </section>
      )}
      <BookForm row={row} form={form} />
      {row.slug !== MAIN_BOOK && <DeleteBook row={row} />}
    </Dashboard>
  )
}

/** All settings of a book. @param form what the inputs contain */
export function BookForm({ row, form }: Pick<BookProps, 'row' | 'form'>) {
  const path = settingsPath(row.slug)
  return (
    <EditedBook.Provider value={{ path, published: row.published_count }}>
      <form method="post" action={path}>
        {SECTIONS.map(({ heading, id, rows }) => (
          <section id={id} class="card">
            <h2>{heading}</h2>
            {rows.map(([name, { control }]) => control.show(form, name))}
          </section>
        ))}
        <button class="primary" type="submit">
          Save
        </button>
      </form>
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
          <label for="confirm">
            To confirm, type <code>{row.slug}</code>
          </label>
          <input id="confirm" name="confirm" required autocomplete="off" />
        </>
      )}
    </Confirm>
  )
}
