import { isolated } from '../../kit/lib/text/bidi'
import { hostOf, siteOf } from '../../kit/lib/url'
import { type Book, bookPath } from '../books/book'
import { BUTTON, buttonHtml } from '../rules/feeds/button'
import { fileOf } from '../rules/feeds/head-links'
import type { Translator } from '../rules/languages/index'
import type { Country } from '../rules/looks/countries'
import { type Button, buttonPath } from '../rules/looks/wall'

/* What stands around the entries of a book. */

/** Where the latest guests come from. */
export function Countries({ countries, translate }: { countries: Country[]; translate: Translator }) {
  if (countries.length === 0) return null
  return (
    <p class="countries">
      {translate.text('guests_from')}{' '}
      {countries.map(({ code, flag }) => {
        const name = translate.country(code)
        return (
          <span role="img" aria-label={name} title={name}>
            {flag}
          </span>
        )
      })}
    </p>
  )
}

type ButtonProps = { book: Book; translate: Translator; origin: string }

/** A button for other pages, with its HTML. It is folded, so the picture loads only when somebody opens it. */
export function LinkButton({ book, translate: { text }, origin }: ButtonProps) {
  const path = bookPath(book.slug)
  const image = fileOf(path, 'button.svg')
  const html = buttonHtml({ url: origin + path, image: origin + image, alt: text('button_alt') })
  return (
    <section aria-label={text('button_heading')}>
      <details>
        <summary>{text('button_heading')}</summary>
        <div class="badge">
          <img src={image} {...BUTTON} alt={text('button_alt')} loading="lazy" />
          <textarea readonly rows={3} dir="ltr" aria-label={text('button_html')} spellcheck={false}>
            {html}
          </textarea>
        </div>
      </details>
    </section>
  )
}

/** In English, as all entries of the demo are. */
export function DemoNote() {
  return (
    <p class="notice" lang="en" dir="ltr">
      <b>This is a demo.</b> Its entries are made up, and what you write here will be removed with them.
    </p>
  )
}

export function HomeLink({ url, translate }: { url: string; translate: Translator }) {
  return (
    <p class="home">
      <a href={url}>{translate.text('back_to_site', { site: hostOf(url) })}</a>
    </p>
  )
}

interface WallProps extends Omit<ButtonProps, 'origin'> {
  buttons: Button[]
  invites: boolean
}

/**
 * The buttons of guests' sites, without the buttons of entries that have got another website since.
 * @param invites whether a page without buttons says how to get one
 */
export function Wall({ book, translate, buttons, invites }: WallProps) {
  const { slug, wall_excluded } = book
  const shown = buttons.filter(({ host, website }) => host === siteOf(website) && !wall_excluded.includes(host))
  if (shown.length === 0 && !invites) return null
  return (
    <section aria-label={translate.text('wall')}>
      <p class="wall">
        {shown.length === 0 && translate.text('wall_empty')}
        {shown.map(({ website, name, ...file }) => (
          <a href={website} rel="nofollow ugc noopener" title={file.host}>
            <img src={buttonPath(slug, file)} {...BUTTON} alt={isolated(name)} loading="lazy" />
          </a>
        ))}
      </p>
    </section>
  )
}

/** The owner's links, for example to a webring and its sites. */
export function Links({ book: { links }, translate }: Omit<ButtonProps, 'origin'>) {
  if (links.length === 0) return null
  return (
    <section aria-label={translate.text('links')}>
      <p class="links">
        {links.map(({ label, url }, i) => [
          i > 0 && ' · ',
          <a href={url} dir="auto">
            {label}
          </a>,
        ])}
      </p>
    </section>
  )
}

/** Counts the entries on the page, not visits: this number is accurate, and reading it costs nothing. */
export function Counter({ count, translate }: { count: number; translate: Translator }) {
  const digits = String(count).padStart(6, '0')
  return (
    <p class="counter">
      <span aria-hidden="true">
        {[...digits].map((digit) => (
          <b>{digit}</b>
        ))}
      </span>{' '}
      {translate.text('signatures', { count })}
    </p>
  )
}
