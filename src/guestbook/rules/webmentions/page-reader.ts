import { decodeEntities } from './entities'
import { attribute, type LinkFinder, type OpenElement } from './link-finder'
import { cardOf, type Item, PROPERTIES, type Property, ROOTS, topLevel, valueInAttribute } from './microformats'

/** What a page says about itself. Each text is empty if the page does not say it. */
export interface MentioningPage {
  author_name: string
  author_url: string
  /** The text of the entry: its content, else its summary, else its name. */
  text: string
  title: string
  published: string
}

export const NO_PAGE: MentioningPage = { author_name: '', author_url: '', text: '', title: '', published: '' }

/** An element whose end matters, because something is read from inside it. */
interface Frame {
  /** The microformat that starts at this element. */
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

/** Nothing inside these counts. */
export const SKIPPED_ELEMENTS = new Set(['script', 'style', 'template'])
/** These begin a new line of text. */
export const BREAKS = new Set<string>([
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
const MAX_CALLS = 150

/**
 * Reads the microformats2 of a page while it is parsed (https://microformats.org/wiki/microformats2-parsing). The entry
 * is the first h-entry that contains a link to a target, otherwise the first one. The caller reports elements, links,
 * text, and the ends of elements, in the order of the page.
 */
export class PageReader {
  private title = ''
  private item: Item | null = null
  private readonly frames: Frame[] = []
  private skipping = 0
  private calls = 0
  private firstEntry: Item | null = null
  private linkedEntry: Item | null = null
  private firstCard: Item | null = null
  private entries = 0

  /** @param links finds the links of the same page */
  constructor(readonly links: LinkFinder) {}

  /** Whether there was too much to read. */
  get isCutOff(): boolean {
    return this.calls > MAX_CALLS
  }

  /** Whether the rest of the page does not matter, or will not be read. */
  get isDone(): boolean {
    return this.isCutOff || this.linkedEntry !== null
  }

  /** @returns what to pass to `close` when the element ends; null if its end does not matter */
  open(element: OpenElement): Frame | null {
    this.calls += 1
    if (this.skipping > 0 || this.isCutOff) return null
    if (BREAKS.has(element.tagName)) this.write('\n')
    const frame = this.frameOf(element)
    if (frame) this.push(frame)
    this.fillCard(element)
    return frame
  }

  /** Relative links depend on it. */
  base(element: OpenElement): void {
    this.calls += 1
    this.links.readBase(element)
  }

  /** An element that may link to a target. If it also matters for other reasons, `open` was called before. */
  link(element: OpenElement): void {
    this.calls += 1
    if (this.skipping > 0 || this.isCutOff || !this.links.follow(element)) return
    for (let around = this.item; around; around = around.parent) around.isLinked = true
  }

  /** Text between tags. It may come in several pieces. */
  text(raw: string): void {
    this.calls += 1
    if (this.skipping === 0 && !this.isCutOff && raw !== '') this.write(raw.replace(/\s+/g, ' '))
  }

  /** The end of an element. Elements inside it that were not closed end with it. */
  close(frame: Frame): void {
    const at = this.frames.lastIndexOf(frame)
    if (at < 0) return
    for (const ended of this.frames.splice(at).reverse()) this.end(ended)
  }

  /** The end of the page. @returns what was read, and the number of the entry on the page; 0 if there is none */
  finish(): { entry: number; page: MentioningPage } {
    const [outermost] = this.frames
    if (outermost) this.close(outermost)
    const entry = this.linkedEntry ?? this.firstEntry
    const author = this.authorOf(entry)
    const { values = {}, number = 0 } = entry ?? {}
    const page = {
      author_name: author.name,
      author_url: author.url && this.links.resolve(author.url),
      text: values['e-content'] || values['p-summary'] || values['p-name'] || '',
      title: this.title,
      published: values['dt-published'] ?? '',
    }
    return { entry: number, page }
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
    if (SKIPPED_ELEMENTS.has(tagName)) return { root: null, captures: [], isSkipped: true }
    const classes = attribute(element, 'class').split(/\s+/)
    const type = classes.find((name) => ROOTS.has(name))
    const root: Item | null = type === undefined ? null : this.newItem(type, classes)
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
      const value = valueInAttribute(name, element)
      if (value !== null) set(name, value)
      return value === null ? [capture((text) => set(name, text))] : []
    })
  }

  /** What a card says without properties. */
  private fillCard(element: OpenElement): void {
    const { item } = this
    if (item?.type !== 'h-card') return
    if (element.tagName === 'img') item.alt ||= attribute(element, 'alt')
    if (element.tagName === 'a') item.firstLink ||= attribute(element, 'href')
  }

  private newItem(type: string, classes: string[]): Item {
    const number = type === 'h-entry' ? ++this.entries : 0
    const read = { values: {}, author: null, ownText: '', alt: '', firstLink: '', isLinked: false }
    const item: Item = { type, number, parent: this.item, ...read }
    if (this.item && classes.includes('p-author')) this.item.author ??= item
    return item
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

const capture = (store: (text: string) => void): Capture => ({ raw: '', store })
