import { hostOf } from '../../../kit/lib/url'
import { decodeEntities } from './entities'
import { linkedPageOf } from './linked-addresses'

/** An element, as HTMLRewriter shows it. Its text and attributes are not decoded. */
export type OpenElement = { tagName: string; getAttribute(name: string): string | null }

/** Attributes that link to another page or embed it. */
export const LINK_ATTRIBUTES = ['href', 'src', 'cite', 'data', 'poster'] as const

/** A longer value is cut off. It cannot be a target. */
const MAX_ATTRIBUTE = 4_096
const MAX_LINKS = 60

/** @returns the decoded value; empty if there is none */
export function attribute(element: OpenElement, name: string): string {
  return decodeEntities(element.getAttribute(name)?.slice(0, MAX_ATTRIBUTE) ?? '').trim()
}

/** Finds out whether a page links to one of the targets, while it is parsed. */
export class LinkFinder {
  readonly links = new Set<string>()
  private base: string | null = null
  private count = 0

  /** @param url the address of the page, after redirects @param targets as `pageOf` returns them */
  constructor(
    private readonly url: string,
    private readonly targets: readonly string[]
  ) {}

  /** Whether the rest of the page does not matter, or will not be read because there are too many links. */
  get isDone(): boolean {
    return this.count > MAX_LINKS || this.links.size === this.targets.length
  }

  /** The host of the base of relative links. */
  get baseHost(): string {
    return hostOf(this.base ?? this.url)
  }

  /** @returns an absolute URL without its fragment; empty if the link is not valid */
  resolve(href: string): string {
    return linkedPageOf(href, this.base ?? this.url) ?? ''
  }

  /** Only the first `base` of a page counts. */
  readBase(element: OpenElement): void {
    this.count += 1
    this.base ??= linkedPageOf(attribute(element, 'href'), this.url)
  }

  /** Counts an element that has no links, because reading many of them costs as much as reading links. */
  pass(): void {
    this.count += 1
  }

  /** @returns whether the element links to a target */
  follow(element: OpenElement): boolean {
    this.count += 1
    if (this.count > MAX_LINKS || element.tagName === 'base') return false
    const found = LINK_ATTRIBUTES.map((name) => attribute(element, name))
      .map((value) => value && this.resolve(value))
      .filter((page) => this.targets.includes(page))
    for (const page of found) this.links.add(page)
    return found.length > 0
  }
}
