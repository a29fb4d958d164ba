import { attribute, type OpenElement } from './link-finder'

/* The part of microformats2 that a mention needs: https://microformats.org/wiki/microformats2-parsing */

/** The microformats of a page. The prefix `h-` alone does not make one: style sheets use names such as `h-full`. */
export const ROOTS: ReadonlySet<string> = new Set([
  'h-entry',
  'h-card',
  'h-feed',
  'h-cite',
  'h-event',
  'h-adr',
  'h-geo',
  'h-item',
  'h-listing',
  'h-product',
  'h-recipe',
  'h-resume',
  'h-review',
  'h-app',
])

/** The properties that are read. */
export const PROPERTIES = ['p-name', 'p-author', 'p-summary', 'e-content', 'dt-published', 'u-url'] as const
export type Property = (typeof PROPERTIES)[number]

/** One microformat on the page, such as the entry, or the card of its author. */
export interface Item {
  type: string
  /** Of an entry: its place among the entries of the page, from 1. */
  number: number
  parent: Item | null
  values: Partial<Record<Property, string>>
  author: Item | null
  /* What a card says if it has no properties. */
  ownText: string
  alt: string
  firstLink: string
  /** Whether it contains a link to a target. */
  isLinked: boolean
}

/** @returns whether an item stands on its own, or directly in the feed of the page */
export function topLevel({ parent }: Item): boolean {
  return parent === null || (parent.type === 'h-feed' && parent.parent === null)
}

/** @returns the name and the URL of a card, explicit or implied */
export function cardOf({ values, ownText, alt, firstLink }: Item): { name: string; url: string } {
  return { name: values['p-name'] || ownText || alt, url: values['u-url'] || firstLink }
}

/** @param elements attribute → elements that have their value in it @returns the reverse: element → attribute */
function byElement(elements: Record<string, string>): Record<string, string> {
  const pairs = Object.entries(elements).map(([attribute, names]) => names.split(' ').map((name) => [name, attribute]))
  return Object.fromEntries(pairs.flat())
}

const TEXT_ATTRIBUTES = byElement({ title: 'abbr link', value: 'data input', alt: 'img area' })
const TIME_ATTRIBUTES = { ...TEXT_ATTRIBUTES, ...byElement({ datetime: 'time ins del' }) }
const URL_ATTRIBUTES = byElement({
  href: 'a area link',
  src: 'img audio video source iframe',
  data: 'object',
  title: 'abbr',
  value: 'data input',
})

/** @returns the value that an attribute of the element gives to a property; null if its text is the value */
export function valueInAttribute(property: Property, element: OpenElement): string | null {
  if (property === 'e-content') return null
  const kind = property.split('-', 1)[0]
  const attributes = kind === 'u' ? URL_ATTRIBUTES : kind === 'dt' ? TIME_ATTRIBUTES : TEXT_ATTRIBUTES
  const name = Object.hasOwn(attributes, element.tagName) ? attributes[element.tagName] : undefined
  return name === undefined || element.getAttribute(name) === null ? null : attribute(element, name)
}
