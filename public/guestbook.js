// Optional conveniences of the guestbook page. The page works without this script.

const language = document.documentElement.lang

/**
 * Counts characters by code points, as the server does. It cuts nothing, so that no pasted text is lost. A short field
 * shows its count only near the limit.
 */
function countCharacters(field) {
  const max = Number(field.dataset.max)
  const shown = document.createElement('p')
  shown.className = 'hint count'
  field.after(shown)
  const update = () => {
    const { length } = [...field.value]
    const isNear = length > max * 0.9
    const isShown = field.tagName === 'TEXTAREA' || isNear
    // Screen readers say it only when it matters.
    shown.ariaLive = isNear ? 'polite' : 'off'
    shown.textContent = isShown ? `${length.toLocaleString(language)} / ${max.toLocaleString(language)}` : ''
    shown.classList.toggle('over', length > max)
  }
  field.addEventListener('input', update)
  // When a guest goes back, the browser fills the field again.
  addEventListener('pageshow', update)
  update()
}

/**
 * A bar of smileys below a field, beside its count: a click puts one into the text. It is one stop of the Tab key; the
 * arrow keys, Home and End move in it.
 */
function addSmileys(field) {
  const bar = document.createElement('div')
  bar.className = 'smileys'
  bar.role = 'group'
  bar.ariaLabel = field.dataset.smileysLabel
  const words = field.dataset.smileys.split(' ')
  for (let i = 0; i < words.length; i += 2) {
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', title: words[i], textContent: words[i + 1], tabIndex: i === 0 ? 0 : -1 })
    button.addEventListener('click', () => insertWord(field, words[i]))
    bar.append(button)
  }
  bar.addEventListener('keydown', moveInBar)
  bar.addEventListener('focusin', ({ target }) => {
    for (const button of bar.children) button.tabIndex = button === target ? 0 : -1
  })
  const tools = document.createElement('div')
  tools.className = 'tools'
  tools.append(bar, field.nextElementSibling)
  field.after(tools)
  // On a phone, all rows appear when the guest starts to write, and stay. No button moves while it is pressed.
  const open = () => tools.classList.add('open')
  field.addEventListener('focusin', open)
  bar.addEventListener('focusin', ({ target }) => target.matches(':focus-visible') && open())
  if (document.activeElement === field) open()
}

function moveInBar(event) {
  const { key, target, currentTarget } = event
  const buttons = [...currentTarget.children]
  const at = buttons.indexOf(target)
  const isRtl = getComputedStyle(currentTarget).direction === 'rtl'
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: isRtl ? -1 : 1, ArrowLeft: isRtl ? 1 : -1 }[key]
  const next = { Home: 0, End: -1 }[key] ?? (step && (at + step) % buttons.length)
  if (next === undefined) return
  event.preventDefault()
  buttons.at(next).focus()
}

/** A smiley counts only as a word of its own. */
function insertWord(field, word) {
  const { value, selectionStart, selectionEnd } = field
  const space = /\S$/.test(value.slice(0, selectionStart)) ? ' ' : ''
  field.setRangeText(`${space}${word} `, selectionStart, selectionEnd, 'end')
  field.dispatchEvent(new Event('input', { bubbles: true }))
  field.focus()
}

/** Shows times in the guest's zone. The title keeps the time in UTC. */
function showLocalTimes(root) {
  // A British guest of an English page wants British dates.
  const locale = navigator.languages.find((one) => one.split('-')[0] === language) ?? language
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  for (const time of root.querySelectorAll('time[datetime]')) {
    time.title = time.textContent
    time.textContent = format.format(new Date(time.dateTime))
  }
}

const NEWS_EVERY_MS = 30_000
/** A page that is left open looks for news for two hours at most. */
const MAX_CHECKS = 240

/** Asks whether there are new entries. An unchanged book costs the server one row, because the ETag stays the same. */
async function checkNews(entries) {
  if (document.hidden) return
  const list = await fetch(entries.dataset.news, { cache: 'no-cache' })
  const tag = list.headers.get('ETag')
  if (!list.ok || !tag || tag === entries.dataset.tag) return
  const page = await fetch(entries.dataset.page, { cache: 'no-cache' })
  if (!page.ok) return
  entries.dataset.tag = tag
  showNews(entries, new DOMParser().parseFromString(await page.text(), 'text/html'))
}

/**
 * Puts new entries, and those that were approved late, where they belong. What the guest is reading or writing stays as
 * it is. If there are older pages, an entry below all others has only moved up from there, so it is not new.
 */
function showNews(entries, page) {
  const counter = page.querySelector('.counter')
  if (counter) document.querySelector('.counter')?.replaceWith(counter)
  const shown = () => [...entries.querySelectorAll('.entry[id]')]
  const find = (id) => shown().find((entry) => entry.id === id)
  const oldest = entries.querySelector('.pages [rel=next]') ? (shown().at(-1)?.id ?? '') : ''
  const current = [...page.querySelectorAll('.entry[id]')]
  const fresh = current.filter((entry) => {
    const old = find(entry.id)
    // The guest's own entry waited until now.
    return old ? old.matches('.waiting') && !entry.matches('.waiting') : entry.id > oldest
  })
  const status = entries.querySelector('.news')
  if (fresh.length === 0 || !status) return
  for (const entry of current) {
    const number = find(entry.id)?.querySelector('.number')
    if (number) number.textContent = entry.querySelector('.number')?.textContent
  }
  const divider = page.querySelector('.divider')
  for (const entry of fresh) {
    entry.classList.add('fresh')
    showLocalTimes(entry)
    const old = find(entry.id)
    if (old) old.replaceWith(entry)
    else insertEntry(entries, shown(), entry, divider ? [divider.cloneNode()] : [])
  }
  if (fresh.includes(shown()[0])) status.textContent = entries.dataset.newsText
}

/** @param divider the owner's picture between two entries, if there is one */
function insertEntry(entries, shown, entry, divider) {
  const next = shown.find(({ id }) => id < entry.id)
  entries.querySelector('.entry.empty')?.remove()
  if (next) next.before(entry, ...divider)
  else if (shown.length > 0) shown.at(-1).after(...divider, entry)
  else entries.querySelector('.news').after(entry)
}

function watchNews(entries) {
  let checks = 0
  let isAsking = false
  const timer = setInterval(async () => {
    checks += 1
    if (checks >= MAX_CHECKS) clearInterval(timer)
    // On a slow connection, the last check may still be under way.
    if (isAsking) return
    isAsking = true
    // Ignore failures: the next check tries again.
    await checkNews(entries).catch(() => undefined)
    isAsking = false
  }, NEWS_EVERY_MS)
}

/** Finds a number that makes the hash of a text start with zero bytes. It takes a second or so, and costs a spammer more. */
async function solvePuzzle(text, zeros) {
  const encoder = new TextEncoder()
  for (let number = 0; ; number++) {
    // Without this pause, the page would not respond while it hashes.
    if (number % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve))
    const hash = await crypto.subtle.digest('SHA-256', encoder.encode(`${text}\n${number}`))
    if (new Uint8Array(hash, 0, zeros).every((byte) => byte === 0)) return number
  }
}

/** Solves the puzzle of a form before it is sent. Without a solution, the entry waits for the owner. */
function solveOnSubmit(form) {
  const { stamp, body, proof } = form.elements
  let isSolving = false
  let solved = ''
  form.addEventListener('submit', async (event) => {
    // Browsers offer cryptography only to pages that came over HTTPS, or from this machine.
    if (!crypto.subtle || (solved !== '' && solved === body.value)) return
    event.preventDefault()
    // A second click must not sign twice.
    if (isSolving) return
    isSolving = true
    form.querySelector('.puzzle').textContent = form.dataset.puzzleText
    const text = body.value
    proof.value = await solvePuzzle(`${stamp.value}\n${text}`, Number(form.dataset.puzzle))
    solved = text
    isSolving = false
    form.requestSubmit(event.submitter)
  })
}

/**
 * Keeps in this tab what a guest fills in, so that a reload loses nothing, until it is accepted. If it is refused, or if
 * it could not be sent, it comes back.
 */
function keepDraft(form) {
  const [key, sentKey] = ['draft', 'sent'].map((kind) => `${kind} ${form.action}`)
  const sent = sessionStorage.getItem(sentKey)
  sessionStorage.removeItem(sentKey)
  // A guest who was sent on to `return_to` saw no thank-you page. The draft must not return, or it could be sent twice.
  const isBack = sent && (form.querySelector('[role=alert]') || !JSON.parse(sent).return_to)
  if (isBack && !sessionStorage.getItem(key)) sessionStorage.setItem(key, sent)
  const kept = 'textarea, [name=drawing], [name=return_to], input:not([type=hidden], .trap *)'
  const fields = [...form.querySelectorAll(kept)]
  const draft = JSON.parse(sessionStorage.getItem(key) ?? '{}')
  for (const field of fields) if (Object.hasOwn(draft, field.name)) restore(field, draft[field.name])
  form.addEventListener('input', () => {
    const filled = fields.filter((field) => (isBox(field) ? field.checked : field.value !== ''))
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(filled.map(({ name, value }) => [name, value]))))
  })
  form.addEventListener('submit', ({ defaultPrevented, submitter }) => {
    if (defaultPrevented || submitter?.name === 'preview') return
    sessionStorage.setItem(sentKey, sessionStorage.getItem(key) ?? '')
    sessionStorage.removeItem(key)
  })
}

/** The page that says that an entry was accepted may have no form. */
function forgetAccepted() {
  if (!document.querySelector('#thanks')) return
  for (const key of Object.keys(sessionStorage)) if (key.startsWith('sent ')) sessionStorage.removeItem(key)
}

const isBox = ({ type }) => type === 'checkbox' || type === 'radio'

/** A text that the server or the browser has filled in stays. */
function restore(field, value) {
  if (isBox(field) ? field.checked === (field.value === value) : field.value !== '') return
  if (isBox(field)) field.checked = field.value === value
  else field.value = value
  field.dispatchEvent(new Event('input'))
  const more = field.closest('details')
  if (more) more.open = true
}

/** A page in a frame may not be allowed to store anything. */
function canStore() {
  try {
    return Boolean(sessionStorage)
  } catch {
    return false
  }
}

for (const field of document.querySelectorAll('[data-max]')) countCharacters(field)
for (const field of document.querySelectorAll('[data-smileys]')) addSmileys(field)
for (const form of document.querySelectorAll('form[data-puzzle]')) solveOnSubmit(form)
if (canStore()) {
  forgetAccepted()
  for (const form of document.querySelectorAll('#sign form')) keepDraft(form)
}
showLocalTimes(document)
if (new URLSearchParams(location.search).has('q')) {
  import('/found.js').then(({ markFound }) => markFound(document.querySelector('#entries'), '.entry')).catch(() => {})
}
const entries = document.querySelector('[data-news]')
if (entries) watchNews(entries)
