// Marks what a search has found. The marks are highlights of the browser, so the text of the page stays as it is.

/* The guest's pages have no rule for it: their styles are as small as can be. */
const STYLE = '::highlight(found) { background: var(--wait-bg, Mark); color: var(--wait, MarkText) }'

const lower = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/**
 * Ignores case as the search does: only of the letters A to Z.
 * @param root the list @param selector the parts of it that were searched
 */
export function markFound(root, selector) {
  const q = lower(new URLSearchParams(location.search).get('q')?.trim() ?? '')
  if (!CSS.highlights || !root || q === '') return
  const ranges = []
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const { currentNode: node } = texts
    const text = lower(node.data)
    if (!node.parentElement.closest(selector)) continue
    for (let at = text.indexOf(q); at >= 0; at = text.indexOf(q, at + q.length)) {
      const range = new Range()
      range.setStart(node, at)
      range.setEnd(node, at + q.length)
      ranges.push(range)
    }
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  document.adoptedStyleSheets.push(sheet)
  CSS.highlights.set('found', new Highlight(...ranges))
}
