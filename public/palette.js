/*
 * The search of the whole dashboard: Ctrl+K (⌘K on a Mac), or the button in the navigation. It lists the pages of the
 * navigation and, for what is typed, the searches of the lists. It asks the server for nothing.
 */

/** Where the lists read what is searched for. */
const SEARCHES = [
  { path: '/admin/comments', query: { status: 'all' }, what: 'entries' },
  { path: '/admin/messages', what: 'messages' },
  { path: '/admin/inbound', what: 'requests' },
  { path: '/admin/endpoints', what: 'endpoints' },
  { path: '/docs', what: 'the documentation' },
]

/** The pages of things, by the prefix of their ids. */
const PATHS = {
  cmt: '/admin/comments',
  ep: '/admin/endpoints',
  msg: '/admin/messages',
  src: '/admin/sources',
  in: '/admin/inbound',
}

/** Other words by which people look for a page. */
const ALSO = {
  '/admin': 'dashboard home charts',
  '/admin/comments': 'moderation queue approve comments spam',
  '/admin/books': 'guestbooks themes questions pictures',
  '/admin/bans': 'block guests addresses',
  '/admin/endpoints': 'webhooks receivers urls subscriptions',
  '/admin/messages': 'events deliveries attempts logs',
  '/admin/event-types': 'schemas catalog',
  '/admin/sources': 'webhooks github stripe',
  '/admin/inbound': 'received inspector logs',
  '/admin/settings': 'registration integrators',
  '/admin/keys': 'secrets public verify',
  '/admin/access': 'tokens sessions log out',
  '/admin/storage': 'database size retention',
  '/admin/moving': 'backup download csv json erase person',
  '/admin/system': 'health version configuration cron',
  '/admin/access/audit': 'history activity changes',
  '/docs': 'help api reference',
}

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
const rail = document.querySelector('.rail')

/** @returns an element with properties, attributes (those with a dash) and children */
function make(tag, { children = [], ...given } = {}) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (name.includes('-')) element.setAttribute(name, value)
    else element[name] = value
  }
  element.append(...children)
  return element
}

/** @returns the pages of the navigation, in its order, with the documentation at the end */
function readPages() {
  const links = [...rail.querySelectorAll('.sections a')]
  const pages = links.map((link) => ({
    href: link.getAttribute('href'),
    text: link.firstChild.textContent.trim(),
    note: link.closest('.group')?.querySelector('.group-name').textContent ?? '',
  }))
  return [...pages, { href: '/docs', text: 'Documentation', note: '' }]
}

/** @returns the pages in which each word occurs: first those that begin with the text, last those known by other words */
function findPages(pages, typed) {
  const words = typed.toLowerCase().split(/\s+/)
  const rank = ({ text }) => {
    const label = text.toLowerCase()
    if (label.startsWith(words.join(' '))) return 0
    return words.every((word) => label.includes(word)) ? 1 : 2
  }
  return pages
    .filter(({ href, text, note }) => {
      const searched = `${text} ${note} ${ALSO[href] ?? ''}`.toLowerCase()
      return words.every((word) => searched.includes(word))
    })
    .sort((a, b) => rank(a) - rank(b))
}

/** @returns the page of the thing with this id */
function findThing(typed) {
  const [id, prefix] = /^([a-z]+)_[0-9A-HJKMNP-TV-Z]{26}$/.exec(typed) ?? []
  return PATHS[prefix] ? [{ href: `${PATHS[prefix]}/${id}`, text: `Open ${id}`, note: '' }] : []
}

/** @returns the searches for a text: that of the list that is shown comes first */
function findSearches(typed) {
  if (typed === '') return []
  const isShown = ({ path }) => (path === location.pathname ? 0 : 1)
  return SEARCHES.toSorted((a, b) => isShown(a) - isShown(b)).map(({ path, query, what }) => ({
    href: `${path}?${new URLSearchParams({ ...query, q: typed })}`,
    text: `Search ${what} for “${typed}”`,
    note: '',
  }))
}

const input = make('input', {
  type: 'text',
  id: 'palette-input',
  role: 'combobox',
  placeholder: 'Go to a page, or search …',
  maxLength: 100,
  autocomplete: 'off',
  spellcheck: false,
  enterKeyHint: 'go',
  'aria-label': 'Go to a page, or search',
  'aria-autocomplete': 'list',
  'aria-expanded': 'true',
  'aria-controls': 'palette-list',
})
const list = make('div', { id: 'palette-list', className: 'results', role: 'listbox', 'aria-label': 'Results' })
const close = make('button', { type: 'button', className: 'link', textContent: 'Close' })
const keys = make('p', {
  className: 'hint',
  children: [...key('↑'), ...key('↓', 'choose'), ...key('Enter', 'opens'), ...key('Esc', 'closes')],
})
const dialog = make('dialog', {
  className: 'palette',
  'aria-label': 'Search the dashboard',
  children: [make('div', { className: 'asked', children: [input, close] }), list, keys],
})

function key(name, does = '') {
  return [make('kbd', { textContent: name }), ` ${does} `]
}

const options = () => [...list.querySelectorAll('[role="option"]')]

/** Marks an option. The focus stays in the field. */
function choose(option) {
  for (const other of options()) other.ariaSelected = String(other === option)
  if (option) input.setAttribute('aria-activedescendant', option.id)
  else input.removeAttribute('aria-activedescendant')
  option?.scrollIntoView({ block: 'nearest' })
}

function showGroup(name, found) {
  if (found.length === 0) return []
  const links = found.map(({ href, text, note }) => {
    const about = make('span', { className: 'small', textContent: note })
    const label = make('span', { className: 'text', textContent: text })
    return make('a', { href, role: 'option', tabIndex: -1, children: note ? [label, ' ', about] : [label] })
  })
  const heading = make('p', { className: 'group-name', textContent: name, 'aria-hidden': 'true' })
  return [make('div', { role: 'group', 'aria-label': name, children: [heading, ...links] })]
}

function show() {
  const typed = input.value.trim()
  const pages = [...findThing(typed), ...findPages(readPages(), typed)]
  list.replaceChildren(...showGroup('Pages', pages), ...showGroup('Search', findSearches(typed)))
  for (const [i, option] of options().entries()) option.id = `palette-${i}`
  list.scrollTop = 0
  choose(options()[0])
}

function open() {
  if (!dialog.isConnected) document.body.append(dialog)
  input.value = ''
  dialog.showModal()
  show()
}

const toggle = () => (dialog.open ? dialog.close() : open())

input.addEventListener('input', show)
input.addEventListener('keydown', (event) => {
  if (event.isComposing) return
  const all = options()
  const chosen = all.findIndex(({ ariaSelected }) => ariaSelected === 'true')
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) choose(all.at((chosen + step) % all.length))
  if (event.key === 'Enter') all[chosen]?.click()
  if (step || event.key === 'Enter') event.preventDefault()
})
list.addEventListener('pointermove', ({ target }) => {
  const option = target.closest('[role="option"]')
  if (option && option.ariaSelected !== 'true') choose(option)
})
// A page that the browser keeps is shown again without it. A link that opens a new tab leaves it open.
list.addEventListener('click', ({ target, ctrlKey, metaKey, shiftKey }) => {
  if (target.closest('a') && !ctrlKey && !metaKey && !shiftKey) dialog.close()
})
close.addEventListener('click', () => dialog.close())
// Everything in it lies within its children, so what hits itself is the backdrop.
dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())

addEventListener('keydown', (event) => {
  const { ctrlKey, metaKey, altKey, shiftKey } = event
  const hasModifier = isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey
  if (event.key.toLowerCase() !== 'k' || !hasModifier || altKey || shiftKey) return
  event.preventDefault()
  toggle()
})

const button = make('button', {
  type: 'button',
  className: 'find',
  'aria-haspopup': 'dialog',
  'aria-keyshortcuts': isMac ? 'Meta+K' : 'Control+K',
  children: ['Search ', make('kbd', { textContent: isMac ? '⌘K' : 'Ctrl K', 'aria-hidden': 'true' })],
})
button.addEventListener('click', toggle)
rail.querySelector('.brand').after(button)
