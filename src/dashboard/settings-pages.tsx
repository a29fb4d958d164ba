import { Hono } from 'hono'
import { judgeBook, TITLE_MAX, WELCOME_MAX } from '../core/guestbook/book-policy'
import type { HonoEnv } from '../env'
import { type Book, changeBook, readBook } from '../guestbook/book'
import { parseFields, readForm, wholeNumber } from '../http/form'
import { type Mode, readMode, saveMode } from '../registration/mode'
import { Dashboard } from '../ui/dashboard'
import { renderPage } from '../ui/render'
import { guestQuota, registrationMode } from './settings-api'

/** `/admin/settings`: the guestbook's title and welcome message, and who can register endpoints. */
export const settingsPages = new Hono<HonoEnv>()

settingsPages.get('/', async (c) => {
  const [book, mode] = await Promise.all([readBook(c.env, Date.now()), readMode(c.env)])
  const notice = c.req.query('done')
    ? 'Saved. It can take up to a minute for every page to show the change.'
    : undefined
  return renderPage(c, <SettingsPage book={book} mode={mode} notice={notice} />)
})

settingsPages.post('/', async (c) => {
  const form = await readForm(c)
  const fields = { title: form.get('title') ?? '', welcome: form.get('welcome') ?? '' }
  const before = await readBook(c.env, Date.now())
  const judged = judgeBook(fields)
  const quota = guestQuota.safeParse(wholeNumber(form.get('daily_quota_mb') ?? String(before.daily_quota_mb)))
  if (!judged.ok || !quota.success) {
    const error = judged.ok ? 'The daily limit must be a whole number of megabytes, or 0.' : judged.error
    const view = <SettingsPage book={{ ...before, ...fields }} mode={await readMode(c.env)} error={error} />
    return renderPage(c, view, 422)
  }
  await changeBook(c.env, { ...judged.value, daily_quota_mb: quota.data }, Date.now())
  return c.redirect('/admin/settings?done=saved', 303)
})

settingsPages.post('/registration', async (c) => {
  const { registration } = parseFields(registrationMode, { registration: (await readForm(c)).get('registration') })
  await saveMode(c.env, registration)
  return c.redirect('/admin/settings?done=saved', 303)
})

function SettingsPage(props: { book: Book; mode: Mode; notice?: string | undefined; error?: string | undefined }) {
  const { book, mode, notice, error } = props
  return (
    <Dashboard title="Settings" section="/admin/settings" notice={notice} error={error}>
      <BookForm book={book} />
      <RegistrationForm mode={mode} />
    </Dashboard>
  )
}

function BookForm({ book }: { book: Book }) {
  return (
    <form class="card" method="post" action="/admin/settings">
      <label for="title">Title</label>
      <input id="title" name="title" required maxlength={TITLE_MAX} value={book.title} />
      <label for="welcome">Welcome message</label>
      <input id="welcome" name="welcome" required maxlength={WELCOME_MAX} value={book.welcome} />
      <p class="hint">
        Comment events include the title, as <code>data.book.title</code>.
      </p>
      <label for="daily_quota_mb">Daily limit for all guests together, in megabytes</label>
      <input
        id="daily_quota_mb"
        name="daily_quota_mb"
        type="number"
        required
        min={0}
        max={10_000}
        value={String(book.daily_quota_mb)}
      />
      <p class="hint">
        A megabyte holds a few hundred entries of average length. Beyond the limit, guests are asked to come back the
        next day. 0 means no limit. <a href="/admin/storage">Storage</a> shows how full the database is.
      </p>
      <button class="primary" type="submit">
        Save
      </button>
    </form>
  )
}

const CHOICES: Record<Mode, string> = {
  off: 'No, only I can',
  approve: 'Yes, after I approve each one',
  open: 'Yes, immediately',
}

function RegistrationForm({ mode }: { mode: Mode }) {
  return (
    <form class="card" method="post" action="/admin/settings/registration">
      <h2>Registration</h2>
      <label for="registration">Can integrators register their own endpoints?</label>
      <select id="registration" name="registration">
        {Object.entries(CHOICES).map(([value, label]) => (
          <option value={value} selected={value === mode}>
            {label}
          </option>
        ))}
      </select>
      <p class="hint">
        Integrators register at <a href="/webhooks">/webhooks</a>. Each URL must first answer a challenge, and it
        receives only events about published entries. Endpoints that are waiting for your approval are listed under{' '}
        <a href="/admin/endpoints">Endpoints</a>.
      </p>
      <button type="submit">Save</button>
    </form>
  )
}
