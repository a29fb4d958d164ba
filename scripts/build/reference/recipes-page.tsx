import { Marked, type Tokens } from 'marked'
import { raw } from '#jsx'
import { parseUrl } from '../../../src/kit/lib/url'
import { anchorOf } from './anchors'
import { Docs } from './docs-shell'

/*
 * `/docs/recipes`: docs/recipes.md as a page. `npm run openapi` writes it to public/docs/recipes.html.
 */

const REPOSITORY = 'https://github.com/guesthook/guesthook/blob/main/docs/'

/** Links to other documents of the repository lead there, because a guestbook does not serve them. */
function addressOf(href: string): string {
  return /^(https?:|#|\/)/.test(href) ? href : (parseUrl(href, REPOSITORY)?.href ?? '')
}

const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      return `<a href="${encodeURI(addressOf(href))}">${this.parser.parseInline(tokens)}</a>`
    },
  },
})

interface Heading {
  text: string
  anchor: string
}

/** @param markdown with one heading of the first level, which is the title of the page, and a list of its contents */
export function RecipesPage({ markdown }: { markdown: string }) {
  const tokens = marked.lexer(markdown)
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === 'heading')
  const title = headings.find(({ depth }) => depth === 1)?.text ?? ''
  const parts = headings.filter(({ depth }) => depth === 2).map(({ text }) => ({ text, anchor: anchorOf(text) }))
  // The page has its own contents, in the place of the first list.
  const list = tokens.find(({ type }) => type === 'list')
  const rest = tokens.filter((token) => token !== list && !(token.type === 'heading' && token.depth === 1))
  return (
    <Docs title={title} page="/docs/recipes" contents={<Contents headings={parts} />}>
      {raw(marked.parser(rest))}
    </Docs>
  )
}

function Contents({ headings }: { headings: Heading[] }) {
  return (
    <ul>
      {headings.map(({ text, anchor }) => (
        <li>
          <a href={`#${anchor}`}>{text}</a>
        </li>
      ))}
    </ul>
  )
}
