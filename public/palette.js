/*
 * The search of the whole dashboard: Ctrl+K (⌘K on a Mac), or the button in the navigation. It lists the pages of the
 * navigation and, for what is typed, the endpoints, sources and books with that name, and the searches of the lists.
 * When it is first opened, it reads the names from the first pages of these lists. It works without them, too.
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

/** The lists whose things are found by their names. */
const NAMED = [
  { path: '/admin/endpoints', kind: 'Endpoint' },
  { path: '/admin/sources', kind: 'Source' },
  { path: '/admin/books', kind: 'Book' },
]

/** The tabs of a book's settings, and other words for what is in them. */
const BOOK_TABS = [
  ['text', 'Text', 'title welcome banner language words translation'],
  [
    'appearance',
    'Appearance',
    'theme design look accent color css entries pictures smileys countries place form search wall buttons',
  ],
  ['signing', 'Signing', 'open closed private mood place drawings markup questions fields daily limit'],
  ['approval', 'Moderation', 'approval waits held spam puzzle captcha turnstile links blocked texts words'],
  ['sites', 'Sites', 'link website links webring webmentions return origins'],
]

/** The page with the HTML that shows a book on another site. */
const SNIPPET = ['/embed', 'HTML snippet', 'embed put on your site iframe element code']

/** How many named things are listed at most, so that the searches below them stay in sight. */
const MOST_NAMED = 8

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

const wordsOf = (typed) => typed.toLowerCase().split(/\s+/)

/** @returns 0 if a label begins with the words, 1 if it has them, otherwise 2 */
function rankOf(label, words) {
  if (label.toLowerCase().startsWith(words.join(' '))) return 0
  return words.every((word) => label.toLowerCase().includes(word)) ? 1 : 2
}

/** Whether a page is found by its name and that of its group, and not only by other words. */
const isByName =
  (words) =>
  ({ text, note }) =>
    rankOf(`${text} ${note}`, words) < 2

/** @returns the pages in which each word occurs: first those that begin with the text, last those known by other words */
function findPages(pages, typed) {
  const words = wordsOf(typed)
  return pages
    .filter(({ href, text, note }) => {
      const searched = `${text} ${note} ${ALSO[href] ?? ''}`.toLowerCase()
      return words.every((word) => searched.includes(word))
    })
    .sort((a, b) => rankOf(a.text, words) - rankOf(b.text, words))
}

/** @returns the page of the thing with this id */
function findThing(typed) {
  const [id, prefix] = /^([a-z]+)_[0-9A-HJKMNP-TV-Z]{26}$/.exec(typed) ?? []
  return PATHS[prefix] ? [{ href: `${PATHS[prefix]}/${id}`, text: `Open ${id}`, note: '' }] : []
}

/** What the lists have shown, by their paths. A list that could not be read is read again at the next opening. */
const read = new Map()

/** @returns the things to which the rows of a list lead */
function readThings(page, { path, kind }) {
  const links = [...page.querySelectorAll('main td a')].filter((link) => {
    const href = link.getAttribute('href')
    return href.startsWith(`${path}/`) && /^[\w-]+$/.test(href.slice(path.length + 1))
  })
  return links.map((link) => ({
    href: link.getAttribute('href'),
    name: link.textContent.trim(),
    note: kind,
    // The URL of an endpoint.
    about: link.parentElement.querySelector('.small')?.textContent ?? '',
  }))
}

async function readList(list) {
  const response = await fetch(list.path)
  if (!response.ok) throw new Error(response.statusText)
  read.set(list.path, readThings(new DOMParser().parseFromString(await response.text(), 'text/html'), list))
  if (dialog.open) show()
}

function readLists() {
  for (const list of NAMED.filter(({ path }) => !read.has(path))) {
    read.set(list.path, [])
    readList(list).catch(() => read.delete(list.path))
  }
}

/** @returns the settings of a book, and the words for what is in each tab */
function tabsOf({ href, name, note }) {
  if (note !== 'Book') return []
  const tabs = BOOK_TABS.map(([id, ...tab]) => [`#${id}`, ...tab])
  return [...tabs, SNIPPET].map(([place, label, also]) => ({
    href: `${href}${place}`,
    text: `${label} of `,
    name,
    note: 'Settings',
    tab: `${label} ${also} settings`.toLowerCase(),
  }))
}

/** Whether each word occurs. A book's name alone finds the book, and none of its tabs. */
function isNamed({ name, note, about = '', tab = '' }, words) {
  const searched = `${name} ${note} ${about} ${tab}`.toLowerCase()
  return words.every((word) => searched.includes(word)) && (!tab || words.some((word) => tab.includes(word)))
}

/** @returns the things with these words: first those whose names begin with the text, then those whose names have it */
function findNamed(typed) {
  if (typed === '') return []
  const words = wordsOf(typed)
  const rank = ({ name, text = '' }) => rankOf(`${text}${name}`, words)
  const things = [...read.values()].flat()
  return [...things, ...things.flatMap(tabsOf)]
    .filter((thing) => isNamed(thing, words))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST_NAMED)
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
  const links = found.map(({ href, text = '', name = '', note }) => {
    const about = make('span', { className: 'small', textContent: note })
    const label = make('span', { className: 'text', children: [text, make('bdi', { textContent: name })] })
    return make('a', { href, role: 'option', tabIndex: -1, children: note ? [label, ' ', about] : [label] })
  })
  const heading = make('p', { className: 'group-name', textContent: name, 'aria-hidden': 'true' })
  return [make('div', { role: 'group', 'aria-label': name, children: [heading, ...links] })]
}

/** What the owner has gone to by the arrow keys or the mouse, since the text was typed. It stays chosen. */
let picked = null

function pick(option) {
  picked = option?.getAttribute('href') ?? null
  choose(option)
}

/** A tab of a book leads before pages that are only known by its words: "theme" is in a tab, and Books have themes. */
function showFound(typed) {
  const pages = [...findThing(typed), ...findPages(readPages(), typed)]
  const named = findNamed(typed)
  const hasTab = named.some(({ tab }) => tab) && !pages.some(isByName(wordsOf(typed)))
  const groups = [showGroup('Pages', pages), showGroup('Endpoints, sources and books', named)]
  return [...(hasTab ? groups.toReversed() : groups), showGroup('Search', findSearches(typed))].flat()
}

/** A list that has just been read adds to what is shown. */
function show() {
  list.replaceChildren(...showFound(input.value.trim()))
  for (const [i, option] of options().entries()) option.id = `palette-${i}`
  list.scrollTop = 0
  choose(options().find((option) => option.getAttribute('href') === picked) ?? options()[0])
}

function showTyped() {
  picked = null
  show()
}

/** @param typed while this file was loading */
function open(typed) {
  if (!dialog.isConnected) document.body.append(dialog)
  input.value = typed
  dialog.showModal()
  showTyped()
  readLists()
}

/** Opens or closes it, for the button and the key in dashboard.js. */
export const toggle = (typed = '') => (dialog.open ? dialog.close() : open(typed))

input.addEventListener('input', showTyped)
input.addEventListener('keydown', (event) => {
  if (event.isComposing) return
  const all = options()
  const chosen = all.findIndex(({ ariaSelected }) => ariaSelected === 'true')
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) pick(all.at((chosen + step) % all.length))
  if (event.key === 'Enter') all[chosen]?.click()
  if (step || event.key === 'Enter') event.preventDefault()
})
list.addEventListener('pointermove', ({ target }) => {
  const option = target.closest('[role="option"]')
  if (option && option.ariaSelected !== 'true') pick(option)
})
// A page that the browser keeps is shown again without it. A link that opens a new tab leaves it open.
list.addEventListener('click', ({ target, ctrlKey, metaKey, shiftKey }) => {
  if (target.closest('a') && !ctrlKey && !metaKey && !shiftKey) dialog.close()
})
close.addEventListener('click', () => dialog.close())
// Everything in it lies within its children, so what hits itself is the backdrop.
dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close())
