// Optional conveniences. Every page works without this script.

/** Shows the copy buttons if the page may write to the clipboard. */
function enableCopying(root) {
  if (!navigator.clipboard) return
  for (const button of root.querySelectorAll('button[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy)
      button.textContent = 'copied'
      setTimeout(() => {
        button.textContent = 'copy'
      }, 1_500)
    })
  }
}

/*
 * The search of the dashboard is in palette.js. Its button and its key work at once: they wait for that file. The pages
 * for integrators have no search.
 */
function startSearch(button) {
  const loading = import('/palette.js')
  /** What is typed while the file is loading. */
  let typed = null
  const toggle = async () => {
    if (typed !== null) return
    typed = ''
    try {
      const { toggle: show } = await loading
      show(typed)
    } finally {
      typed = null
    }
  }
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform)
  const hint = Object.assign(document.createElement('kbd'), {
    textContent: isMac ? '⌘K' : 'Ctrl K',
    ariaHidden: 'true',
  })
  button.append(' ', hint)
  button.ariaHasPopup = 'dialog'
  button.setAttribute('aria-keyshortcuts', isMac ? 'Meta+K' : 'Control+K')
  button.addEventListener('click', toggle)
  // Before the keys of the page.
  addEventListener('keydown', onKey, true)

  function onKey(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event
    const isText = key.length === 1 && !ctrlKey && !metaKey && !altKey
    const hasModifier = isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey
    const isSearch = key.toLowerCase() === 'k' && hasModifier && !altKey && !shiftKey
    if (isText && typed !== null) {
      typed += key
      event.stopImmediatePropagation()
    } else if (isSearch) void toggle()
    else return
    event.preventDefault()
  }
}

const searchButton = document.querySelector('.find')
if (searchButton) startSearch(searchButton)

enableCopying(document)
if (document.querySelector('main pre')) import('/code.js').catch(() => {})

/*
 * What a page shows once is in its address: see kit/http/flash.ts. A bookmark is to have the short address. A reload
 * goes back to the long one while that works. After that, the history forgets it.
 */
const SHOWN_ONCE_MS = 600_000

function shortenAddress() {
  const address = new URL(location)
  if (address.searchParams.has('flash')) {
    address.searchParams.delete('flash')
    history.replaceState({ before: location.href, until: Date.now() + SHOWN_ONCE_MS }, '', address)
  } else if (history.state?.until > Date.now()) location.replace(history.state.before)
  else if (history.state?.before) history.replaceState(null, '')
}

shortenAddress()

/*
 * Browsers keep a page for "Back", also if it must not be stored. Once a form was sent, such a page may show what is no
 * longer true, and would save it again.
 */
let isFormSent = false
addEventListener('submit', ({ target, defaultPrevented }) => {
  if (target.method === 'post' && !defaultPrevented) isFormSent = true
})
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && isFormSent) location.reload()
})

/** A file that the server would refuse is not sent. The number is that of the server. */
for (const input of document.querySelectorAll('[data-max-bytes]'))
  input.addEventListener('change', () => {
    const [size, most] = [input.files[0]?.size ?? 0, Number(input.dataset.maxBytes)]
    const inKb = (bytes) => `${Math.ceil(bytes / 100) / 10} KB`
    input.setCustomValidity(size > most ? `This file has ${inKb(size)}. The limit is ${inKb(most)}.` : '')
    input.reportValidity()
  })

/*
 * The server writes times in UTC, because it does not know the zone of the reader. Here, they are in the zone of the
 * browser. The tooltip has UTC. This includes times that appear later.
 */
const locale = navigator.languages.find((one) => one.split('-')[0] === 'en') ?? 'en-GB'
const minutes = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
const two = (number) => String(number).padStart(2, '0')

/** @returns such as `2026-11-24T10:00`, in the zone of the browser */
function toInput(at) {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** A time with milliseconds, for comparison with a receiver's log, says how far its zone is from UTC. */
function toPrecise(at) {
  const offset = -at.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${toInput(at).replace('T', ' ')}${at.toISOString().slice(16, -1)} ${zone}`
}

const TICK_MS = 10_000
const UNITS = { s: 1_000, min: 60_000, h: 3_600_000, days: 86_400_000 }
/** The times that say how long ago they were, or how far they are in the future, by the clock of the browser. */
const ticking = new Map()

/** If the clock of the browser does not agree with what the server wrote, the time is taken to be as far as it wrote. */
function keepRelative(time, at) {
  const [text, isAhead, count, unit] = /^(in )?(\d+) (s|min|h|days)( ago)?$/.exec(time.textContent) ?? []
  if (text === undefined && time.textContent !== 'just now') return
  const written = (isAhead ? 1 : -1) * Number(count ?? 0) * (UNITS[unit] ?? 1)
  const mayDiffer = (UNITS[unit] ?? 0) / 2 + 5_000
  const isAgreed = Math.abs(at - Date.now() - written) <= mayDiffer
  ticking.set(time, isAgreed ? at : Date.now() + written)
}

/** As in kit/html/time.tsx. What was to happen is not said to have happened. */
function relative(ms, isAhead) {
  const size = isAhead ? Math.max(ms, 0) : -ms
  if (size < 2_000) return isAhead ? 'any moment now' : 'just now'
  const unit = ['s', 'min', 'h'].find((_, i) => size < [60_000, 7_200_000, 172_800_000][i]) ?? 'days'
  const text = `${Math.round(size / UNITS[unit])} ${unit}`
  return isAhead ? `in ${text}` : `${text} ago`
}

setInterval(() => {
  for (const [time, at] of ticking) {
    if (!time.isConnected) ticking.delete(time)
    const text = relative(at - Date.now(), /^(in|any) /.test(time.textContent))
    if (text !== time.textContent) time.textContent = text
  }
}, TICK_MS)

function localize(root) {
  for (const time of root.querySelectorAll('time[datetime]:not([data-local])')) {
    time.dataset.local = ''
    const at = new Date(time.dateTime)
    const utc = time.title || time.textContent
    // A time without a tooltip is exact. With one, its text says how long ago it was.
    if (time.title) keepRelative(time, at.getTime())
    else time.textContent = /\.\d{3} UTC$/.test(utc) ? toPrecise(at) : minutes.format(at)
    time.title = `${minutes.format(at)} here, ${utc}`
  }
}

localize(document)
for (const said of document.querySelectorAll('[data-utc]')) said.remove()
new MutationObserver((changes) => {
  for (const { target } of changes) localize(target)
}).observe(document.body, { childList: true, subtree: true })

/** A link to a field that is folded. Some browsers unfold it themselves. */
for (const link of document.querySelectorAll('a[href="#filter-since"]')) {
  link.addEventListener('click', () => {
    document.querySelector('#filter-since').closest('details').open = true
  })
}

/** What was refused may be in a folded form, such as that of a deletion. */
for (const field of document.querySelectorAll('details:not([open]) [aria-invalid]')) {
  field.closest('details').open = true
  if (field.autofocus) field.focus()
}

/** What is typed as a time is in the zone of the browser, too. It is sent in UTC. */
for (const input of document.querySelectorAll('input[type="datetime-local"]')) {
  const filled = input.defaultValue && toInput(new Date(`${input.defaultValue}Z`))
  if (filled) input.value = filled
  input.form.addEventListener('formdata', ({ formData }) => {
    // In autumn, one hour occurs twice. A time that is not edited keeps its value in UTC.
    const utc = input.value === filled ? input.defaultValue : input.value && new Date(input.value).toISOString()
    if (utc) formData.set(input.name, utc.slice(0, 16))
  })
}

/** Shows how many characters a field contains, and how many it can. Without scripts, its hint says only the maximum. */
function startCounting(field) {
  const hint = document.getElementById(field.getAttribute('aria-describedby').split(' ').at(-1))
  const counter = hint.lastElementChild
  const show = () => {
    counter.textContent = `${[...field.value].length} of ${field.dataset.counted} characters`
  }
  field.addEventListener('input', show)
  show()
}

for (const field of document.querySelectorAll('[data-counted]')) startCounting(field)

/** While a URL is asked for its challenge, the form says what was sent, and for how long it has waited. */
function startWaiting(panel) {
  const form = panel.closest('form')
  const url = form.elements.url
  const [progress, seconds] = [panel.querySelector('progress'), panel.querySelector('[data-seconds]')]
  let timer
  form.addEventListener('submit', () => {
    if (panel.dataset.waiting === 'changed' && url.value === url.defaultValue) return
    const start = Date.now()
    panel.querySelector('[data-url]').textContent = url.value
    panel.hidden = false
    panel.scrollIntoView({ block: 'nearest' })
    const show = () => {
      progress.value = (Date.now() - start) / 1_000
      seconds.textContent = `${Math.floor(progress.value)} s so far.`
    }
    show()
    timer = setInterval(show, 250)
  })
  // The browser may show the page again, as it was left.
  addEventListener('pageshow', () => {
    clearInterval(timer)
    panel.hidden = true
  })
}

for (const panel of document.querySelectorAll('[data-waiting]')) startWaiting(panel)

/** A search field hides the items that do not match, as one types. Without scripts, the server does. */
function startFinding(field) {
  const items = [...document.querySelectorAll('[data-find]')]
  const groups = new Set(items.map((item) => item.closest('section')))
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/)
    for (const item of items) item.hidden = !words.every((word) => item.dataset.find.includes(word))
    for (const group of groups) group.hidden = !group.querySelector('[data-find]:not([hidden])')
    document.querySelector('[data-none]').hidden = items.some((item) => !item.hidden)
  })
  // A link to a group shows all of it.
  for (const link of document.querySelectorAll('.filter a'))
    link.addEventListener('click', () => {
      field.value = ''
      field.dispatchEvent(new Event('input'))
    })
}

for (const field of document.querySelectorAll('[data-finds]')) startFinding(field)

/*
 * A live part of a page fetches itself every few seconds, and the page says so: "Live" or "Paused". It pauses when the
 * button is pressed, and while something in it is focused, selected or open. Each refresh reads rows of the database, so
 * the wait grows, up to a minute, while nothing changes. `data-live-seconds` is the shortest wait of a part whose rows
 * cost more to read.
 */
const SHORTEST_MS = 4_000
const LONGEST_MS = 60_000

/** After "Try now", somebody waits for the result: the health of the endpoint is fetched each second until it is there. */
const FAST_MS = 1_000
const FAST_FOR_MS = 15_000
const address = new URLSearchParams(location.search)
const isAfterTry = address.get('done') === 'tried'
const shownAnswer = Number(document.querySelector('[data-answer]')?.dataset.answer ?? 0)
let isTold = !isAfterTry || shownAnswer >= Number(address.get('at'))
const saysState = (part) => part.querySelector('[data-state]') !== null
const isAwaited = (part) => !isTold && performance.now() < FAST_FOR_MS && saysState(part)

const live = [...document.querySelectorAll('[data-live]')]
let isStopped = false

function isInUse(part) {
  const isSelected = String(getSelection()) !== '' && getSelection().containsNode(part, true)
  return part.contains(document.activeElement) || isSelected || part.querySelector('[open]') !== null
}

/** One button for all live parts of the page, beside its title. */
function addLiveButton() {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'live'
  const show = () => {
    const isPaused = isStopped || live.some(isInUse)
    button.textContent = isPaused ? 'Paused' : 'Live'
    button.setAttribute('aria-pressed', String(!isPaused))
    button.title = isStopped ? 'Press to resume updates' : 'Updates automatically. Press to pause'
  }
  button.addEventListener('click', () => {
    isStopped = !isStopped
    show()
  })
  document.querySelector('h1').after(button)
  for (const change of ['selectionchange', 'focusin', 'toggle']) document.addEventListener(change, show, true)
  show()
}

function startLive(rows) {
  const shortest = Number(rows.dataset.liveSeconds ?? 0) * 1_000 || SHORTEST_MS
  let wait = shortest
  const tick = async () => {
    const mayRefresh = !isStopped && !isInUse(rows) && !document.hidden
    // Ignore failures, because the server may be restarting. The next refresh tries again.
    const isChanged = mayRefresh && (await refresh(rows).catch(() => false))
    wait = isChanged || isAwaited(rows) ? shortest : Math.min(wait * 1.2, LONGEST_MS)
    next()
  }
  const next = () => {
    if (rows.dataset.live) setTimeout(tick, isAwaited(rows) ? FAST_MS : wait)
    else if (!document.querySelector('[data-live]')) document.querySelector('button.live').remove()
  }
  next()
}

/** The title of the page says the state, too. The notice says how the act went, as soon as there is an answer. */
async function follow(before, after) {
  if (!before || !after) return
  // An approval changes every tab, but what somebody types stays.
  const isTyping = document.activeElement?.matches('input, textarea, select')
  if (before.state === 'awaiting approval' && after.state !== before.state && !isTyping) return location.reload()
  document.title = document.title.replace(` · ${before.state}`, ` · ${after.state}`)
  const isNews = before.answer !== after.answer && !isTold
  if (!isAfterTry || (!isNews && before.state === after.state)) return
  isTold ||= isNews
  for (const part of live) if (!saysState(part)) refresh(part).catch(() => false)
  await renewNotice()
}

async function renewNotice() {
  const response = await fetch(location.href)
  if (!response.ok || response.redirected) return
  showNotice(new DOMParser().parseFromString(await response.text(), 'text/html'))
}

/** Keeps the element, so that a screen reader says its new text. */
function showNotice(page) {
  const [old, renewed] = [document, page].map((one) => one.querySelector('[data-told]'))
  if (!renewed) return old?.remove()
  if (!old) return document.querySelector('main').prepend(renewed)
  old.className = renewed.className
  old.role = renewed.role
  old.replaceChildren(...renewed.childNodes)
}

/** @returns whether the rows have changed */
async function refresh(rows) {
  const response = await fetch(rows.dataset.live)
  // After the session expires, the request redirects to the login page.
  if (!response.ok || response.redirected || isInUse(rows)) return false
  const html = await response.text()
  // Times such as "5 s ago" are not changes.
  const withoutTimes = html.replace(/<time.*?<\/time>/g, '')
  const isChanged = withoutTimes !== shown.get(rows)
  if (rows.dataset.page && !(isChanged && (await refreshPage(rows)))) return false
  shown.set(rows, withoutTimes)
  if (rows.dataset.page) return true
  const before = rows.querySelector('[data-state]')?.dataset
  rows.innerHTML = html
  follow(before, rows.querySelector('[data-state]')?.dataset).catch(() => {})
  enableCopying(rows)
  if (rows.matches('tbody:not(:empty)')) document.querySelector('.empty')?.remove()
  return isChanged
}

/**
 * A part with `data-page` only learns from its list that something is new. Then it comes from the whole page, together
 * with what the top of the page says about the state. @returns false if somebody uses it
 */
async function refreshPage(part) {
  const response = await fetch(part.dataset.page)
  const [state, alarm] = ['.lead', '.health'].map((one) => document.querySelector(one))
  if (!response.ok || response.redirected || [part, alarm].some((one) => one && isInUse(one))) return false
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const renewed = page.querySelector('[data-page]')
  part.replaceChildren(...renewed.childNodes)
  if (!renewed.dataset.live) delete part.dataset.live
  document.title = page.title
  if (part.dataset.page.includes('done=')) showNotice(page)
  alarm?.remove()
  state?.replaceWith(...page.querySelectorAll('.lead, .health'))
  enableCopying(part)
  return true
}

/*
 * The settings of a book are one form in tabs. The bar beside its button says which settings are not saved yet, and the
 * browser asks before they are lost. The server leads to the last setting that it saved. Here, the tab stays open.
 */
const SAVED_FROM = 'saved-from'

/** @returns the tab that is shown, which the stylesheet decides without scripts */
function openPanel() {
  const target = document.getElementById(location.hash.slice(1))?.closest('.panel')
  return target ?? [...document.querySelectorAll('.panel')].find((panel) => panel.checkVisibility())
}

function keepTab() {
  const from = sessionStorage.getItem(SAVED_FROM)
  sessionStorage.removeItem(SAVED_FROM)
  if (from && address.has('saved') && from !== openPanel()?.id) location.replace(`#${from}`)
}

function isEdited(field) {
  if (field.matches('select')) return [...field.options].some((one) => one.selected !== one.defaultSelected)
  if (field.type === 'checkbox') return field.checked !== field.defaultChecked
  // Browsers write colors in small letters.
  const filled = field.type === 'color' ? field.defaultValue.toLowerCase() : field.defaultValue
  return field.value !== filled
}

function watchSettings(form) {
  let isSending = false
  const status = form.querySelector('.save [role="status"]')
  const edited = () => {
    const fields = [...form.querySelectorAll('.setting :is(input, select, textarea)')].filter(isEdited)
    return [...new Set(fields.map((field) => field.closest('.setting').dataset.title))]
  }
  // What was refused is shown again as if it was the value of its field.
  const isRefused = form.querySelector('[aria-invalid]') !== null
  let before = [...status.childNodes]
  const show = () => {
    const titles = edited()
    form.toggleAttribute('data-edited', titles.length > 0)
    status.replaceChildren(...(titles.length > 0 ? [`Not saved yet: ${titles.join(', ')}.`] : before))
  }
  // A color that is picked is meant to be used: see color() in settings/looks.tsx.
  const ticksBox = ({ target: { type, name } }) => {
    const box = form.elements[`has_${name}`]
    if (type === 'color' && box) box.checked = true
  }
  form.addEventListener('input', ticksBox)
  form.addEventListener('input', show)
  form.addEventListener('submit', () => {
    isSending = true
    sessionStorage.setItem(SAVED_FROM, openPanel().id)
  })
  // What was saved is said in the tab where it was, and is not said again by a reload of another one.
  const savedFrom = openPanel()
  addEventListener('hashchange', () => {
    if (openPanel() === savedFrom) return
    const short = new URL(location)
    for (const name of ['saved', 'was']) short.searchParams.delete(name)
    history.replaceState(history.state, '', short)
    before = []
    show()
  })
  addEventListener('pageshow', show)
  addEventListener('beforeunload', (event) => {
    if (!isSending && (isRefused || edited().length > 0)) event.preventDefault()
  })
}

for (const form of document.querySelectorAll('[data-settings]')) {
  keepTab()
  watchSettings(form)
}

/** Marks the tab that is shown. */
function markTab(tabs) {
  const shown = openPanel()
  for (const tab of tabs.children) {
    if (tab.hash === `#${shown?.id}`) tab.ariaCurrent = 'true'
    else tab.removeAttribute('aria-current')
  }
}

for (const tabs of document.querySelectorAll('.tabs:has(> [href^="#"])')) {
  markTab(tabs)
  addEventListener('hashchange', () => markTab(tabs))
}

/** Shows a page in a frame as a small picture, as soon as it is in sight. */
for (const box of document.querySelectorAll('[data-thumbnail]')) {
  const frame = document.createElement('iframe')
  Object.assign(frame, { inert: true, loading: 'lazy', title: 'Thumbnail' })
  frame.sandbox = 'allow-same-origin'
  frame.src = box.dataset.thumbnail
  box.append(frame)
}

/** What each list showed last. */
const shown = new WeakMap()

if (live.length > 0) addLiveButton()
for (const part of live) startLive(part)

/*
 * The form of an endpoint has the fields of its format. Until a format is chosen, the URL decides, as it does when the
 * form is sent. A field that was refused stays.
 */
function startFormats(said) {
  const { form } = document.getElementById('format')
  const { format, url } = form.elements
  const formats = JSON.parse(said.dataset.detect)
  const isOf = ({ urls }) => urls.some((source) => new RegExp(source, 'i').test(url.value.trim()))
  const show = () => {
    const isByUrl = format.value === 'by_url'
    const name = isByUrl ? (formats.find(isOf)?.name ?? 'standard') : format.value
    const label = [...format.options].find(({ value }) => value === name)?.text
    said.textContent = isByUrl && url.value.trim() !== '' ? `Detected: ${label}` : ''
    for (const part of form.querySelectorAll('[data-formats]'))
      part.hidden = !part.dataset.formats.split(' ').includes(name) && !part.querySelector('[aria-invalid]')
  }
  form.addEventListener('input', show)
  show()
}

for (const said of document.querySelectorAll('[data-detect]')) startFormats(said)

/** Who chooses all events has chosen no single ones. dashboard.css hides them. */
function startEventTypes(all) {
  const others = [...all.form.elements.event_types].filter((input) => input !== all)
  all.addEventListener('change', () => {
    if (!all.checked) return
    for (const input of others) {
      if (input.type === 'checkbox') input.checked = false
      else input.value = ''
    }
  })
}

for (const all of document.querySelectorAll('[name="event_types"][value="*"]')) startEventTypes(all)

/** Whoever chooses a single event of a group does not want the whole group, and the other way round. */
function startEventGroup(group) {
  const prefix = group.value.slice(0, -1)
  const singles = [...group.form.elements.event_types].filter(
    (input) => input.type === 'checkbox' && input !== group && input.value.startsWith(prefix)
  )
  group.addEventListener('change', () => {
    if (group.checked) for (const single of singles) single.checked = false
  })
  for (const single of singles)
    single.addEventListener('change', () => {
      if (single.checked) group.checked = false
    })
}

for (const group of document.querySelectorAll('[name="event_types"][value$=".*"]')) startEventGroup(group)

/*
 * The keyboard. In a list, j and k go to the next and the previous item, Enter opens it, and / goes to the search. On the
 * page of one item, j and k open the next and the previous one. In the moderation queue, a letter presses the button or
 * opens the form that it belongs to.
 */
const items = () => {
  const entries = [...document.querySelectorAll('[data-entry]')]
  return entries.length > 0 ? entries : [...document.querySelectorAll('main tbody tr:has(a)')]
}

/** The item with the focus. While nothing has it, the one that queue.js has marked. */
function isCurrent(item) {
  const { activeElement, body } = document
  return item.contains(activeElement) || (activeElement === body && item.matches('.current'))
}

function goTo(step) {
  const list = items()
  const at = list.findIndex(isCurrent)
  const next = list[Math.min(Math.max(at + step, 0), list.length - 1)]
  const target = next?.matches('[data-entry]') ? next : next?.querySelector('a')
  target?.focus()
  target?.scrollIntoView({ block: 'nearest' })
}

function goToNeighbor(rel) {
  const link = document.querySelector(`nav[aria-label="Neighbors"] a[rel="${rel}"]`)
  link?.click()
  return link !== null
}

addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input, textarea, select') !== null
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'j' && !goToNeighbor('next')) goTo(1)
  if (event.key === 'k' && !goToNeighbor('prev')) goTo(-1)
  const search = document.querySelector('input[type="search"]')
  if (event.key === '/' && search) {
    event.preventDefault()
    search.focus()
  }
  // A held key decides about one entry: nobody has read the next one.
  if (event.repeat) return
  const entry = items().find(isCurrent)
  entry?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click()
})

/** A new book gets its slug from its title, until somebody types another. */
function fillSlug(form) {
  const { title, slug } = form.elements
  let filled = ''
  title.addEventListener('input', () => {
    if (slug.value !== filled) return
    const plain = title.value
      .normalize('NFKD')
      .replace(/[\u0300-\u036f'’]/g, '')
      .toLowerCase()
    filled = plain
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, slug.dataset.counted)
      .replace(/^-|-$/g, '')
    slug.value = filled
  })
}

for (const form of document.querySelectorAll('form[action="/admin/books"]')) if (form.elements.slug) fillSlug(form)

for (const hint of document.querySelectorAll('[data-keys]')) hint.hidden = items().length === 0

/** A chart is one stop of the Tab key, at its latest bar. The arrow keys go from bar to bar. */
function startBars(bars) {
  const links = [...bars.querySelectorAll('a')]
  links.at(-1).tabIndex = 0
  bars.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const at = links.indexOf(document.activeElement)
    const next = step && links[at + step]
    if (!next) return
    event.preventDefault()
    links[at].tabIndex = -1
    next.tabIndex = 0
    next.focus()
  })
}

for (const bars of document.querySelectorAll('.bars')) startBars(bars)
