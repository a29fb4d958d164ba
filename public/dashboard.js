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

enableCopying(document)

/** Shows how many characters a field contains, and how many it can. Without scripts, its hint says the maximum. */
function startCounting(field) {
  const counter = document.createElement('span')
  counter.className = 'counter'
  // The hint of the field says the maximum, so a screen reader need not hear every number.
  counter.setAttribute('aria-hidden', 'true')
  const show = () => {
    counter.textContent = `${field.value.length} / ${field.maxLength}`
  }
  field.addEventListener('input', show)
  document.getElementById(field.getAttribute('aria-describedby').split(' ').at(-1))?.append(' ', counter)
  show()
}

for (const field of document.querySelectorAll('[data-counted]')) startCounting(field)

/*
 * A live part of a page fetches itself every few seconds, and the page says so: "Live" or "Paused". It pauses when the
 * button is pressed, and while something in it is focused, selected or open. Each refresh reads rows of the database, so
 * the wait grows, up to a minute, while nothing changes. `data-live-seconds` is the shortest wait of a part whose rows
 * cost more to read.
 */
const SHORTEST_MS = 4_000
const LONGEST_MS = 60_000

const live = [...document.querySelectorAll('[data-live]')]
let isStopped = false

function isInUse(part) {
  const isSelected = String(getSelection()) !== '' && getSelection().containsNode(part, true)
  return part.contains(document.activeElement) || isSelected || part.querySelector('[open]') !== null
}

/** One button for all live parts of the page. */
function addLiveButton() {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'live'
  const show = () => {
    const isPaused = isStopped || live.some(isInUse)
    button.textContent = isPaused ? 'Paused' : 'Live'
    button.setAttribute('aria-pressed', String(!isPaused))
    button.title = isStopped ? 'Press to update this page again' : 'Updates by itself. Press to pause'
  }
  button.addEventListener('click', () => {
    isStopped = !isStopped
    show()
  })
  const first = live[0].closest('table') ?? live[0]
  first.before(button)
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
    wait = isChanged ? shortest : Math.min(wait * 1.2, LONGEST_MS)
    setTimeout(tick, wait)
  }
  setTimeout(tick, wait)
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
  shown.set(rows, withoutTimes)
  rows.innerHTML = html
  enableCopying(rows)
  if (rows.children.length > 0) document.querySelector('.empty')?.remove()
  return isChanged
}

/** A large export comes in parts, each of which names the next one. The file that is saved is whole. */
async function saveWhole(link) {
  const parts = []
  for (let url = link.href; url; ) {
    const response = await fetch(url)
    if (!response.ok || response.redirected) throw new Error(`${url} answered ${response.status}.`)
    const text = await response.text()
    const end = text.lastIndexOf('\n', text.length - 2) + 1
    const last = JSON.parse(text.slice(end))
    parts.push(last.type === 'next' ? text.slice(0, end) : text)
    url = last.type === 'next' ? last.url : ''
  }
  const file = document.createElement('a')
  file.href = URL.createObjectURL(new Blob(parts, { type: 'application/x-ndjson' }))
  file.download = link.dataset.parts
  file.click()
  setTimeout(() => URL.revokeObjectURL(file.href), 60_000)
}

for (const link of document.querySelectorAll('a[data-parts]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault()
    // Without its other parts, the first one is better than nothing: its last line says that it is not whole.
    saveWhole(link).catch(() => location.assign(link.href))
  })
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

/*
 * The keyboard. In a list, j and k go to the next and the previous item, Enter opens it, and / goes to the search. On the
 * page of one item, j and k open the next and the previous one. In the moderation queue, a letter presses the button or
 * opens the form that it belongs to.
 */
const items = () => {
  const entries = [...document.querySelectorAll('[data-entry]')]
  return entries.length > 0 ? entries : [...document.querySelectorAll('main tbody tr:has(a)')]
}

function goTo(step) {
  const list = items()
  const at = list.findIndex((item) => item.contains(document.activeElement))
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
  const entry = document.activeElement?.closest('[data-entry]')
  entry?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click()
})

for (const hint of document.querySelectorAll('[data-keys]')) hint.hidden = items().length === 0
