import { type Child, type PropsWithChildren, useContext } from '#jsx'
import { Confirm } from '../../kit/html/confirm'
import { Dashboard } from '../../kit/html/dashboard'
import { ActLink } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { Input } from '../../kit/html/parts/fields'
import { Form, Hidden, Submit } from '../../kit/html/parts/form'
import { Refused } from '../../kit/html/parts/refused'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { THEME_SLUGS, themeName } from '../rules/looks/themes'
import { type BookRow, bookPath, MAIN_BOOK, toBook } from './book'
import { BOOK_CACHE_MS } from './cache'
import { DemoBadge, DemoRemoval } from './demo-views'
import { FILLED, settingId, settingsPath, titlesOfFields } from './form'
import { TABS } from './settings'
import { EditedBook } from './settings/setting'
import { RESTORABLE_MS } from './store'

interface BookProps {
  row: BookRow
  form: URLSearchParams
  /** The names of the settings that have just been saved, from the address. Undefined if nothing was saved. */
  saved?: string | undefined
  /** The previous theme, if the owner has just changed it. It comes from the address. */
  was?: string | undefined
}

/**
 * The settings of a book, in tabs. All tabs are one form, so that switching tabs loses no input. The stylesheet shows
 * the tab that the fragment of the address names.
 */
export function BookPage({ row, form, saved, was }: BookProps) {
  return (
    <Dashboard
      title={row.title}
      section={DASHBOARD.books}
      crumbs={[]}
      stylesheet="/book.css"
      act={
        <>
          <ActLink href={`${settingsPath(row.slug)}/embed`}>Put it on your site</ActLink>
          <ActLink href={bookPath(row.slug)}>Open the book</ActLink>
        </>
      }
    >
      {toBook(row).is_demo && (
        <Card id="demo" title={demoTitle(row)}>
          <DemoRemoval />
        </Card>
      )}
      <div class="tabbed">
        <Tabs />
        <BookForm row={row} form={form} saved={saved} was={was} />
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

/** What stands below a setting: links to other pages of the book, and to other tabs. */
const MORE = [
  ['accent', '/pictures', 'Your own pictures: header, background and dividers'],
  ['wall_excluded', '/wall', 'See the sites of the wall'],
  ['wall_excluded', '#setting-links', 'Set the links below the wall'],
  ['blocked_words', '/bans', 'Bans of this book'],
  ['return_origins', '/embed', 'Put the book on your site'],
] as const

/**
 * All settings of a book. The browser does not check the fields, because it cannot say what is wrong in another tab. The
 * first button is what Enter presses: without it, that would be one that chooses a theme.
 */
export function BookForm({ row, form, saved, was }: BookProps) {
  const path = settingsPath(row.slug)
  return (
    <EditedBook.Provider value={{ path, published: row.published_count }}>
      <Form action={path} novalidate data-settings>
        <Submit label="Save" hidden />
        <Hidden fields={{ [FILLED]: form.get(FILLED) ?? '' }} />
        {TABS.map(({ id, label, rows }) => (
          <Panel id={id} label={label}>
            {rows.map(([name, { heading, title, control }]) => (
              <>
                {heading && <h2>{heading}</h2>}
                <div class="setting" id={settingId(name)} data-title={title}>
                  {control.show(form, name)}
                </div>
                {MORE.filter(([last]) => last === name).map(([, page, label]) => (
                  <p>
                    <a href={page.startsWith('#') ? page : path + page}>{label}</a>
                  </p>
                ))}
              </>
            ))}
          </Panel>
        ))}
        <div class="save">
          <Submit kind="primary" label="Save" />
          <p role="status">
            {saidOf(saved)} {was !== toBook(row).theme && <Undo theme={was} />}
          </p>
        </div>
      </Form>
    </EditedBook.Provider>
  )
}

/** Puts the previous theme back. Like the button of a theme, it saves the rest of the form, too. */
function Undo({ theme }: { theme: string | undefined }) {
  const known = THEME_SLUGS.find((slug) => slug === theme)
  return known && <Submit kind="link" name="theme" value={known} label={`Undo: ${themeName(known)}`} />
}

/** What the page says beside its button. dashboard.js goes on with what is not saved yet. */
function saidOf(saved: string | undefined): Child {
  if (useContext(Refused)) return 'Not saved.'
  if (saved === undefined) return ''
  const titles = titlesOfFields(saved)
  if (titles.length === 0) return 'Nothing was changed.'
  return (
    <>
      Saved: {titles.join(', ')}. Every page shows it within {aSpanOf(BOOK_CACHE_MS)}.
    </>
  )
}

function DeleteBook({ row }: { row: BookRow }) {
  if (row.slug === MAIN_BOOK)
    return (
      <p>
        The main book cannot be deleted. To stop new entries, close it under{' '}
        <a href={`${DASHBOARD.books}/main#setting-is_open`}>Signing</a>.
      </p>
    )
  return (
    <Confirm action={`${settingsPath(row.slug)}/delete`} label="Delete this book">
      The book and its entries disappear at once. You can restore them within {aSpanOf(RESTORABLE_MS)}. After that, they
      are deleted for good.
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
