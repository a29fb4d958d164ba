// The lists of entries without reloads. Without this script, each form leads to the page with the next entry.

import { markFound } from '/found.js'

/*
 * A decision is sent at once, so a tab that is closed loses nothing. Undo changes the status back, which is a change of
 * its own: receivers that heard of the entry hear that it was removed.
 */
const TOAST_MS = 10_000
const STATUS_OF = { publish: 'published', hold: 'held', hide: 'hidden', spam: 'spam' }
const WORDS = {
  published: 'published',
  held: 'moved to Waiting',
  hidden: 'hidden',
  spam: 'marked as spam',
  reply: 'Reply saved.',
}
const SKIPPED = 'Some entries are private, or were changed or deleted in the meantime. Reload the page to see them.'
/** What shows how many entries of all books wait. */
const MENU = ['.rail .menu', '.rail a[href="/admin/comments"]']
const BANNED = 'The guest is banned. New entries from the guest will be marked as spam.'

const list = document.querySelector('.queue')
/** Undefined in the list of all entries, where an entry stays after a decision. */
const { status } = list.dataset
const bulk = document.getElementById('bulk')
const toast = document.body.appendChild(document.createElement('div'))
toast.className = 'toast'
toast.setAttribute('role', 'status')

/** What can be undone on this page, the latest last. The server decides whether it is too late. */
const moves = []
/** Where each entry was that has left the list. */
const places = new Map()
/** What was sent last about each entry, by id. */
const sentAbout = new Map()
let sentForms = 0
let unanswered = 0

async function send(url, fields) {
  unanswered++
  return post(url, fields).finally(() => {
    unanswered--
  })
}

/** The server compares the status of an entry with that on the page, so what was sent about it before comes first. */
function sendInTurn(cards, task) {
  const earlier = cards.map(({ id }) => sentAbout.get(id))
  const sent = Promise.allSettled(earlier).then(task)
  for (const { id } of cards) sentAbout.set(id, sent)
  return sent
}

async function post(url, fields) {
  const body = new URLSearchParams(fields)
  // The token of the page would make a second form with the same content a repetition of the first.
  const token = document.querySelector('[name="once"]')?.value
  if (token) body.set('once', `${token}.${++sentForms}`)
  const init = { method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'error' }
  const response = await fetch(url, { ...init, keepalive: true }).catch(() => {
    throw new Error('The server could not be reached. Try again.')
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}. Try again.`)
  return answer
}

function decide(cards, form, button) {
  const to = STATUS_OF[button.value]
  const url = button.getAttribute('formaction') ?? form.getAttribute('action')
  const fields = new FormData(form, button)
  const move = { cards, to, action: button.value, isLeaving: Boolean(status && to), isBan: url.endsWith('/ban') }
  move.before = new Map(cards.map((card) => [card.id, fieldOf(card, 'was').value]))
  if (to) take(move)
  move.sent = sendInTurn(cards, () => send(url, fields))
  move.sent.then(
    ({ changed }) => settle(move, changed),
    (cause) => fail(move, cause.message)
  )
}

function textOf({ cards, action, to, isBan }) {
  if (to === undefined) return action === 'ban' ? BANNED : WORDS.reply
  const [card] = cards
  const what =
    cards.length === 1 ? `${card.querySelector('h3').textContent}: the entry was` : `${cards.length} entries were`
  return `${what} ${WORDS[to]}.${isBan ? ' The guest is banned.' : ''}`
}

/** Shows a decision before the server has answered. In the list of all entries, the cards stay. */
function take(move) {
  if (move.isLeaving) takeOff(move)
  else for (const card of move.cards) fieldOf(card, 'was').value = move.to
  moves.push(move)
  move.timer = setTimeout(() => {
    move.isQuiet = true
    show()
  }, TOAST_MS)
  show()
}

/** The next entry comes to the same place. */
function takeOff({ cards, to }) {
  const all = [...list.children]
  const left = all.filter((card) => !cards.includes(card))
  const at = all.indexOf(cards.at(-1))
  const next = all.slice(at + 1).find((card) => left.includes(card)) ?? left.at(-1)
  const hadFocus = cards.some((card) => card.contains(document.activeElement) || card.matches('.current'))
  for (const card of cards) {
    const place = document.createComment('')
    card.replaceWith(place)
    places.set(card, place)
  }
  count(status, -cards.length)
  count(to, cards.length)
  showNothingLeft(next === undefined)
  fitTexts()
  if (hadFocus && next) goTo(next)
  showSelected()
}

function putBack(move, cards = move.cards) {
  if (!move.isLeaving) {
    for (const card of cards) fieldOf(card, 'was').value = move.before.get(card.id)
    return
  }
  for (const card of cards) {
    places.get(card)?.replaceWith(card)
    places.delete(card)
  }
  count(status, cards.length)
  count(move.to, -cards.length)
  showNothingLeft(false)
  fitTexts()
  showSelected()
}

function forget(move) {
  clearTimeout(move.timer)
  if (moves.includes(move)) moves.splice(moves.indexOf(move), 1)
  show()
}

/** Entries that were edited in the meantime come back. */
function settle(move, changed) {
  if (!move.to) say(textOf(move))
  if (!move.isLeaving) void refresh(move.cards, move.sent)
  const skipped = move.to ? move.cards.filter(({ id }) => !changed.includes(id)) : []
  // What was undone is back already.
  if (skipped.length === 0 || move.isUndone) return
  move.cards = move.cards.filter((card) => !skipped.includes(card))
  putBack(move, skipped)
  if (move.cards.length === 0) forget(move)
  clearTimeout(move.timer)
  move.isQuiet = true
  const text = move.cards.length > 0 ? `${textOf(move)} ${SKIPPED}` : SKIPPED
  say(text, true)
  if (move === moves.at(-1)) toast.append(' ', undoButton())
}

function fail(move, message) {
  if (move.to && !move.isUndone) putBack(move)
  forget(move)
  say(`Not saved: ${message}`, true)
  if (move.isLeaving) goTo(move.cards[0])
  // What the page shows may be older than what the server has.
  else void refresh(move.cards, move.sent)
}

async function undo() {
  const move = moves.at(-1)
  if (!move) {
    return say('Nothing is left to undo on this page. Find earlier decisions under Published, Hidden or Spam.')
  }
  move.isUndone = true
  forget(move)
  putBack(move)
  goTo(move.cards[0])
  const { cards } = move
  const sent = sendInTurn(cards, () => sendBack(move))
  try {
    say(await sent)
  } catch (cause) {
    say(`Not undone: ${cause.message} Reload the page, or find the entry under All.`, true)
  }
  if (!move.isLeaving) await refresh(cards, sent)
}

/** Sends what undoes a decision. @returns what has been done */
async function sendBack({ sent, isBan }) {
  const { undo, changed, endsBan } = await sent
  if (!undo) throw new Error('nothing was changed, or SECRETS_KEY is wrong.')
  const { skipped } = await send('/admin/comments', { undo })
  if (skipped > 0) throw new Error('too late, because an entry was changed or deleted in the meantime.')
  if (isBan && !endsBan)
    return 'Undone: the entry is back. The ban stays, because it replaced an earlier one: see Bans.'
  return changed.length === 1 ? 'Undone: the entry is back.' : `Undone: ${changed.length} entries are back.`
}

function fieldOf(card, name) {
  return card.querySelector(`[name="${name}"]`)
}

/** Shows entries that stay in the list, and the numbers, as they are after what was sent. */
async function refresh(cards, sent) {
  const response = await fetch(location.href)
  if (!response.ok || response.redirected) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const card of cards) {
    const fresh = page.getElementById(card.id)
    // What was sent since may or may not be in the answer.
    if (sentAbout.get(card.id) !== sent) continue
    const hadFocus = card.contains(document.activeElement)
    if (fresh) card.replaceChildren(...fresh.childNodes)
    if (hadFocus) goTo(card)
  }
  showCounts(page)
  showSelected()
  fitTexts()
}

function show() {
  const move = moves.at(-1)
  if (!move || move.isQuiet) return toast.replaceChildren()
  toast.classList.remove('bad')
  toast.replaceChildren(textOf(move), ' ', undoButton())
  document.querySelector('main .toast')?.remove()
}

function undoButton() {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'link'
  button.textContent = 'Undo'
  button.addEventListener('click', (event) => !isRepeated(event) && undo())
  return button
}

/** A fault stays until the next message. */
function say(text, isBad = false) {
  toast.classList.toggle('bad', isBad)
  toast.replaceChildren(text)
  if (!isBad) setTimeout(() => toast.textContent === text && show(), TOAST_MS)
}

function count(name, change) {
  const shown = [...document.querySelectorAll(`[data-count="${name}"]`)]
  if (name === 'held') shown.push(...MENU.flatMap(numbersIn))
  for (const element of shown) {
    const now = Number(element.textContent.replaceAll(',', ''))
    // "99+" stays.
    if (!Number.isNaN(now))
      element.textContent = Math.max(now + change, 0)
        .toLocaleString('en')
        .replace(/^0$/, '')
  }
}

/** The menu has a number only if entries wait. */
function numbersIn(selector) {
  return [...document.querySelectorAll(selector)].map((link) => {
    const known = link.querySelector('.number')
    if (known) return known
    const number = document.createElement('b')
    number.className = 'number'
    number.title = 'waiting for your approval'
    link.append(' ', number)
    return number
  })
}

function showNothingLeft(isEmpty) {
  const text = document.querySelector('[data-nothing-left]')
  if (!text) return
  text.hidden = !isEmpty
  if (isEmpty) text.querySelector('a').focus()
}

/** The current entry has a frame, and the keys are about it. */
function setCurrent(card) {
  for (const before of list.querySelectorAll('.current')) {
    before.classList.remove('current')
    if (before !== card) before.querySelector('.unfold')?.removeAttribute('open')
  }
  card?.classList.add('current')
}

function goTo(card) {
  card.focus({ preventScroll: true })
  card.scrollIntoView({ block: 'nearest' })
}

list.addEventListener('focusin', ({ target }) => {
  setCurrent(target.closest('.entry'))
  // A text that unfolds under the mouse would move the button that is being pressed.
  const fold = target.matches('.entry:focus-visible') ? target.querySelector('.unfold:not([open])') : null
  if (fold) fold.open = true
})

/** A decision moves the next entry under the pointer. A double click or a held key must not decide about that one, too. */
const isRepeated = ({ detail, repeat }) => detail > 1 || repeat

addEventListener(
  'click',
  (event) => isRepeated(event) && event.target.closest('form[data-queue] button') && event.preventDefault(),
  true
)

addEventListener('submit', (event) => {
  const { target: form, submitter } = event
  if (!form.matches('[data-queue]') || !submitter || submitter.value === 'delete') return
  event.preventDefault()
  const selected = [...list.querySelectorAll('[name="ids"]:checked')].map((box) => box.closest('.entry'))
  const cards = form === bulk ? selected : [form.closest('.entry')]
  if (cards.length === 0) return
  decide(cards, form, submitter)
})

// An opened panel gets the focus, after the key that opened it.
list.addEventListener(
  'toggle',
  ({ target }) => {
    if (!target.matches('.panel[open]')) return
    target.querySelector('textarea, select')?.focus()
    target.scrollIntoView({ block: 'nearest' })
  },
  true
)

/** With a selection, the keys of the decisions are about what is selected, as the buttons above the list are. */
function bulkButtonFor({ key, target, ctrlKey, metaKey, altKey }) {
  const isBox = target.matches('[name="ids"]')
  if (
    document.querySelector('dialog[open]') ||
    ctrlKey ||
    metaKey ||
    altKey ||
    (!isBox && target.closest('input, textarea, select'))
  )
    return null
  const decision = list.querySelector(`form [name="action"][data-key="${CSS.escape(key)}"]`)?.value
  const isAny = boxes().some(({ checked }) => checked)
  return isAny && decision ? bulk?.querySelector(`button[value="${decision}"]`) : null
}

// Before dashboard.js, whose keys are about the current entry.
addEventListener(
  'keydown',
  (event) => {
    const button = bulkButtonFor(event)
    if (!button) return
    event.stopImmediatePropagation()
    button.click()
  },
  true
)

addEventListener('keydown', (event) => {
  const panel = event.target.closest('.panel[open]')
  if (panel && event.key === 'Escape') {
    panel.open = false
    goTo(panel.closest('.entry'))
  } else if (event.key === 'Escape') {
    for (const box of boxes()) box.checked = false
    showSelected()
  }
  if (event.target.matches('[name="reply"]') && event.key === 'Enter' && (event.ctrlKey || event.metaKey))
    panel?.querySelector('button').click()
  const isTyping = event.target.closest('input, textarea, select') !== null
  if (event.key !== 'u' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  if (!isRepeated(event)) void undo()
})

/** @returns how many pixels a text can grow before it meets the buttons of its card, in whole lines */
function roomOf(text) {
  const buttons = text.closest('.entry').querySelector('.acts')
  const free = buttons.getBoundingClientRect().top - text.getBoundingClientRect().bottom - GAP
  const line = Number.parseFloat(getComputedStyle(text).lineHeight)
  return Math.max(Math.floor(free / line), 0) * line
}

/** A card is as tall as the tallest of its row, so its text may have room for more lines. The server only guesses them. */
function fitTexts() {
  const texts = [...list.querySelectorAll('.folded:not(:has(> [open]))')]
  for (const text of texts) text.style.setProperty('--room', '0px')
  const rooms = texts.map(roomOf)
  for (const [i, text] of texts.entries()) text.style.setProperty('--room', `${rooms[i]}px`)
  // Reading and writing in turns would lay out the page for each of them.
  const areWhole = texts.map(isWhole)
  for (const [i, text] of texts.entries()) {
    text.querySelector('.unfold').hidden = areWhole[i]
    text.classList.toggle('cut', !areWhole[i])
  }
}

const isWhole = (text) => [...text.children].every(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight + 2)

const GAP = 6
let width = list.clientWidth
fitTexts()
// A phone that hides its address bar changes only the height.
addEventListener('resize', () => {
  if (list.clientWidth !== width) requestAnimationFrame(fitTexts)
  width = list.clientWidth
})

function boxes() {
  return [...list.querySelectorAll('[name="ids"]')]
}

function showSelected() {
  const selected = boxes().filter(({ checked }) => checked).length
  const text = bulk?.querySelector('[data-selected]')
  if (text) text.textContent = `${selected} selected:`
  // Not `disabled`: the button that has just been pressed keeps the focus.
  for (const button of bulk?.querySelectorAll('button') ?? []) button.ariaDisabled = String(selected === 0)
}

bulk?.querySelector('[data-select]')?.addEventListener('click', (event) => {
  event.preventDefault()
  const isAll = boxes().every(({ checked }) => checked)
  for (const box of boxes()) box.checked = !isAll
  showSelected()
})

list.addEventListener('change', showSelected)
// The browser may check the boxes again that were checked before.
addEventListener('pageshow', showSelected)
showSelected()
if (!location.hash) setCurrent(list.firstElementChild)

/*
 * A queue that stays open says how many entries have come since. An edited entry is not counted again. The list itself
 * stays as it is, with the place of the owner in it. Each look reads as many rows as the page, so it is rarer than that
 * of dashboard.js, and ends after hours.
 */
const NEWS_EVERY_MS = 20_000
const MAX_CHECKS = 360

function newestIn(page) {
  const ids = [...page.querySelectorAll('.queue .entry')].map(({ id }) => id)
  return ids.toSorted().at(-1) ?? ''
}

function watchQueue() {
  const address = new URL('/admin/comments?status=held', location)
  const query = new URLSearchParams(location.search)
  if (query.has('book')) address.searchParams.set('book', query.get('book'))
  const news = document.body.appendChild(document.createElement('p'))
  news.className = 'news'
  news.role = 'status'
  // Other pages of the list do not have the newest entries, nor does the first one if it begins with the oldest.
  const isCut = query.get('order') === 'oldest' && document.querySelector('a[rel="next"]') !== null
  const known = { newest: query.has('cursor') || isCut ? undefined : newestIn(document) }
  let checks = 0
  const timer = setInterval(async () => {
    if (document.hidden) return
    checks += 1
    if (checks >= MAX_CHECKS) clearInterval(timer)
    // Ignore failures: the next check tries again.
    await checkNews(address, known, news).catch(() => undefined)
  }, NEWS_EVERY_MS)
}

async function checkNews(address, known, news) {
  const sentBefore = sentForms
  const response = await fetch(address)
  if (!response.ok || response.redirected) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  // What is being sent may or may not be in the answer.
  if (sentForms !== sentBefore || unanswered > 0) return
  known.newest ??= newestIn(page)
  const fresh = [...page.querySelectorAll('.queue .entry')].filter(({ id }) => id > known.newest)
  const isCut = fresh.length > 1 && page.querySelectorAll('.queue .entry').length === fresh.length
  showNews(news, fresh.length, address, isCut && page.querySelector('a[rel="next"]') !== null)
  showCounts(page)
}

/** Shows how many entries there are, as another page does. */
function showCounts(page) {
  for (const numbers of ['[data-count]', ...MENU]) showAsIn(page, numbers)
}

function showAsIn(page, selector) {
  const now = page.querySelectorAll(selector)
  for (const [i, element] of document.querySelectorAll(selector).entries())
    if (now[i] && now[i].textContent !== element.textContent) element.replaceChildren(...now[i].childNodes)
}

/** @param isMore whether there are more than the page shows */
function showNews(news, fresh, address, isMore) {
  const text = fresh === 1 ? '1 new entry waits. ' : `${fresh}${isMore ? ' or more' : ''} new entries wait. `
  if (fresh === 0) return news.replaceChildren()
  if (news.firstChild?.textContent === text) return
  const link = document.createElement('a')
  link.href = address
  link.textContent = fresh === 1 ? 'Show it' : 'Show them'
  news.replaceChildren(text, link)
}

// The page marks names itself, but entries look as they do in their book.
markFound(list, '.seen')

if (status === 'held' && !new URLSearchParams(location.search).get('q')) watchQueue()
