// Colors and conveniences for code, on the pages that show much of it. Without it, the code is plain.

/* Colors are highlights of the browser: the page keeps its text, so it is copied and read aloud as it was. */
const PARTS = new RegExp(
  [
    String.raw`(?<comment>(?<=^|\s)(?:#(?=\s)|\/\/).*$)`,
    String.raw`(?<key>"[^"\\\n]*"(?=\s*:))`,
    // A string that is not closed ends with its line, so that no text is read again from each of its quotes.
    String.raw`(?<string>"(?:\\.|[^"\\\n])*\\?(?:"|$)|(?<!\w)'(?:\\.|[^'\\\n])*\\?(?:'|$)|\`[^\`]*\`)`,
    `(?<word>\\b(?:${[
      'async await begin catch class const def else except export final for from func function if import let new',
      'package public raise require require_relative rescue return static throw throws try unless var void while',
    ]
      .join(' ')
      .replaceAll(' ', '|')})\\b)`,
  ].join('|'),
  'gm'
)

/** In characters. Strangers send text, too: a browser needs long for many thousand marks. */
const COLORED_MAX = 20_000

/** Words are marked only in programs: elsewhere, "for" and "if" are English. */
function highlight(block, marks) {
  const isProgram = block.closest('.code-in, .snippets') !== null
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const node = texts.currentNode
    if (node.data.length > COLORED_MAX) continue
    for (const { 0: found, index, groups } of node.data.matchAll(PARTS)) {
      const kind = Object.keys(groups).find((name) => groups[name] !== undefined)
      if (kind === 'word' && !isProgram) continue
      const range = new StaticRange({
        startContainer: node,
        startOffset: index,
        endContainer: node,
        endOffset: index + found.length,
      })
      marks[kind].add(range)
    }
  }
}

if (globalThis.Highlight && CSS.highlights) {
  const marks = { comment: new Highlight(), key: new Highlight(), string: new Highlight(), word: new Highlight() }
  for (const block of document.querySelectorAll('main pre')) highlight(block, marks)
  for (const [kind, ranges] of Object.entries(marks)) CSS.highlights.set(`code-${kind}`, ranges)
}

/* The language that somebody has chosen is chosen on the other pages, too. */
const CHOSEN = 'code-language'

function remember(language) {
  try {
    localStorage.setItem(CHOSEN, language)
  } catch {
    // The browser keeps nothing for this site.
  }
}

function remembered() {
  try {
    return localStorage.getItem(CHOSEN)
  } catch {
    return null
  }
}

for (const input of document.querySelectorAll('.languages input')) {
  if (input.value === remembered()) input.checked = true
  input.addEventListener('change', () => remember(input.value))
}

for (const snippet of document.querySelectorAll('details[name="snippet"]')) {
  const language = snippet.querySelector('summary').textContent
  if (language === remembered()) snippet.open = true
  snippet.addEventListener('toggle', () => snippet.open && remember(language))
}
