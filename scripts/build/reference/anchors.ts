/*
 * The addresses within `/docs`. The anchors of calls have the form that Scalar and Swagger UI use. Calls were once all on
 * `/docs`: public/docs.js leads an address such as `/docs#tag/settings/GET/api/stats` to the page of its subject.
 */

/** A call of the API, or an event type. */
export interface Place {
  tag: string
  method: string
  path: string
}

/** Tags that have another name now: their addresses stay. */
const FORMER_NAMES: Record<string, string> = { Entries: 'comments', Requests: 'inbound' }

export function tagAnchor(tag: string): string {
  return `tag/${FORMER_NAMES[tag] ?? tag.toLowerCase().replaceAll(' ', '-')}`
}

/** @returns for example `tag/settings/GET/api/stats` */
export function callAnchor({ tag, method, path }: Place): string {
  return `${tagAnchor(tag)}/${method}${path}`
}

/** @returns the address of the page with the calls of a tag */
export function subjectPath(tag: string): string {
  return `/docs/api/${tagAnchor(tag).slice('tag/'.length)}`
}

/** @returns the address of a named schema */
export function schemaLink(name: string): string {
  return `/docs/schemas#${name}`
}

/** @returns the address of an anchor, for `href` */
export function linkTo(anchor: string): string {
  return `#${encodeURI(anchor)}`
}

/** @returns the anchor of a heading in Markdown, as GitHub makes it */
export function anchorOf(heading: string): string {
  const plain = heading.toLowerCase().replace(/[`*]/g, '')
  return plain
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}
