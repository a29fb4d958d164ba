// Conveniences of the documentation. Every page can be read without this script.

/* Calls of the API were once all on /docs. Links to them lead to the page of their subject. */
function goToSubject() {
  const [, subject] = /^#tag\/([\w-]+)/.exec(location.hash) ?? []
  if (location.pathname === '/docs' && subject) location.replace(`/docs/api/${subject}${location.hash}`)
}

addEventListener('hashchange', goToSubject)
goToSubject()

/* Examples name a host of nobody. Here they name this guestbook, so that they can be copied and run. */
const ANY_HOST = 'guestbook.example.com'

function nameThisHost(block) {
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const { data } = texts.currentNode
    texts.currentNode.data = data.replaceAll(`https://${ANY_HOST}`, location.origin).replaceAll(ANY_HOST, location.host)
  }
}

for (const block of document.querySelectorAll('main pre, main code')) nameThisHost(block)

function addCopyButton(block) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'copy'
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.textContent)
    button.textContent = 'copied'
    setTimeout(() => {
      button.textContent = 'copy'
    }, 1_500)
  })
  const frame = document.createElement('div')
  frame.className = 'code'
  block.replaceWith(frame)
  frame.append(block, button)
}

if (navigator.clipboard) for (const block of document.querySelectorAll('main pre')) addCopyButton(block)
import('/code.js').catch(() => {})

/* The list of parts marks the one that is being read: the last one that starts above a third of the window. */
const parts = [...document.querySelectorAll('.parts a')].flatMap((link) => {
  const target = document.getElementById(decodeURI(link.hash.slice(1)))
  return target ? [{ link, target }] : []
})

/** Shows a link in the list of pages, which scrolls on its own. */
function showInList(link) {
  const list = link.closest('nav')
  const [from, to] = [link.offsetTop, link.offsetTop + link.offsetHeight]
  if (from < list.scrollTop || to > list.scrollTop + list.clientHeight) list.scrollTop = from - list.clientHeight / 3
}

const current = document.querySelector('#pages [aria-current]')
if (current) showInList(current)

function markPart() {
  const line = innerHeight / 3
  const read = parts.findLast(({ target }) => target.getBoundingClientRect().top <= line)
  for (const part of parts) part.link.toggleAttribute('data-read', part === read)
  if (read) showInList(read.link)
}

if (parts.length > 1) {
  let isWaiting = false
  addEventListener(
    'scroll',
    () => {
      if (isWaiting) return
      isWaiting = true
      requestAnimationFrame(() => {
        isWaiting = false
        markPart()
      })
    },
    { passive: true }
  )
  markPart()
}

/* The search loads its index when it is first used. */
const MOST = 20
const AROUND = 60
const LONG = 3 * AROUND
let loaded

function loadIndex() {
  loaded ??= fetch('/docs/search.json')
    .then((response) => response.json())
    .catch((cause) => {
      // The next letter tries again.
      loaded = undefined
      throw cause
    })
  return loaded
}

const WORD = /[\p{L}\p{N}_]+/gu

/** They say nothing about a subject. */
const COMMON = new Set(
  'a an and are can do does for how i in is it me my of on or s that the this to what when with'.split(' ')
)

/** @returns the words to find, in small letters; the common ones only if there are no others */
function wordsOf(text) {
  const words = text.toLowerCase().match(WORD) ?? []
  const telling = words.filter((word) => !COMMON.has(word))
  return [...new Set(telling.length > 0 ? telling : words)]
}

/** Both begin with the stem of a word: "rotating" also finds "rotate", and "mismatch" also "match". */
const stemOf = (word) =>
  word.length > 4
    ? word.replace(/(ies|ing|ed|es|[sey])$/, '').replace(/^mis(?=.{5})/, '(?:mis)?')
    : word.replace(/(?<=[^s])s$/, '')

const patternOf = (word) => new RegExp(`(?<![\\p{L}\\p{N}])${stemOf(word)}[\\p{L}\\p{N}]*`, 'giu')

/** Finds the word itself, in any of its forms: for "secret" also "secrets", but not "SECRETS_KEY". */
const wholeOf = (word) =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${stemOf(word)}(?:ing|ied|ed|ies|es|[sey])?(?![\\p{L}\\p{N}_])`, 'iu')

/** @returns how many letters differ between two words: an exchange of neighbors counts once (optimal string alignment) */
function distanceOf(one, other) {
  let [before, above] = [[], Array.from({ length: other.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isExchange = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (isSame ? 0 : 1))
      if (isExchange) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    ;[before, above] = [above, row]
  }
  return above[other.length]
}

/** How often the documentation has each word. */
let counted

function countWords(index) {
  if (counted) return counted
  counted = new Map()
  for (const part of index)
    for (const word of part.slice(1).join(' ').toLowerCase().match(WORD) ?? [])
      counted.set(word, (counted.get(word) ?? 0) + 1)
  return counted
}

/** @returns the word itself if the documentation has it, or nothing similar; or else the most similar word */
function correct(word, index) {
  const pattern = patternOf(word)
  if (word.length < 4 || index.some((part) => part.slice(1).some((text) => text.search(pattern) >= 0))) return word
  const most = word.length < 8 ? 1 : 2
  const near = [...countWords(index)].filter(([other]) => Math.abs(other.length - word.length) <= most)
  const rated = near.map(([other, count]) => ({ other, count, far: distanceOf(word, other) }))
  const best = rated.filter(({ far }) => far <= most).sort((a, b) => a.far - b.far || b.count - a.count)[0]
  return best?.other ?? word
}

/** How often a word is in a text, up to a limit: a part that is about something says it several times. */
const countOf = (text, pattern, most) => Math.min(text.match(pattern)?.length ?? 0, most)

/**
 * Any word is enough, but each further word counts more than all places: what contains all words comes first. Of these,
 * a heading counts more than the title of its page, that more than a text, and a whole word more than a part of one.
 * In a text, words that stand together count more than many of one.
 */
function rate([, page, title, text], words) {
  let [sum, count] = [0, 0]
  for (const { pattern, whole } of words) {
    const inTitles = 60 * countOf(title, pattern, 1) + 40 * countOf(title, whole, 1) + 20 * countOf(page, pattern, 1)
    const points = inTitles + countOf(text, pattern, 6)
    if (points === 0) continue
    sum += 1_000 + points
    count += 1
  }
  const patterns = words.map(({ pattern }) => pattern)
  return count > 1 ? sum + 8 * bestPlace(text, patterns).words.length : sum
}

/**
 * @param known what is shown above the excerpt: other words say more
 * @returns where the most different words stand close together: the start of the first and the end of the last
 */
function bestPlace(text, patterns, known = '') {
  const found = patterns.flatMap((pattern) => {
    const weight = known.search(pattern) < 0 ? 3 : 2
    return [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
      pattern,
      weight,
      from: index,
      to: index + word.length,
    }))
  })
  found.sort((a, b) => a.from - b.from)
  // A window moves over them, so that each is looked at twice, however many a letter finds.
  const counts = new Map()
  let [end, weight] = [0, 0]
  const count = (one, by) => {
    const before = counts.get(one.pattern) ?? 0
    counts.set(one.pattern, before + by)
    if (Math.min(before, before + by) === 0) weight += by * one.weight
  }
  let best = { start: 0, end: 0, weight: 0 }
  for (const [start, first] of found.entries()) {
    for (; end < found.length && found[end].to <= first.from + LONG; end++) count(found[end], 1)
    if (weight > best.weight) best = { start, end, weight }
    count(first, -1)
  }
  const near = found.slice(best.start, best.end)
  const words = patterns.flatMap((pattern) => near.find((one) => one.pattern === pattern) ?? [])
  return { from: near[0]?.from ?? 0, to: Math.max(0, ...words.map(({ to }) => to)), words }
}

/** Begins and ends with whole words, and says where something was left out. */
function excerptOf(text, patterns, title) {
  const { from, to } = bestPlace(text, patterns, title)
  const before = Math.max(from - Math.min(AROUND, LONG - (to - from)), 0)
  const start = before === 0 ? 0 : Math.min(text.indexOf(' ', before - 1) + 1, from)
  const rest = text.slice(start, Math.max(start + LONG, to))
  const isAll = start + rest.length >= text.length
  const shown = isAll ? rest : rest.slice(0, Math.max(rest.lastIndexOf(' '), to - start)).replace(/[.,:;]$/, '')
  return `${start > 0 ? '… ' : ''}${shown}${isAll ? '' : ' …'}`
}

/** @returns the text in nodes, with the words that were found marked */
function marked(text, patterns) {
  const nodes = []
  let end = 0
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)])
  for (const match of found.sort((a, b) => a.index - b.index)) {
    if (match.index < end) continue
    const mark = Object.assign(document.createElement('mark'), { textContent: match[0] })
    nodes.push(text.slice(end, match.index), mark)
    end = match.index + match[0].length
  }
  return [...nodes, text.slice(end)]
}

function showResult([href, page, title, text], patterns) {
  const item = document.createElement('li')
  const link = Object.assign(document.createElement('a'), { href })
  const about = Object.assign(document.createElement('p'), { className: 'small' })
  link.append(...marked(title, patterns))
  about.append(...marked(`${page}: ${excerptOf(text, patterns, title)}`, patterns))
  item.append(link, about)
  return item
}

async function search(field, results, found) {
  const asked = field.value
  const typed = wordsOf(asked)
  const index = typed.length > 0 ? await loadIndex() : []
  // More was typed while the index was loaded.
  if (field.value !== asked) return
  const words = typed.map((word) => correct(word, index))
  const patterns = words.map(patternOf)
  const rules = words.map((word) => ({ pattern: patternOf(word), whole: wholeOf(word) }))
  const rated = index.map((part) => ({ part, points: rate(part, rules) })).filter(({ points }) => points > 0)
  rated.sort((a, b) => b.points - a.points)
  results.replaceChildren(...rated.slice(0, MOST).map(({ part }) => showResult(part, patterns)))
  found.textContent = summaryOf(rated.length, words, typed)
  if (!field.closest('dialog')) keepAddress(asked)
}

/** The search can be sent to somebody, and a way back from a result leads to it. Some browsers limit such changes. */
function keepAddress(asked) {
  try {
    history.replaceState(null, '', asked ? `?${new URLSearchParams({ q: asked })}` : location.pathname)
  } catch {
    // The next letter tries again.
  }
}

function summaryOf(count, words, typed) {
  if (words.length === 0) return ''
  if (count === 0) return 'Nothing found. Try fewer or shorter words.'
  const instead = words.join(' ') === typed.join(' ') ? '' : ` for “${words.join(' ')}”`
  return count > MOST ? `${count} results${instead}. The best ${MOST}:` : `Results${instead}: ${count}`
}

/** Enter opens the best result. The arrow keys go from the field to the results and back. */
function goToResult(event, field, results) {
  if (event.key === 'Enter' && event.target === field && !event.isComposing) results.querySelector('a')?.click()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const stops = [field, ...results.querySelectorAll('a')]
  const next = step && stops[stops.indexOf(event.target) + step]
  if (!next || !stops.includes(event.target)) return
  event.preventDefault()
  next.focus()
}

/** Makes a field search what is typed into it. @param box contains it and its results */
function addSearch(box) {
  const [field, found, results] = ['#search', '#found', '#results'].map((id) => box.querySelector(id))
  field.addEventListener('focus', () => loadIndex().catch(() => {}), { once: true })
  field.addEventListener('input', () =>
    search(field, results, found).catch(() => {
      found.textContent = 'The search could not be loaded. Check your connection, then type again.'
    })
  )
  box.addEventListener('keydown', (event) => goToResult(event, field, results))
  return field
}

const DIALOG = `<div class="asked"><input id="search" type="search" autocomplete="off" aria-describedby="found"
  placeholder="Search the documentation" aria-label="Search the documentation"/>
  <button type="button" class="link">Close</button></div>
  <search class="search"><p id="found" class="small" role="status"></p><ol id="results"></ol></search>`

/** The search on any other page. It is there at once, so that nothing is lost of what is typed after its key. */
function makeDialog() {
  const dialog = Object.assign(document.createElement('dialog'), { className: 'palette', innerHTML: DIALOG })
  dialog.ariaLabel = 'Search the documentation'
  dialog.querySelector('button').addEventListener('click', () => dialog.close())
  dialog.addEventListener('click', ({ target, ctrlKey, metaKey, shiftKey }) => {
    // A result can be on this page. What hits the dialog itself, and nothing in it, is the backdrop.
    const isLeft = target.closest('a') && !ctrlKey && !metaKey && !shiftKey
    if (target === dialog || isLeft) dialog.close()
  })
  // Some browsers empty a field first.
  dialog.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.preventDefault()
    dialog.close()
  })
  document.body.append(dialog)
  addSearch(dialog)
  return dialog
}

const box = document.querySelector('main .search')
let dialog

function openSearch() {
  if (box) return box.querySelector('input').focus()
  dialog ??= makeDialog()
  if (!dialog.open) dialog.showModal()
  dialog.querySelector('input').select()
}

addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.closest('input, textarea')) return
  event.preventDefault()
  openSearch()
})
if (box) {
  box.hidden = false
  const field = addSearch(box)
  if (location.hash === '#search') field.focus()
  const asked = new URLSearchParams(location.search).get('q')
  if (asked) {
    field.value = asked
    field.dispatchEvent(new Event('input'))
  }
}
