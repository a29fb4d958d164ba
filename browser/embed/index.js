import { article, make } from './nodes'
import css from './style.css'

/*
 * <guest-book> shows a book on any page: see docs/embed.md. It builds nodes and a stylesheet instead of HTML, so it works
 * under a strict content security policy. Its shadow root keeps the CSS of the page out.
 */

const script = document.currentScript ?? document.querySelector('script[src$="/embed.js"]')
const ORIGIN = new URL(script.src).origin

/** @returns a stylesheet, which no content security policy forbids */
function sheet(rules) {
  const made = new CSSStyleSheet()
  made.replaceSync(rules)
  return made
}

const STYLE = sheet(css)

/** Calls the API of the guestbook. */
const call = (path, options) =>
  fetch(ORIGIN + path, { credentials: 'omit', signal: AbortSignal.timeout(30_000), ...options })

class GuestBook extends HTMLElement {
  polls = 0

  connectedCallback() {
    // A poll may fail: the next one tries again.
    this.timer = setInterval(() => this.poll().catch(() => {}), 60_000)
    if (this.shadowRoot) return
    this.slug = this.getAttribute('book') || 'main'
    this.root = this.attachShadow({ mode: 'open' })
    this.root.adoptedStyleSheets = [STYLE]
    // Until the book is there, and if it cannot be loaded, guests see what is inside the element, or this link.
    this.root.append(make('slot', {}, make('a', { href: `${ORIGIN}/b/${this.slug}` }, 'Guestbook')))
    this.load().catch(console.warn)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  async load() {
    const [book, page] = await Promise.all([this.get(''), this.read()])
    this.book = book
    this.show()
    this.add(page)
  }

  /** The browser's cache sends the ETag of what it has: an unchanged list costs almost nothing. */
  async get(path, query) {
    const language = this.closest('[lang]')?.lang || navigator.language
    const all = new URLSearchParams({ language, ...query })
    const response = await call(`/api/books/${this.slug}/embed${path}?${all}`, { cache: 'no-cache' })
    if (!response.ok) throw new Error(`${this.slug}: ${response.status}`)
    return response.json()
  }

  read(cursor) {
    return this.get('/entries', { limit: this.getAttribute('limit') ?? 20, ...cursor })
  }

  show() {
    const { title, welcome, language, direction, url, texts, colors } = this.book
    const rules = Object.entries(colors).map(([name, value]) => `--${name}:${value};`)
    this.root.adoptedStyleSheets = [STYLE, sheet(`.book{${rules.join('')}}`)]
    this.list = make('div', { class: 'list' })
    this.status = make('p', { role: 'status', tabindex: '-1' })
    this.older = make('button', { type: 'button', hidden: true }, texts.to_older)
    this.older.onclick = () => this.showOlder().catch(() => this.fail())
    const book = make(
      'section',
      { class: 'book', lang: language, dir: direction, 'aria-label': title },
      make('h2', { dir: 'auto', part: 'title' }, make('a', { href: url }, title)),
      make('p', { dir: 'auto', part: 'welcome' }, welcome),
      this.sign(),
      this.status,
      make('h3', {}, texts.entries),
      this.list,
      make('p', {}, texts.no_entries),
      this.older
    )
    this.root.replaceChildren(book)
  }

  /** The form is loaded when a guest opens it. If it cannot be loaded, the page of the book has one. */
  sign() {
    const { is_open, url, texts } = this.book
    const open = make('a', { class: 'open', href: `${url}#sign` }, texts.sign_heading)
    const place = make('div', { class: 'sign' }, is_open ? open : texts.closed)
    open.onclick = (event) => {
      event.preventDefault()
      import(`${ORIGIN}/embed-form.js`).then(
        ({ GuestForm }) => open.isConnected && new GuestForm(this, place, make, call, ORIGIN),
        () => location.assign(open.href)
      )
    }
    return place
  }

  say(text, tone = '') {
    this.status.className = tone
    this.status.textContent = text
  }

  fail() {
    this.say(this.book.texts.not_sent, 'bad')
  }

  find(id) {
    return this.root.getElementById(id)
  }

  /**
   * Adds the entries that are not there yet, newest first. One that waited is replaced once it is published. An entry
   * that was approved late changes the numbers of newer ones.
   */
  add({ data, next = this.next }, isOlder) {
    for (const { id, number } of data)
      this.find(id)
        ?.querySelector('.number')
        ?.replaceChildren(number ?? '')
    const added = data.filter(({ id }) => this.find(id)?.className !== '').map((entry) => article(entry, this.book))
    for (const entry of added) {
      this.find(entry.id)?.remove()
      this.list.insertBefore(entry, [...this.list.children].find(({ id }) => id < entry.id) ?? null)
    }
    // If all of them are new, there may be more below them, before those that were there.
    if (isOlder || added.length === data.length) this.next = next
    this.older.hidden = !this.next
    return added
  }

  async showOlder() {
    const [first] = this.add(await this.read({ cursor: this.next }), true)
    first?.focus()
  }

  /** Once a minute, for an hour. */
  async poll() {
    if (document.hidden || !this.book || ++this.polls > 60) return
    const [first] = this.add(await this.read())
    // Entries that were approved late are not on top.
    if (first && !first.previousSibling) this.say(this.book.texts.news)
  }
}

if (!customElements.get('guest-book')) customElements.define('guest-book', GuestBook)

// A frame with a book tells its height: see public/embed-frame.js.
addEventListener('message', ({ origin, source, data }) => {
  if (origin === ORIGIN && data?.type === 'guesthook:height' && data.height > 0) {
    for (const frame of document.querySelectorAll('iframe')) {
      // In pixels. A higher book scrolls in its frame.
      const max = +frame.dataset.maxHeight || 1_200
      if (frame.contentWindow === source) frame.height = Math.max(100, Math.min(data.height, max))
    }
  }
})
