import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { readForm } from '../middleware/form'
import { Dashboard } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { type Book, changeBook, readBook } from './book'

const TITLE_MAX = 60
const WELCOME_MAX = 200

/** `/admin/settings`: what the guestbook is called, and how it greets. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const book = await readBook(c.env, Date.now())
  const notice = c.req.query('done')
    ? 'Saved. It may take a minute until every page shows it.'
    : undefined
  return renderPage(c, <SettingsPage book={book} notice={notice} />)
})

settingsPages.post('/', async (c) => {
  const form = await readForm(c)
  const typed = { title: clean(form.get('title')), welcome: clean(form.get('welcome')) }
  const error =
    faultOf('The title', typed.title, TITLE_MAX) ??
    faultOf('The welcome', typed.welcome, WELCOME_MAX)
  const book = { ...(await readBook(c.env, Date.now())), ...typed }
  if (error) return renderPage(c, <SettingsPage book={book} error={error} />, 422)
  await changeBook(c.env, book, Date.now())
  return c.redirect('/admin/settings?done=saved', 303)
})

function clean(text: string | null): string {
  return (text ?? '').normalize('NFC').replace(/\s+/g, ' ').trim()
}

function faultOf(label: string, text: string, max: number): string | null {
  if (text === '') return `${label} is empty.`
  if (!text.isWellFormed() || /\p{Cc}/u.test(text))
    return `${label} holds invisible control characters.`
  const { length } = [...text]
  return length > max ? `${label} has ${length} characters; up to ${max} fit.` : null
}

function SettingsPage(props: {
  book: Book
  notice?: string | undefined
  error?: string | undefined
}) {
  const { book, notice, error } = props
  return (
    <Dashboard title="Settings" section="/admin/settings" notice={notice} error={error}>
      <form class="card" method="post" action="/admin/settings">
        <label for="title">Title</label>
        <input id="title" name="title" required maxlength={TITLE_MAX} value={book.title} />
        <label for="welcome">Welcome</label>
        <input id="welcome" name="welcome" required maxlength={WELCOME_MAX} value={book.welcome} />
        <p class="hint">The title also goes into every event, as the name of the book.</p>
        <button class="primary" type="submit">
          Save
        </button>
      </form>
    </Dashboard>
  )
}
