import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { ButtonForm } from '../../kit/html/parts/form'
import { optionalFile } from '../../kit/http/paths/public-file'
import { orNotFound } from '../../kit/http/problem'
import { PREVIEWED_POLICY } from '../../kit/http/security-headers'
import { settingsPath } from '../books/form'
import { ownLocation } from '../reading/book-views'
import type { ShownEntry } from '../reading/entry-views'
import type { BookLocation, BookShellProps } from '../reading/location'
import { renderBook } from '../reading/render-book'
import { DEFAULT_THEME, THEME_SLUGS, themeName } from '../rules/looks/themes'

/** Shows the book below a bar that says that this is a preview, and links back; or small, in a frame of the gallery. */
function previewLocation(slug: string, isSmall: boolean): BookLocation {
  const { Shell, ...own } = ownLocation(slug)
  return { ...own, Shell: (props) => <Shell {...props} {...(isSmall ? asThumbnail : withBar)(props)} /> }
}

/** The frame of a thumbnail blocks scripts, and the browser would log an error for each one. */
function asThumbnail({ links }: BookShellProps) {
  return { hasScript: false, links: [links, <link rel="stylesheet" href="/thumbnail.css" />] }
}

function withBar({ book: { slug, theme }, links }: BookShellProps) {
  const path = settingsPath(slug)
  return {
    links: [links, <link rel="stylesheet" href="/preview-bar.css" />],
    bar: (
      <section class="preview-bar" aria-label="Preview" lang="en" dir="ltr">
        <b>Preview of {themeName(theme)}</b>
        <a href={`${path}#setting-theme`}>Back to settings</a>
        <ButtonForm action={`${path}/theme`} hidden={{ theme }} label={`Use ${themeName(theme)}`} />
      </section>
    ),
  }
}

/** How many entries a thumbnail shows. */
const FEW = 4
/** Made-up entries, for a book without entries: a theme is hard to judge without any. */
const readSamples = optionalFile<ShownEntry[]>('samples.json', [])
/** What needs scripts in the form. */
const NO_SCRIPTS = { drawings: 'off', turnstile: false } as const

/** `/admin/books/{slug}/preview?theme=`: the book in another theme. With `small`, it is for a thumbnail. */
export const previewPages = new Hono<HonoEnv>()

previewPages.get('/:slug/preview', async (c) => {
  const theme = THEME_SLUGS.find((slug) => slug === c.req.query('theme')) ?? DEFAULT_THEME
  const isSmall = c.req.query('small') !== undefined
  const where = previewLocation(c.req.param('slug'), isSmall)
  const instead = { theme, ...(isSmall && NO_SCRIPTS) }
  const view = await renderBook(c, where, { instead, samples: await readSamples(c.env), ...(isSmall && { size: FEW }) })
  const frame = { 'Content-Security-Policy': PREVIEWED_POLICY, 'X-Frame-Options': 'SAMEORIGIN' }
  return c.html(orNotFound(view, 'book').body, 200, { 'Cache-Control': 'no-store', ...frame })
})
