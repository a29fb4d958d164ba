import { isolated } from '../../../kit/lib/text/bidi'
import type { ThemeSlug } from '../looks/themes'

/** The size of both cards in pixels. Social networks recommend this size for a large picture. */
export const CARD_WIDTH = 1_200
export const CARD_HEIGHT = 630

/** What the head of a book's page needs to know about the book. */
interface BookHead {
  title: string
  description: string
  /** The path of the book's first page, such as `/` or `/b/summer`. */
  path: string
  theme: ThemeSlug
}

type BookFile = 'feed.atom' | 'feed.json' | 'card.svg' | 'button.svg'

/** @param path of a book's first page. @returns the path of a file of that book, such as `/b/summer/feed.atom` */
export const fileOf = (path: string, file: BookFile): string => `${path === '/' ? '' : path}/${file}`

/** @returns the path of the picture for social networks, which scripts/build/cards.mjs has drawn */
export const cardOfTheme = (theme: ThemeSlug): string => `/cards/${theme}.png`

/** @returns `link` and `meta`: the feeds of a book, and its look on social networks (https://ogp.me) */
export function headLinks(book: BookHead, origin: string) {
  const { path } = book
  const [title, description] = [isolated(book.title), isolated(book.description)]
  const feed = { rel: 'alternate', title }
  return {
    links: [
      { rel: 'canonical', href: origin + path },
      { ...feed, type: 'application/atom+xml', href: fileOf(path, 'feed.atom') },
      { ...feed, type: 'application/feed+json', href: fileOf(path, 'feed.json') },
    ],
    meta: [
      { name: 'description', content: description },
      { property: 'og:type', content: 'website' },
      { property: 'og:title', content: title },
      { property: 'og:description', content: description },
      { property: 'og:url', content: origin + path },
      { property: 'og:image', content: origin + cardOfTheme(book.theme) },
      { property: 'og:image:type', content: 'image/png' },
      { property: 'og:image:width', content: String(CARD_WIDTH) },
      { property: 'og:image:height', content: String(CARD_HEIGHT) },
      { property: 'og:image:alt', content: title },
      { name: 'twitter:card', content: 'summary_large_image' },
    ],
  }
}
