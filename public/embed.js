// <guest-book> shows a book on any page: see docs/embed.md. It builds nodes and a stylesheet instead of HTML, so it
// works under a strict content security policy. Its shadow root keeps the CSS of the page out.
{
  const script = document.currentScript ?? document.querySelector('script[src$="/embed.js"]')
  const ORIGIN = new URL(script.src).origin

  // Here, !important wins over the !important of the page.
  const STYLE = new CSSStyleSheet()
  STYLE.replaceSync(`
    :host { display: block !important; opacity: 1 !important }
    :host([hidden]) { display: none !important }
    .book {
      all: initial; display: block; color-scheme: inherit; padding: 1em 1.25em; overflow-wrap: anywhere;
      --accent: var(--guest-book-accent, light-dark(#095d5a, #6fdccd));
      --paper: var(--guest-book-background, light-dark(#fffdf7, #1c1b26));
      --line: var(--guest-book-border, light-dark(#d5cdbb, #454257));
      --radius: var(--guest-book-radius, 8px);
      border: 1px solid var(--line); border-radius: var(--radius); background: var(--paper);
      color: var(--guest-book-color, light-dark(#23212e, #eceaf4));
      font-family: var(--guest-book-font, inherit); line-height: 1.5;
    }
    * { box-sizing: border-box; margin: 0 }
    h2, h3, .field, .check { margin-bottom: .5em }
    h3 { margin-top: 1em }
    a, p[role] { color: var(--accent) }
    .field p:empty, .list:not(:empty) + p { display: none }
    .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13em, 100%), 1fr)); column-gap: 1em }
    label { display: block }
    .field label { font-weight: 600 }
    .field > :is(input, textarea) {
      display: block; width: 100%; padding: .4em .6em; border: 1px solid light-dark(#857d6d, #8b87a3);
      border-radius: var(--radius); background: light-dark(#fff, #12111a); font: inherit; color: inherit;
    }
    [aria-invalid] ~ p, p.bad { color: light-dark(#a3123a, #ffb3c4) }
    button {
      padding: .5em 1.3em; border: 2px solid var(--accent); border-radius: var(--radius); font: inherit;
      font-weight: 600; background: var(--accent); color: var(--paper); cursor: pointer;
    }
    .list ~ button { background: none; color: var(--accent) }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
    p[role] { margin: 1em 0; font-weight: 600 }
    article { padding: .75em 0; border-top: 1px dashed var(--line) }
    .words { white-space: pre-wrap; unicode-bidi: plaintext; text-align: start }
    .field p, dt, time { font-size: .9em }
    .reply { margin: .5em 0; padding-inline-start: 1em; border-inline-start: 3px solid var(--accent) }
  `)

  /** Leaves out attributes and children that are false or missing. */
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value) node.setAttribute(name, value === true ? '' : value)
    }
    node.append(...children.filter(Boolean))
    return node
  }

  /** Only the text, if the address is unsafe. */
  const link = (href, text) => {
    const { protocol, username, password } = URL.canParse(href) ? new URL(href) : {}
    if (!/^https?:$/.test(protocol) || username || password) return text
    return make('a', { href, rel: 'nofollow ugc noopener', dir: 'auto' }, text)
  }

  // What ends a sentence is not part of an address, except a bracket that was opened in it.
  const ADDRESS = /(https?:\/\/(?:\([^\s<>"`()]*\)|[^\s<>"`()])*(?:\([^\s<>"`()]*\)|[^\s<>"`().,;:!?'*_~…’”»\]}]))/i

  const words = (text) =>
    make(
      'p',
      { class: 'words', dir: 'auto' },
      ...text.split(ADDRESS).map((part, i) => (i % 2 ? link(part, part) : part))
    )

  /** The token of an entry in a book shows that the guest is known there. Storage may be blocked. */
  const token = (book, value) => {
    const key = `guest-book ${ORIGIN} ${book}`
    try {
      return value ? localStorage.setItem(key, value) : localStorage.getItem(key)
    } catch {}
  }

  const call = (path, options) =>
    fetch(ORIGIN + path, { credentials: 'omit', signal: AbortSignal.timeout(30_000), ...options })

  const get = async (path) => {
    const response = await call(path, { cache: 'no-cache' })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return response.json()
  }

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
      const language = this.closest('[lang]')?.lang || navigator.language
      const path = `/api/books/${this.slug}/embed?${new URLSearchParams({ language })}`
      const [book, page] = await Promise.all([get(path), this.read()])
      this.book = book
      this.show()
      this.add(page)
    }

    /** The browser's cache sends the ETag of what it has: an unchanged list costs almost nothing. */
    read(cursor) {
      const limit = this.getAttribute('limit') ?? 20
      return get(`/api/comments?${new URLSearchParams({ book: this.slug, limit, ...cursor })}`)
    }

    show() {
      const { title, welcome, language, direction, url, texts } = this.book
      this.list = make('div', { class: 'list' })
      this.status = make('p', { role: 'status' })
      this.older = make('button', { hidden: true }, texts.to_older)
      this.older.onclick = () => this.showOlder().catch(() => this.say(texts.not_sent, 'bad'))
      const book = make(
        'section',
        { class: 'book', lang: language, dir: direction, 'aria-label': title },
        make('h2', { dir: 'auto', part: 'title' }, make('a', { href: url }, title)),
        make('p', { dir: 'auto', part: 'welcome' }, welcome),
        ...this.makeForm(),
        this.status,
        make('h3', {}, texts.entries),
        this.list,
        make('p', {}, texts.no_entries),
        this.older
      )
      this.root.replaceChildren(book)
    }

    makeForm() {
      const { texts, limits, questions, allows_private, is_open } = this.book
      if (!is_open) return [make('p', {}, texts.closed)]
      const body = make('textarea', { required: true, rows: 4 })
      const name = make('input', { required: true, autocomplete: 'name' })
      const website = make('input', { autocomplete: 'url', inputmode: 'url', dir: 'ltr' })
      const box = make('input', { type: 'checkbox', name: 'is_private' })
      this.form = make(
        'form',
        {},
        make(
          'div',
          { class: 'row' },
          this.field('name', texts.your_name, name, limits.name),
          this.field('website', `${texts.your_website} (${texts.optional})`, website, limits.website)
        ),
        this.field('body', texts.your_message, body, limits.body),
        ...questions.map(({ text, is_required }, i) =>
          this.field(`answers.${i}`, text, make('input', { required: is_required }), limits.answer)
        ),
        allows_private && make('label', { class: 'check' }, box, ' ', texts.private_entry),
        make('button', {}, texts.sign)
      )
      this.form.onsubmit = (event) => {
        event.preventDefault()
        // No network, or a response that is not JSON.
        this.sending ??= this.sign()
          .catch(() => this.say(texts.not_sent, 'bad'))
          .finally(() => (this.sending = null))
      }
      return [make('h3', {}, texts.sign_heading), this.form]
    }

    /** Counts characters as the server does, near the limit. It cuts nothing. */
    field(name, label, input, max) {
      Object.assign(input, { id: name, name }).setAttribute('aria-describedby', `e-${name}`)
      input.oninput = () => {
        const { length } = [...input.value]
        this.note(name, length > max * 0.9 ? `${length} / ${max}` : '', length > max)
      }
      const note = make('p', { id: `e-${name}` })
      return make('div', { class: 'field' }, make('label', { for: name, dir: 'auto' }, label), input, note)
    }

    note(name, text, isFaulty) {
      this.root.getElementById(`e-${name}`).textContent = text
      this.form.elements[name].ariaInvalid = isFaulty ? 'true' : null
    }

    say(text, tone = '') {
      this.status.className = tone
      this.status.textContent = text
    }

    async sign() {
      const { questions, language, texts, notices } = this.book
      const fields = new FormData(this.form)
      const { name, website, body } = Object.fromEntries(fields)
      const answers = questions.map((_, i) => fields.get(`answers.${i}`))
      const is_private = fields.has('is_private')
      const json = JSON.stringify({ book: this.slug, name, website, body, answers, is_private })
      // A guest who tries again after a network error does not sign twice.
      if (json !== this.sent) this.key = crypto.getRandomValues(new Uint32Array(4)).join('-')
      this.sent = json
      const headers = { 'Content-Type': 'application/json', 'Accept-Language': language, 'Idempotency-Key': this.key }
      if (token(this.slug)) headers.Authorization = `Bearer ${token(this.slug)}`
      const response = await call('/api/comments', { method: 'POST', headers, body: json })
      const answer = await response.json()
      const isFaulty = this.mark(answer.errors ?? [])
      if (!response.ok) return this.say(isFaulty ? '' : (notices[answer.code] ?? texts.not_sent), 'bad')
      this.sent = null
      this.form.reset()
      if (answer.status === 'published') this.add({ data: [answer] })
      if (!is_private && (answer.status === 'published' || !token(this.slug))) token(this.slug, answer.edit_token)
      this.say(texts[`thanks_${is_private ? 'private' : answer.status}`])
    }

    /** Shows each error beside its field. Returns whether there are any. */
    mark(errors) {
      const inputs = [...this.form.elements].filter(({ id }) => id)
      const faulty = inputs.filter(({ id }) => {
        const error = errors.find(({ path }) => path === id)
        this.note(id, error?.message ?? '', error)
        return error
      })
      faulty[0]?.focus()
      return faulty.length > 0
    }

    /** Adds the entries that are not there yet, newest first. */
    add({ data, next = this.next }) {
      const added = data.filter(({ id }) => !this.root.getElementById(id)).map((comment) => this.entry(comment))
      for (const entry of added) {
        this.list.insertBefore(entry, [...this.list.children].find(({ id }) => id < entry.id) ?? null)
      }
      this.next = next
      this.older.hidden = !next
      return added
    }

    async showOlder() {
      const [first] = this.add(await this.read({ cursor: this.next }))
      first?.focus()
    }

    entry({ id, name, website, body, answers, reply, url, created_at }) {
      const { language, texts } = this.book
      const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
      return make(
        'article',
        { id, tabindex: '-1' },
        make('h4', { dir: 'auto' }, website ? link(website, name) : name),
        words(body),
        ...answers.map(({ question, answer }) =>
          make('dl', { dir: 'auto' }, make('dt', {}, question), make('dd', { dir: 'auto' }, answer))
        ),
        reply && make('div', { class: 'reply' }, make('b', {}, texts.reply_heading), words(reply.body)),
        make('a', { href: url }, make('time', { datetime: created_at }, format.format(new Date(created_at))))
      )
    }

    /** Once a minute, for an hour. */
    async poll() {
      if (document.hidden || !this.book || ++this.polls > 60) return
      const { data } = await this.read()
      const [first] = this.add({ data })
      // Entries that were approved late are not on top.
      if (first && !first.previousSibling) this.say(this.book.texts.news)
    }
  }

  if (!customElements.get('guest-book')) customElements.define('guest-book', GuestBook)

  // A frame with a book tells its height: see embed-frame.js.
  addEventListener('message', ({ origin, source, data }) => {
    if (origin !== ORIGIN || data?.type !== 'guesthook:height' || !(data.height > 0)) return
    for (const frame of document.querySelectorAll('iframe')) {
      if (frame.contentWindow === source) frame.height = Math.min(Math.max(Math.ceil(data.height), 100), 20_000)
    }
  })
}
