import { Marked, type Token, type Tokens } from 'marked'
import { raw } from '#jsx'
import { parseUrl } from '../../../../src/kit/lib/url'
import { anchorOf } from '../anchors'
import { GUIDE_NAMES, type Guide } from '../guides'
import { Contents, Docs, type Site } from './shell'

/* `/docs/{guide}`: a document of docs/ as a page. */

const REPOSITORY = 'https://github.com/guesthook/guesthook/blob/main/docs/'

/** Links to other guides lead to their pages; links to anything else of the repository lead there. */
function addressOf(href: string): string {
  const [, name, anchor = ''] = /^([\w-]+)\.md(#.*)?$/.exec(href) ?? []
  if (GUIDE_NAMES.some((guide) => guide === name)) return `/docs/${name}${anchor}`
  return /^(https?:|#|\/)/.test(href) ? href : (parseUrl(href, REPOSITORY)?.href ?? '')
}

/** Pages and files of each guestbook, which are not in the repository. Their addresses are links here. */
const PAGES = /^\/(admin|docs|docs\/recipes|llms\.txt|openapi\.json|webhooks|webhooks\/guide)$/

/** On a phone, each row is a card, and what stands in the head of a column stands before its cell. */
function labelFor({ text }: Tokens.TableCell): string {
  const label = text.replace(/[`*]/g, '').replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return label && ` data-label="${label}"`
}

const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      return `<a href="${encodeURI(addressOf(href))}">${this.parser.parseInline(tokens)}</a>`
    },
    table({ header, rows }) {
      const shown = (cell: Tokens.TableCell) => this.parser.parseInline(cell.tokens)
      const head = header.map((cell) => `<th>${shown(cell)}</th>`).join('')
      // The first cell says what the row is about, and of two cells, the other one needs no label.
      const body = rows.map((row) =>
        row
          .map((cell, i) => `<td${i > 0 && header[i] && header[2] ? labelFor(header[i]) : ''}>${shown(cell)}</td>`)
          .join('')
      )
      return `<table><thead><tr>${head}</tr></thead><tbody><tr>${body.join('</tr><tr>')}</tr></tbody></table>\n`
    },
    // Otherwise, marked shows it as usual, and escapes it.
    codespan: ({ text }) => PAGES.test(text) && `<a href="${text}"><code>${text}</code></a>`,
    // The screenshots of the repository are too large to be served with each guestbook. One in a table has a text.
    image: ({ text }) => `<i>${text}</i>`,
    paragraph: ({ tokens }) => tokens.length === 1 && tokens[0]?.type === 'image' && '',
  },
})

/** @returns HTML */
export function renderMarkdown(tokens: Token[]): string {
  return marked.parser(tokens)
}

export function GuidePage({ guide, site }: { guide: Guide; site: Site }) {
  const contents = <Contents links={guide.headings.map(({ text, anchor }) => [`#${anchor}`, text])} />
  return (
    <Docs title={guide.title} page={guide.path} {...{ site, contents }}>
      {raw(renderMarkdown(guide.tokens))}
    </Docs>
  )
}
