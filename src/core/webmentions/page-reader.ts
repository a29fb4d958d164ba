import { decodeEntities } from './entities'
import { pageOf } from './links'
import { cardOf, type Item, PROPERTIES, type Property, ROOTS, topLevel, valueInAttribute } from './microformats'

/** What a page says about itself. Each text is empty if the page does not say it. */
export interface SourcePage {
  author_name: string
  author_url: string
  /** The text of the entry: its content, else its summary, else its name. */
  text: string
  title: string
  published: string
}

export const NO_PAGE: SourcePage = { author_name: '', author_url: '', text: '', title: '', published: '' }

/** An element, as HTMLRewriter shows it. Its text and attributes are not decoded. */
export interface OpenElement {
  tagName: string
  getAttribute(name: string): string | null
}

/** An element whose end matters, because something is read from inside it. */
interface Frame {
  /** The microformat that starts here. */
  root: Item | null
  captures: Capture[]
  /** Whether nothing inside counts. */
  isSkipped: boolean
}

interface Capture {
  raw: string
  /** Gets the decoded text when the element ends. */
  store: (text: string) => void
}

/** Attributes that link to another page or embed it. */
const LINKS = ['href', 'src', 'cite', 'data', 'poster'] as const
const SKIPPED = new Set(['script', 'style', 'template'])
const BREAKS = new Set([
  'br',
  'p',
  'div',
  'li',
  'blockquote',
  'pre',
  'tr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
  'ul',
])

/* Limits, because the page can be hostile. Text that exceeds its limit is cut off. */
const MAX_FRAMES = 50
const MAX_RAW = 4_000
const MAX_ATTRIBUTE = 4_096
const MAX_CALLS = 4_000

/**
 * Reads a page while it is parsed: whether it links to one of the targets, and the microformats2 of its entry
 * (https://microformats.org/wiki/microformats2-parsing). The entry is the first h-entry that contains the link,
 * otherwise the first one. The caller reports elements, their ends, and text, in the order of the page.
 */
export class PageReader {
  /** The targets to which the page links. */
  readonly links = new Set<string>()
  private base: string | null = null
  private title = ''
  private item: Item | null = null
  private readonly frames: Frame[] = []
  private skipping = 0
  private calls = 0
  private firstEntry: Item | null = null
  private linkedEntry: Item | null = null
  private firstCard: Item | null = null

  /** @param url the address of the page, after redirects @param targets as `pageOf` returns them */
  constructor(
    private readonly url: string,
    private readonly targets: readonly string[]
  ) {}

  /** Whether the rest of the page does not matter, or will not be read because there is too much of it. */
  get isDone(): boolean {
    return this.calls > MAX_CALLS || (this.linkedEntry !== null && this.links.size === this.targets.length)
  }

  /** The host of the base of relative links. */
  get baseHost(): string {
    return new URL(this.base ?? this.url).host
  }

  /** @returns what to pass to `close` when the element ends; null if its end does not matter */
  open(element: OpenElement): Frame | null {
    this.calls += 1
    if (this.skipping > 0 || this.calls > MAX_CALLS) return null
    const { tagName } = element
    if (tagName === 'base') this.base ??= pageOf(attribute(element, 'href'), this.url)
    if (BREAKS.has(tagName)) this.write('\n')
    const frame = this.frameOf(element)
    if (frame) this.push(frame)
    if (tagName !== 'base') this.follow(element)
    return frame
  }

  /** Text between tags. It may come in several pieces. */
  text(raw: string): void {
    this.calls += 1
    if (this.skipping === 0 && raw !== '') this.write(raw.replace(/\s+/g, ' '))
  }

  /** The end of an element. Elements inside it that were not closed end with it. */
  close(frame: Frame): void {
    const at = this.frames.lastIndexOf(frame)
    if (at < 0) return
    for (const ended of this.frames.splice(at).reverse()) this.end(ended)
  }

  /** The end of the page. @returns what was read */
  finish(): SourcePage {
    const [outermost] = this.frames
    if (outermost) this.close(outermost)
    const entry = this.linkedEntry ?? this.firstEntry
    const author = this.authorOf(entry)
    const { values = {} } = entry ?? {}
    return {
      author_name: author.name,
      author_url: author.url && (pageOf(author.url, this.base ?? this.url) ?? ''),
      text: values['e-content'] || values['p-summary'] || values['p-name'] || this.title,
      title: this.title,
      published: values['dt-published'] ?? '',
    }
  }

  private authorOf(entry: Item | null): { name: string; url: string } {
    const owner = [entry, entry?.parent].find((one) => one?.author || one?.values['p-author'])
    if (owner?.author) return cardOf(owner.author)
    if (owner) return { name: owner.values['p-author'] ?? '', url: '' }
    return this.firstCard ? cardOf(this.firstCard) : { name: '', url: '' }
  }

  private frameOf(element: OpenElement): Frame | null {
    const { tagName } = element
    if (this.frames.length >= MAX_FRAMES) return null
    if (SKIPPED.has(tagName)) return { root: null, captures: [], isSkipped: true }
    const classes = attribute(element, 'class').split(/\s+/)
    const type = classes.find((name) => ROOTS.has(name))
    const root: Item | null = type === undefined ? null : newItem(type, this.item, classes.includes('p-author'))
    const captures = this.item ? this.properties(element, classes, root) : []
    if (root?.type === 'h-card') captures.push(capture((text) => (root.ownText = text)))
    if (tagName === 'title' && this.title === '' && !this.item) captures.push(capture((text) => (this.title ||= text)))
    return root || captures.length > 0 ? { root, captures, isSkipped: false } : null
  }

  /** The properties of an element belong to the microformat around it, not to one that starts at the element. */
  private properties(element: OpenElement, classes: string[], root: Item | null): Capture[] {
    const { item } = this
    if (!item) return []
    const set = (name: Property, text: string) => (item.values[name] ||= text)
    const names = PROPERTIES.filter((name) => classes.includes(name) && !(name === 'p-author' && root))
    return names.flatMap((name) => {
      const value = valueInAttribute(name, element.tagName, (key) => element.getAttribute(key))
      if (value !== null) set(name, decodeEntities(value.slice(0, MAX_ATTRIBUTE)).trim())
      return value === null ? [capture((text) => set(name, text))] : []
    })
  }

  /** Notes where an element links to. */
  private follow(element: OpenElement): void {
    const { item } = this
    if (element.tagName === 'img' && item?.type === 'h-card') item.alt ||= attribute(element, 'alt')
    if (element.tagName === 'a' && item?.type === 'h-card') item.firstLink ||= attribute(element, 'href')
    for (const name of LINKS) {
      const value = attribute(element, name)
      const page = value && pageOf(value, this.base ?? this.url)
      if (!page || !this.targets.includes(page)) continue
      this.links.add(page)
      for (let around = item; around; around = around.parent) around.isLinked = true
    }
  }

  private push(frame: Frame): void {
    this.frames.push(frame)
    if (frame.root) this.item = frame.root
    if (frame.isSkipped) this.skipping += 1
  }

  private end({ root, captures, isSkipped }: Frame): void {
    if (isSkipped) this.skipping -= 1
    for (const { raw, store } of captures) store(decodeEntities(raw).trim())
    if (!root) return
    this.item = root.parent
    if (!topLevel(root)) return
    if (root.type === 'h-card') this.firstCard ??= root
    if (root.type !== 'h-entry') return
    this.firstEntry ??= root
    if (root.isLinked) this.linkedEntry ??= root
  }

  private write(raw: string): void {
    for (const { captures } of this.frames) {
      for (const one of captures) if (one.raw.length < MAX_RAW) one.raw += raw.slice(0, MAX_RAW)
    }
  }
}

function newItem(type: string, parent: Item | null, isAuthor: boolean): Item {
  const item: Item = { type, parent, values: {}, author: null, ownText: '', alt: '', firstLink: '', isLinked: false }
  if (parent && isAuthor) parent.author ??= item
  return item
}

function capture(store: (text: string) => void): Capture {
  return { raw: '', store }
}

function attribute(element: OpenElement, name: string): string {
  return decodeEntities(element.getAttribute(name)?.slice(0, MAX_ATTRIBUTE) ?? '').trim()
}
