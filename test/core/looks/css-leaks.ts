/*
 * Looks for what clean CSS must not contain. It reads characters, not tokens, and shares no code with the cleaner. It
 * expects the style of the cleaner: double quotes, no comments, and no escapes outside strings.
 */

const ALLOWED_FUNCTIONS = new RegExp(
  `^(?:${[
    'rgba?|hsla?|hwb|(?:ok)?lab|(?:ok)?lch|color|color-mix|light-dark|calc|min|max|clamp|abs|round|mod|rem|sign|var',
    '(?:repeating-)?(?:linear|radial|conic)-gradient|translate[xy]?|rotate|scale[xy]?|skew[xy]?|matrix',
    'blur|brightness|contrast|drop-shadow|grayscale|hue-rotate|invert|opacity|saturate|sepia|cubic-bezier|steps|linear',
    'minmax|repeat|fit-content|counters?|circle|ellipse|inset|polygon|nth-(?:last-)?(?:child|of-type)',
  ].join('|')})$`
)

/** @returns a description of each leak, without repetitions */
export function leaks(css: string): string[] {
  const { bare, isClosed } = withoutStrings(css)
  const found = [...structureLeaks(bare), ...functionLeaks(bare)]
  if (!isClosed) found.push('a string that is not closed')
  if (css.includes('<')) found.push('a character of HTML')
  if (bare.includes('\\')) found.push('an escape')
  if (bare.includes('/*')) found.push('a comment')
  if (/position:(?!static|relative|absolute)[^;}]*/i.test(bare.replace(/[\w-]+-position:/g, '')))
    found.push('a forbidden position')
  return [...new Set(found)]
}

/** Replaces each string with `""`. */
function withoutStrings(css: string): { bare: string; isClosed: boolean } {
  let bare = ''
  let isInside = false
  for (let i = 0; i < css.length; i++) {
    const char = css.charAt(i)
    if (isInside && char === '\\') i += 1
    else if (isInside && /[\n\r\f]/.test(char)) return { bare, isClosed: false }
    else if (char === '"') {
      isInside = !isInside
      bare += '"'
    } else if (!isInside) bare += char
  }
  return { bare, isClosed: !isInside && !bare.includes("'") }
}

function functionLeaks(bare: string): string[] {
  const names = [...bare.matchAll(/([\w-]+)\(/g)].map(([, name = '']) => name.toLowerCase())
  return names.filter((name) => !ALLOWED_FUNCTIONS.test(name)).map((name) => `a forbidden function: ${name}`)
}

function structureLeaks(bare: string): string[] {
  const found: string[] = []
  let depth = 0
  let parens = 0
  let start = 0
  for (let i = 0; i < bare.length; i++) {
    const char = bare.charAt(i)
    if (char === '(') parens += 1
    if (char === ')') parens -= 1
    if (parens < 0) found.push('a parenthesis that closes nothing')
    if (!'{}'.includes(char)) continue
    if (parens !== 0) found.push('a brace inside parentheses')
    if (char === '{') found.push(...preludeLeaks(bare.slice(start, i).trim(), depth))
    depth += char === '{' ? 1 : -1
    if (depth < 0) found.push('a brace that closes nothing')
    start = i + 1
  }
  if (depth > 0) found.push('a block that is not closed')
  if (bare.slice(start).trim() !== '') found.push(...preludeLeaks(bare.slice(start).trim(), 0))
  return found
}

function preludeLeaks(prelude: string, depth: number): string[] {
  if (prelude.startsWith('@media ')) return depth === 0 && !/[;@]/.test(prelude.slice(1)) ? [] : ['a nested media rule']
  if (prelude.includes('@')) return [`an at-rule: ${prelude.split(/[^@\w-]/)[0]}`]
  return prelude
    .split(',')
    .filter((selector) => !isInside(selector))
    .map((selector) => `a selector outside the page: ${selector}`)
}

/** The first compound selector contains `.page`, and no sibling of it is selected. */
function isInside(selector: string): boolean {
  const [, next = ''] = /^\.page(?![\w-])(?:[^\s>+~(]|\([^)]*\))*\s*([>+~]?)/.exec(selector) ?? [null, '+']
  return next !== '+' && next !== '~' && !/[&|[\]{};@]|:(?:is|where|has|not|host|root)/i.test(selector)
}
