import { Hono } from 'hono'
import { judgeBook, TITLE_MAX, WELCOME_MAX } from '../core/guestbook/book-policy'
import type { HonoEnv } from '../env'
import { type Book, changeBook, readBook } from '../guestbook/book'
import { readForm } from '../http/form'
import { type Mode, readMode } from '../registration/mode'
import { Dashboard } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { RegistrationCard } from './registration-settings'

/** `/admin/settings`: what the guestbook is called, and how it greets. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const [book, mode] = await Promise.all([readBook(c.env, Date.now()), readMode(c.env)])
  const notice = c.req.query('done')
    ? 'Saved. It may take a minute until every page shows it.'
    : undefined
  return renderPage(c, <SettingsPage book={book} mode={mode} notice={notice} />)
})

settingsPages.post('/', async (c) => {
  const form = await readForm(c)
  const typed = { title: form.get('title') ?? '', welcome: form.get('welcome') ?? '' }
  const before = await readBook(c.env, Date.now())
  const judged = judgeBook(typed)
  if (!judged.ok) {
    const mode = await readMode(c.env)
    const view = <SettingsPage book={{ ...before, ...typed }} mode={mode} error={judged.error} />
    return renderPage(c, view, 422)
  }
  await changeBook(c.env, { ...before, ...judged.value }, Date.now())
  return c.redirect('/admin/settings?done=saved', 303)
})

function SettingsPage(props: {
  book: Book
  mode: Mode
  notice?: string | undefined
  error?: string | undefined
}) {
  const { book, mode, notice, error } = props
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
      <RegistrationCard mode={mode} />
    </Dashboard>
  )
}
