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
