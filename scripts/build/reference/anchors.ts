/*
 * The addresses within `/docs`. Those of calls have the form that Scalar and Swagger UI use, so that links from
 * elsewhere lead to the same place in every guestbook.
 */

/** A call of the API, or an event type. */
export interface Place {
  tag: string
  method: string
  path: string
}

export function tagAnchor(tag: string): string {
  return `tag/${tag.toLowerCase().replaceAll(' ', '-')}`
}

/** @returns for example `tag/settings/GET/api/stats` */
export function callAnchor({ tag, method, path }: Place): string {
  return `${tagAnchor(tag)}/${method}${path}`
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
