import { callAnchor, linkTo, subjectPath } from './anchors'
import type { Guide } from './guides'
import { renderMarkdown } from './pages/guide'
import { callsByTag } from './pages/subject'
import type { Document } from './read-document'

/** A part of a page: its address, the title of the page, its own title, and its text. Read by public/docs.js. */
export type Found = [href: string, page: string, title: string, text: string]

/** @returns every part of every guide, and every call of the API */
export function searchIndex(guides: Guide[], document: Document): Found[] {
  return [...guides.flatMap(partsOf), ...callsOf(document)]
}

function partsOf({ path, title, headings, tokens }: Guide): Found[] {
  const starts = tokens.flatMap((token, at) => (token.type === 'heading' && token.depth === 2 ? [at] : []))
  const text = (from: number, to?: number) => plain(renderMarkdown(tokens.slice(from, to)))
  return [
    [path, title, title, text(0, starts[0])],
    ...headings.map(
      ({ text: heading, anchor }, i): Found => [
        `${path}#${anchor}`,
        title,
        heading.replaceAll('`', ''),
        text((starts[i] ?? 0) + 1, starts[i + 1]),
      ]
    ),
  ]
}

function callsOf(document: Document): Found[] {
  return [...callsByTag(document)].flatMap(([tag, calls]) =>
    calls.map(
      (of): Found => [
        subjectPath(tag) + linkTo(callAnchor(of)),
        `API: ${tag}`,
        of.call.summary ?? of.path,
        `${of.method} ${of.path} ${of.call.description ?? ''}`.replaceAll('`', ''),
      ]
    )
  )
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }

/** @param html made from our own documents. @returns its text on one line */
function plain(html: string): string {
  const text = html.replace(/<[^>]+>/g, ' ').replace(/&(amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity)
  // Marks around a word leave spaces.
  return text
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.,;:)](\s|$))/g, '')
    .replaceAll('( ', '(')
    .trim()
}
