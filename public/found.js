// Marks what a search has found. The marks are highlights of the browser, so the text of the page stays as it is.

/* The guest's pages have no rule for it: their styles are as small as can be. */
const STYLE = '::highlight(found) { background: var(--wait-bg, Mark); color: var(--wait, MarkText) }'

/** Ignores case and accents, as the search does. */
const fold = (text) =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u064b-\u065f]/g, '')
    .toLowerCase()

/** @param root the list @param selector the parts of it that were searched */
export function markFound(root, selector) {
  const q = fold(new URLSearchParams(location.search).get('q') ?? '')
    .replace(/\s+/g, ' ')
    .trim()
  if (!CSS.highlights || !root || q === '') return
  const ranges = [...root.querySelectorAll(selector)].flatMap((part) => rangesIn(part, q))
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  document.adoptedStyleSheets.push(sheet)
  CSS.highlights.set('found', new Highlight(...ranges))
}

/** @returns where a part says a text, which may have marks such as emphasis inside */
function rangesIn(part, q) {
  const { text, places } = readPart(part)
  const ranges = []
  for (let at = text.indexOf(q); at >= 0; at = text.indexOf(q, at + q.length)) {
    const range = new Range()
    range.setStart(places[at].node, places[at].start)
    range.setEnd(places[at + q.length - 1].node, places[at + q.length - 1].end)
    ranges.push(range)
  }
  return ranges
}

const BLOCKS = 'p, pre, blockquote, dt, dd, h3, h4, header, footer, li, td'

/** @returns the folded text of a part, and where each of its characters is */
function readPart(part) {
  const places = []
  let text = ''
  const add = (letters, place) => {
    for (const letter of letters.split('')) {
      // A run of white space is shown as one space.
      if (/\s/.test(letter) && text.endsWith(' ')) continue
      text += /\s/.test(letter) ? ' ' : letter
      places.push(place)
    }
  }
  let block = null
  const nodes = document.createTreeWalker(part, NodeFilter.SHOW_TEXT)
  while (nodes.nextNode()) {
    const { currentNode: node } = nodes
    const current = node.parentElement.closest(BLOCKS)
    if (current !== block || node.previousSibling?.nodeName === 'BR') add(' ', { node, start: 0, end: 0 })
    block = current
    let start = 0
    for (const character of node.data) {
      add(fold(character), { node, start, end: start + character.length })
      start += character.length
    }
  }
  return { text, places }
}
