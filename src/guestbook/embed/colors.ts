import { optionalFile } from '../../kit/http/paths/public-file'
import type { Book } from '../books/book'
import { accentOf } from '../rules/looks/accent'
import { DEFAULT_THEME, THEME_SLUGS, type ThemeSlug } from '../rules/looks/themes'

/** What a book on another page takes from its theme: see docs/themes.md. */
const COLOR = /^ {2}--(paper|ink|line|link|bad): (.*);$/gm

type Colors = Record<string, string>

/** The default theme has the colors of the stylesheet that all themes share. */
const FILES = new Map<ThemeSlug, (env: Env) => Promise<Colors>>(
  THEME_SLUGS.map((slug) => {
    const name = slug === DEFAULT_THEME ? 'guestbook.css' : `themes/${slug}.css`
    return [slug, optionalFile<Colors>(name, {}, async (file) => colorsIn(await file.text()))]
  })
)

/** Later values are for parts of the page. */
function colorsIn(css: string): Colors {
  const found = [...css.matchAll(COLOR)].map(([, name = '', value = '']) => [name, value])
  return Object.fromEntries(found.reverse())
}

/** @returns the colors of a book. If the theme cannot be read, pages that embed the book keep their own */
export async function colorsOf(env: Env, { theme, accent }: Pick<Book, 'theme' | 'accent'>): Promise<Colors> {
  const colors = (await FILES.get(theme)?.(env)) ?? {}
  return accent === null ? colors : { ...colors, link: accentOf(accent) }
}
