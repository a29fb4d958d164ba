import { lexer, type Token, type Tokens } from 'marked'
import { anchorOf } from './anchors'

/* The guides: the documents in docs/ that are also pages of the documentation. */

/** By what a reader wants to do, in reading order. Each name is that of a file in docs/. */
export const GUIDES = {
  'Your guestbook': ['books', 'themes', 'embed', 'static-sites', 'feeds', 'webmentions', 'dashboard'],
  'Outgoing webhooks': ['endpoints', 'receivers', 'notifications', 'recipes'],
  'Incoming webhooks': ['sources'],
  Programs: ['api', 'mcp'],
  'Run your own': ['configuration', 'operating', 'limits', 'access', 'moving', 'threats'],
} as const

export type GuideName = (typeof GUIDES)[keyof typeof GUIDES][number]

export const GUIDE_NAMES = Object.values(GUIDES).flat() as GuideName[]

/** What each guide is about, on the first page of the documentation. */
export const ABOUT: Record<GuideName, string> = {
  books: 'Create books, and all their settings.',
  themes: 'Choose a look, or write your own CSS.',
  embed: 'Show a book on your own site.',
  'static-sites': 'Hugo, Jekyll, Eleventy, Astro: rebuild when somebody signs.',
  feeds: 'Atom and JSON feeds, and previews of links.',
  webmentions: 'Pages that link to your guestbook become entries.',
  dashboard: 'The pages under /admin, and monitoring.',
  endpoints: 'Send webhooks to your own URLs, and find out why one fails.',
  receivers: 'Verify a webhook, respond, and what is retried when.',
  notifications: 'Phone, chat and e-mail.',
  recipes: 'Commands to copy, for common tasks.',
  sources: 'Accept webhooks from GitHub, Stripe and others.',
  api: 'Tokens, errors, lists, and all calls in one table.',
  mcp: 'Connect an assistant.',
  configuration: 'Every variable and secret.',
  operating: 'Deploy, update, back up, and fix what fails.',
  limits: 'The exact numbers.',
  access: 'API keys, sessions, Cloudflare Access, the audit log.',
  moving: 'Import, export, backups, and the data of one person.',
  threats: 'Attacks, and what stops each.',
}

export interface Heading {
  text: string
  anchor: string
}

/** A document, without its title and its list of contents, which the page has elsewhere. */
export interface Guide {
  path: string
  title: string
  headings: Heading[]
  tokens: Token[]
}

/** @param markdown with one heading of the first level, which is the title, and perhaps a list of the contents */
export function readGuide(name: string, markdown: string): Guide {
  const tokens = lexer(markdown)
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === 'heading')
  const isTitle = (token: Token) => token.type === 'heading' && token.depth === 1
  const isContents = (token: Token) => token.type === 'list' && /^- \[[^\]]*\]\(#/.test(token.raw)
  return {
    path: `/docs/${name}`,
    title: headings.find(isTitle)?.text ?? name,
    headings: headings.filter(({ depth }) => depth === 2).map(({ text }) => ({ text, anchor: anchorOf(text) })),
    tokens: tokens.filter((token) => !isTitle(token) && !isContents(token)),
  }
}
