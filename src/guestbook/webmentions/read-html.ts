import type { Bytes } from '../../kit/lib/bytes'
import { hostOf } from '../../kit/lib/url'
import { aroundLink } from '../rules/webmentions/around-link'
import { LINK_ATTRIBUTES, LinkFinder } from '../rules/webmentions/link-finder'
import { linksInJson, linksInText } from '../rules/webmentions/linked-addresses'
import { PROPERTIES, ROOTS } from '../rules/webmentions/microformats'
import { BREAKS, type MentioningPage, NO_PAGE, PageReader, SKIPPED_ELEMENTS } from '../rules/webmentions/page-reader'
import type { Fetched } from './fetch-source'

/*
 * Reads a page with HTMLRewriter. Each call into JavaScript costs as much as parsing a kilobyte. Selectors therefore
 * pick the few elements that matter, and microformats are read only if the page links to a target.
 */

/** The parser gets the page in pieces of this size, so that it stops soon when the rest does not matter. */
const PIECE_BYTES = 1_024

type ReadPage = { links: Set<string>; page: MentioningPage }

/** @param url after redirects @param targets as `pageOf` returns them @returns what the page says, as far as parsed */
export async function readHtml(whole: Bytes, url: string, targets: readonly string[]): Promise<ReadPage> {
  const html = aroundLink(whole, targets)
  if (html.length === 0) return { links: new Set(), page: NO_PAGE }
  const { links, selectors } = await findLinks(html, url, targets)
  if (links.size === 0) return { links, page: NO_PAGE }
  const read = (parts: Parts) => readPage(html, new PageReader(new LinkFinder(url, [...links])), selectors, parts)
  const first = await read(WITH_CONTENT)
  const { entry, page } = first.finish()
  if (!first.isCutOff) return { links, page }
  // The author of a long text often comes after it.
  const rest = (await read(WITHOUT_CONTENT)).finish()
  return { links, page: rest.entry === entry ? { ...rest.page, text: page.text } : rest.page }
}

/** @returns the links, and the selectors with which they were found */
async function findLinks(html: Bytes, url: string, targets: readonly string[]) {
  const hosts = [...new Set(targets.map((target) => hostOf(target)))]
  // A host has no characters that would have to be escaped.
  const usual = LINK_ATTRIBUTES.flatMap((name) => hosts.map((host) => `[${name}*="${host}" i]`)).join(', ')
  const first = await follow(html, new LinkFinder(url, targets), usual)
  // Relative links, and other spellings of a host with `xn--`, do not contain our host: all links have to be looked at.
  const isUnusual = hosts.some((host) => host === first.baseHost || host.includes('xn--'))
  if (first.links.size > 0 || !isUnusual) return { links: first.links, selectors: usual }
  const all = LINK_ATTRIBUTES.map((name) => `[${name}]`).join(', ')
  return { links: (await follow(html, new LinkFinder(url, targets), all)).links, selectors: all }
}

async function follow(html: Bytes, finder: LinkFinder, selectors: string): Promise<LinkFinder> {
  let templates = 0
  const rewriter = new HTMLRewriter()
    .on('base', { element: (element) => finder.readBase(element) })
    .on('template', {
      element(element) {
        finder.pass()
        templates += 1
        element.onEndTag(() => {
          templates -= 1
        })
      },
    })
    .on(selectors, { element: (element) => void (templates === 0 && finder.follow(element)) })
  await parse(rewriter, html, () => finder.isDone)
  return finder
}

interface Parts {
  elements: string
  /** Selectors of elements whose text matters. */
  texts: string
}

const classes = (names: readonly string[]) => names.map((name) => `.${name}`)
const CONTENT = 'e-content'
const SHORT = classes(['h-card', ...PROPERTIES.filter((name) => name !== CONTENT)])
const ELEMENTS = ['title', 'template', '.h-card a', '.h-card img', ...classes([...ROOTS, ...PROPERTIES])]
const INSIDE_CONTENT = [...BREAKS, ...SKIPPED_ELEMENTS].map((tag) => `.${CONTENT} ${tag}`)
const WITHOUT_CONTENT: Parts = { elements: ELEMENTS.join(', '), texts: ['title', ...SHORT].join(', ') }
const WITH_CONTENT: Parts = {
  elements: [...ELEMENTS, ...INSIDE_CONTENT].join(', '),
  texts: ['title', ...SHORT, `.${CONTENT}`].join(', '),
}

async function readPage(html: Bytes, reader: PageReader, links: string, parts: Parts): Promise<PageReader> {
  const rewriter = new HTMLRewriter()
    .on('base', { element: (element) => reader.base(element) })
    .on(parts.elements, { element: (element) => open(reader, element) })
    .on(links, { element: (element) => reader.link(element) })
    .on(parts.texts, { text: ({ text }) => reader.text(text) })
  await parse(rewriter, html, () => reader.isDone)
  return reader
}

function open(reader: PageReader, element: Element): void {
  const frame = reader.open(element)
  if (!frame) return
  try {
    element.onEndTag(() => reader.close(frame))
  } catch {
    // An element without an end tag, such as `img`, ends at once.
    reader.close(frame)
  }
}

/** @param isDone whether the rest of the page does not matter */
async function parse(rewriter: HTMLRewriter, html: Bytes, isDone: () => boolean): Promise<void> {
  try {
    // The output is not needed. Reading it piece by piece would cost more than parsing.
    await rewriter.transform(new Response(piecesOf(html, isDone))).arrayBuffer()
  } catch {
    // The parser has a limit for memory, which pages with thousands of nested elements exceed.
  }
}

function piecesOf(html: Bytes, isDone: () => boolean): ReadableStream<Bytes> {
  let at = 0
  return new ReadableStream<Bytes>({
    pull(controller) {
      if (at >= html.length || isDone()) return controller.close()
      controller.enqueue(html.slice(at, at + PIECE_BYTES))
      at += PIECE_BYTES
    },
  })
}

/** What was read from a source. `isSameHost`: whether the page is on the host of the source, after redirects. */
export type ReadSource = ReadPage & { isSameHost: boolean }

type FetchedPage = Extract<Fetched, { state: 'page' }>

/** @param targets as `pageOf` returns them */
export async function readSource(fetched: FetchedPage, source: string, targets: readonly string[]) {
  const isSameHost = hostOf(fetched.url) === hostOf(source)
  return { ...(await read(fetched, targets)), isSameHost }
}

/** Reads a page as its media type asks for: https://www.w3.org/TR/webmention/#webmention-verification */
async function read({ url, type, body }: FetchedPage, targets: readonly string[]): Promise<ReadPage> {
  const text = () => new TextDecoder().decode(body)
  if (/[/+]json$/.test(type)) return { links: linksInJson(text(), targets), page: NO_PAGE }
  if (type === 'text/plain' || type === 'text/markdown') return { links: linksInText(text(), targets), page: NO_PAGE }
  return readHtml(body, url, targets)
}
