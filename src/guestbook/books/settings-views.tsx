import { type PropsWithChildren, useContext } from '#jsx'
import { Confirm } from '../../kit/html/confirm'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Form, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { aSpanOf } from '../../kit/lib/time'
import { type BookRow, bookPath, MAIN_BOOK, toBook } from './book'
import { CACHE_MS } from './cache'
import { DemoBadge, DemoRemoval } from './demo-views'
import { settingId, settingsPath, titlesOf } from './form'
import { TABS } from './settings'
import { EditedBook } from './settings/edited-book'
import { RESTORABLE_MS } from './store'

interface BookProps {
  row: BookRow
  /** What the inputs of the form contain. */
  form: URLSearchParams
  /** The names of the settings that have just been saved, from the address. Undefined if nothing was saved. */
  saved?: string | undefined
}

/**
 * The settings of a book, in tabs. All of them are one form, so that nothing that was entered is lost when another tab
 * is opened. The address of a tab ends with its id: the stylesheet shows the tab that the address points to.
 */
export function BookPage({ row, form, saved }: BookProps) {
  return (
    <Dashboard
      title={row.title}
      section="/admin/books"
      crumbs={[]}
      stylesheet="/book.css"
      act={<ActLink href={bookPath(row.slug)}>Open the book</ActLink>}
    >
      {toBook(row).is_demo && (
        <Card id="demo" title={demoTitle(row)}>
          <DemoRemoval />
        </Card>
      )}
      <div class="tabbed">
        <Tabs />
        <BookForm row={row} form={form} saved={saved} />
        <Panel id="danger" label="Danger">
          <DeleteBook row={row} />
        </Panel>
      </div>
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

function Tabs() {
  return (
    <nav class="tabs" aria-label="Settings">
      {[...TABS, { id: 'danger', label: 'Danger' }].map(({ id, label }) => (
        <a href={`#${id}`}>{label}</a>
      ))}
    </nav>
  )
}

function Panel({ id, label, children }: PropsWithChildren<{ id: string; label: string }>) {
  return (
    <section class="panel card" id={id} aria-label={label}>
      {children}
    </section>
  )
}

/**
 * All settings of a book. The browser does not check the fields, because it cannot say what is wrong in another tab. The
 * first button is what Enter presses: without it, that would be one that chooses a theme.
 */
export function BookForm({ row, form, saved }: BookProps) {
  const path = settingsPath(row.slug)
  return (
    <EditedBook.Provider value={{ path, published: row.published_count }}>
      <Form action={path} novalidate data-settings>
        <Submit label="Save" hidden />
        {TABS.map(({ id, label, rows }) => (
          <Panel id={id} label={label}>
            {rows.map(([name, { title, control }]) => (
              <div class="setting" id={settingId(name)} data-title={title}>
                {control.show(form, name)}
              </div>
            ))}
            {id === 'appearance' && <More href={`${path}/pictures`} text="Your own pictures" />}
            {id === 'appearance' && <More href={`${path}/wall`} text="Wall of buttons" />}
            {id === 'approval' && <More href={`${path}/bans`} text="Bans of this book" />}
            {id === 'sites' && <More href={`${path}/embed`} text="Put the book on your site" />}
          </Panel>
        ))}
        <div class="save">
          <Submit kind="primary" label="Save" />
          <p role="status">{saidOf(saved)}</p>
        </div>
      </Form>
    </EditedBook.Provider>
  )
}

function More({ href, text }: { href: string; text: string }) {
  return (
    <p>
      <a href={href}>{text}</a>
    </p>
  )
}

/** What the page says beside its button. dashboard.js goes on with what is not saved yet. */
function saidOf(saved: string | undefined): string {
  if (useContext(Refused)) return 'Not saved.'
  if (saved === undefined) return ''
  const titles = titlesOf(saved)
  if (titles.length === 0) return 'Nothing was changed.'
  return `Saved: ${titles.join(', ')}. Every page shows it within ${aSpanOf(CACHE_MS)}.`
}

function DeleteBook({ row }: { row: BookRow }) {
  if (row.slug === MAIN_BOOK) {
    return (
      <p>
        The main book cannot be deleted. To stop new entries, close it under <a href="#setting-is_open">Signing</a>.
      </p>
    )
  }
  return (
    <Confirm action={`${settingsPath(row.slug)}/delete`} label="Delete this book">
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
