import type { Bytes } from '../core/lib/bytes'
import { PROPERTIES, ROOTS } from '../core/webmentions/microformats'
import { PageReader, type SourcePage } from '../core/webmentions/page-reader'

/*
 * Reads a page with HTMLRewriter. Selectors pick the few elements that matter, because each call into JavaScript costs
 * as much as parsing a kilobyte.
 */

/** The parser gets the page in pieces of this size, so that it stops soon when the rest does not matter. */
const PIECE_BYTES = 16 * 1_024

const CLASSES = [...ROOTS, ...PROPERTIES].map((name) => `.${name}`)
/** Text is read inside these elements. */
const TEXTS = ['title', '.h-card', ...PROPERTIES.map((name) => `.${name}`)].join(', ')
const INSIDE_CONTENT = 'br, p, div, li, blockquote, pre, tr, h1, h2, h3, h4, h5, h6, hr, ul, script, style'
  .split(', ')
  .map((tag) => `.e-content ${tag}`)
const ELEMENTS = ['base', 'title', 'template', '.h-card a', '.h-card img', ...CLASSES, ...INSIDE_CONTENT]

const LINKS = ['href', 'src', 'cite', 'data', 'poster']

export interface ReadPage {
  /** The targets to which the page links. */
  links: Set<string>
  page: SourcePage
}

/**
 * @param url the address of the page, after redirects
 * @param targets as `pageOf` returns them
 * @returns what the page says. A page that cannot be parsed to its end counts as far as it was parsed
 */
export async function readHtml(html: Bytes, url: string, targets: readonly string[]): Promise<ReadPage> {
  const hosts = [...new Set(targets.map((target) => new URL(target).host))]
  const first = await parse(html, new PageReader(url, targets), hosts.flatMap(linksTo))
  // Links that do not contain our host as it is can only be found among all links.
  const isUnusual = hosts.some((host) => host === first.baseHost || host.includes('xn--'))
  const reader =
    first.links.size === 0 && isUnusual
      ? await parse(
          html,
          new PageReader(url, targets),
          LINKS.map((name) => `[${name}]`)
        )
      : first
  return { links: reader.links, page: reader.finish() }
}

/** @returns selectors for the links that contain a host. A host has no characters that would have to be escaped */
function linksTo(host: string): string[] {
  return LINKS.map((name) => `[${name}*="${host}" i]`)
}

async function parse(html: Bytes, reader: PageReader, links: string[]): Promise<PageReader> {
  const rewriter = new HTMLRewriter()
    .on([...ELEMENTS, ...links].join(', '), { element: (element) => open(reader, element) })
    .on(TEXTS, { text: ({ text }) => reader.text(text) })
  try {
    const parsed = rewriter.transform(new Response(piecesOf(html, reader))).body?.getReader()
    while (parsed && !(await parsed.read()).done);
  } catch {
    // The parser has a limit for memory, which pages with thousands of nested elements exceed.
  }
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

function piecesOf(html: Bytes, reader: PageReader): ReadableStream<Bytes> {
  let at = 0
  return new ReadableStream<Bytes>({
    pull(controller) {
      if (at >= html.length || reader.isDone) return controller.close()
      controller.enqueue(html.slice(at, at + PIECE_BYTES))
      at += PIECE_BYTES
    },
  })
}
