import { type CSSToken, tokenize } from '@csstools/css-tokenizer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeSheet } from '../../../src/core/looks/css/sheet'
import { CSS_MAX, cleanCss } from '../../../src/core/looks/custom-css'
import { anyText } from '../../support/arbitraries'
import { leaks } from './css-leaks'
import { HOSTILE } from './hostile-css'

function cleaned(css: string): string {
  const result = cleanCss(css)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

function faults(css: string): string[] {
  const result = cleanCss(css)
  return result.ok ? [] : result.error.map(({ line, message }) => `${line}: ${message}`)
}

describe('custom CSS', () => {
  it('is written again without white space and comments, in the scope of the page', () => {
    const css = `
      /* My colors */
      :root { --Gold: #FFD45C; --shade : rgb( 0 0 0 / 30% ) }
      body { background: repeating-linear-gradient( 45deg , var( --Gold ) 0 10px , #fff 0 ) ; }
      h1, .entry:nth-child( 2n + 1 ) > header::after { font: 700 1.50rem/1.2 "Comic Sans MS", cursive !important }
      @media (min-width: 30rem) and (prefers-color-scheme: dark) { a:hover { color: oklch(70% 0.1 200) } }
    `
    expect(cleaned(css)).toBe(
      [
        '.page{--Gold:#ffd45c;--shade:rgb(0 0 0 / 30%)}',
        '.page{background:repeating-linear-gradient(45deg,var(--Gold) 0 10px,#fff 0)}',
        '.page h1,.page .entry:nth-child(2n+1)>header::after{font:700 1.5rem / 1.2 "Comic Sans MS",cursive!important}',
        '@media (min-width:30rem) and (prefers-color-scheme:dark){.page a:hover{color:oklch(70% 0.1 200)}}',
      ].join('')
    )
  })

  it.each([
    ['body', '.page'],
    ['html > body.page', '.page'],
    [':root:hover', '.page:hover'],
    ['BODY .Entry', '.page .Entry'],
    ['.page::before', '.page::before'],
    ['a:before', '.page a::before'],
    ['* + p', '.page *+p'],
    ['::placeholder', '.page ::placeholder'],
    ['li:nth-of-type(ODD)', '.page li:nth-of-type(odd)'],
    ['li:nth-child(-n+3)', '.page li:nth-child(-n+3)'],
    ['.entry .page', '.page .entry .page'],
    ['#entries ~ footer', '.page #entries~footer'],
    ['.\\65ntry', '.page .entry'],
  ])('scopes the selector %s', (selector, expected) => {
    expect(cleaned(`${selector} { color: red }`)).toBe(`${expected}{color:red}`)
  })

  it.each([
    ['width: calc( (1px + 2px)*3 - var(--x, 5px) )', 'width:calc((1px + 2px) * 3 - var(--x,5px))'],
    ['margin: -.5em +0.00001px -0px 1e3px', 'margin:-0.5em 0px 0px 1000px'],
    ['content: "\\2605  <b>" counter(item) / ""', 'content:"★ \\3c b\\3e " counter(item) / ""'],
    ["quotes: '\"' '\\\\'", 'quotes:"\\22 " "\\5c "'],
    ['COLOR: ReD', 'color:ReD'],
    ['z-index: -1', 'z-index:-1'],
    ['position: Absolute', 'position:Absolute'],
    ['transform: translateX(5px) rotate(3DEG)', 'transform:translatex(5px) rotate(3deg)'],
  ])('keeps the declaration %s', (declaration, expected) => {
    expect(cleaned(`a{${declaration}}`)).toBe(`.page a{${expected}}`)
  })

  it.each([
    ['screen and (max-width:600px)', 'screen and (max-width:600px)'],
    ['(width <= 40rem), print', '(max-width:40rem),print'],
    ['(WIDTH>=40em)', '(min-width:40em)'],
    ['(prefers-reduced-motion: reduce)', '(prefers-reduced-motion:reduce)'],
  ])('keeps the media query %s', (query, expected) => {
    expect(cleaned(`@media ${query} { a { color: red } }`)).toBe(`@media ${expected}{.page a{color:red}}`)
  })

  it('drops rules without declarations', () => {
    expect(cleaned('')).toBe('')
    expect(cleaned(' a {} /* nothing */ @media print { b { ; } }')).toBe('')
  })

  it('tells the line of each fault, and what to do', () => {
    expect(faults('a {\r\n  behavior: x;\r\n  color: red;\n  position: fixed\n}\n\nb + { color: }')).toEqual([
      '2: Remove the property "behavior". It is not supported.',
      '4: Use position: static, relative, or absolute.',
      '7: Complete the selector in front of the {.',
      '7: Add a value after the colon.',
    ])
    expect(faults('a { color: red }\n@import "x.css";')).toEqual(['2: Remove "@import". It is not supported.'])
    expect(faults('a { top: 0 }\n b { color: \ud800 }')).toEqual(['2: Remove invisible characters and broken emoji.'])
    expect(faults('b { color: red')).toEqual(['1: Close the rule with }.'])
  })

  it('reports at most 20 faults', () => {
    expect(faults('a{x:y;'.concat('x:y;'.repeat(100), '}'))).toHaveLength(20)
  })

  it(`may have ${CSS_MAX} characters, as written and as a result`, () => {
    const rule = 'a{color:red}'
    const longest = rule + ' '.repeat(CSS_MAX - rule.length)
    expect(cleaned(longest)).toBe('.page a{color:red}')
    expect(faults(`${longest} `)).toHaveLength(1)
    expect(faults(`${'a,'.repeat(45)}b{color:red}`.repeat(150))).toEqual([expect.stringContaining('Shorten the CSS')])
  })

  it('may have 500 rules and 50 selectors in a rule', () => {
    expect(faults('a{top:0}'.repeat(500))).toEqual([])
    expect(faults('a{top:0}'.repeat(501))).toEqual(['1: Use at most 500 rules.'])
    expect(faults(`${'a,'.repeat(49)}a{top:0}`)).toEqual([])
    expect(faults(`${'a,'.repeat(50)}a{top:0}`)).toEqual(['1: Use at most 50 selectors in a rule.'])
  })
})

describe('a hostile sheet', () => {
  it('has many forms', () => {
    expect(new Set(HOSTILE.map(([css]) => css)).size).toBeGreaterThanOrEqual(60)
  })

  it.each(HOSTILE)('is harmless: %j', (css, expected) => {
    const result = cleanCss(css)
    expect(result.ok ? result.value : 'refused').toBe(expected)
    expect(result.ok ? leaks(result.value) : []).toEqual([])
  })
})

describe('the check of the result', () => {
  it.each([
    ['a{color:red}', 'a selector outside the page: a'],
    ['.page+a{color:red}', 'a selector outside the page: .page+a'],
    ['.page:hover~a b{color:red}', 'a selector outside the page: .page:hover~a b'],
    ['.pages{color:red}', 'a selector outside the page: .pages'],
    ['.page{background:URL(x)}', 'a forbidden function: url'],
    ['.page{content:attr(x)}', 'a forbidden function: attr'],
    ['@import "x";', 'an at-rule: @import'],
    ['.page{color:red', 'a block that is not closed'],
    ['.page{color:red}}', 'a brace that closes nothing'],
    ['.page{content:"a\nb"}', 'a string that is not closed'],
    ['.page{content:"</style>"}', 'a character of HTML'],
    ['.page{c\\6f lor:red}', 'an escape'],
    ['.page{position:fixed}', 'a forbidden position'],
  ])('finds what is wrong with %j', (css, leak) => {
    expect(leaks(css)).toContain(leak)
  })
})

const PIECES = [
  ...['a', '.page', 'body', '.x', '#y', ':hover', '::before', ':nth-child(', '2n', '+ 1', ':is(', '[x]', '*', '&', '|'],
  ...['>', '+', '~', ',', ' ', '\n', '/*', '*/', '{', '}', '(', ')', ';', ':', '!important', '"', "'", '\\', '\\\n'],
  ...['color', 'red', '--x', 'var(', 'url(', 'calc(', 'content', 'position', 'fixed', 'z-index', '9', '1px', '50%'],
  ...[
    '@media',
    '@import',
    '(min-width: 1px)',
    'screen',
    'and',
    '<',
    '<!--',
    '-->',
    '</style',
    '#fff',
    '\\75 rl(',
    '\0',
  ],
  ...[
    'U+26',
    '\u2603',
    '\ud800',
    '\u202e',
    '-',
    '--',
    '@',
    '%',
    '1e9',
    'a{color:red}',
    '@media print{',
    'a{content:"x"',
  ],
]
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(''))
const value = fc.constantFrom(
  'red',
  'var(--x, 1px)',
  '"\\3c/style>"',
  '1px +2px',
  '-.5em',
  '(1px)',
  'a/**/b',
  '/ /**/ *'
)
const selector = fc.constantFrom(
  'a',
  'body',
  'html a',
  '.x>b',
  'a:hover',
  '.page+a',
  '.page .page',
  ':root::after',
  'p,q'
)
const property = fc.constantFrom('color', '--x', 'content', 'width', 'font', 'Margin')
const declaration = fc.tuple(property, value, fc.constantFrom('', '!important')).map(([p, v, i]) => `${p}:${v} ${i};`)
const rule = fc.tuple(selector, fc.array(declaration, { maxLength: 4 })).map(([s, d]) => `${s}{${d.join('')}}`)
const sheet = fc
  .array(
    fc.oneof(
      rule,
      rule.map((r) => `@media (width>=1px){${r}}`)
    ),
    { maxLength: 6 }
  )
  .map((r) => r.join('\n'))

describe('any sheet', () => {
  it.each([
    ['a soup of tokens', soup],
    ['almost valid rules', sheet],
    ['any text', anyText],
  ])('never escapes the page, and its result is accepted unchanged: %s', (_, sheets) => {
    fc.assert(
      fc.property(sheets, (css) => {
        const result = cleanCss(css)
        expect(result.ok ? leaks(result.value) : []).toEqual([])
        if (!result.ok) return
        expect(cleanCss(result.value)).toEqual(result)
      }),
      { numRuns: 2_000 }
    )
  })

  it('is often accepted, so that the property above checks something', () => {
    const accepted = fc.sample(sheet, { numRuns: 300, seed: 1 }).filter((css) => cleanCss(css).ok && css !== '')
    expect(accepted.length).toBeGreaterThan(50)
  })

  it.each([
    'a{color:red}',
    '@media print{',
    '(',
    'a{b:c(((((',
    ':nth-child(1)',
    'a,',
    'a>',
    '{',
    '}',
    'x:y;',
    'a{--x:var(--x,',
    'a b ',
    '.page',
    '"x"',
    '!important ',
  ])('reads each token a limited number of times: %j repeated', (piece) => {
    const css = piece.repeat(Math.floor(CSS_MAX / piece.length))
    for (const text of [css, `a{${css}}`, `${css}{top:0}`, `a{top:${css}}`, `@media ${css}{}`]) {
      let reads = 0
      const get = (token: CSSToken, key: keyof CSSToken) => {
        reads += 1
        return token[key]
      }
      const tokens = tokenize({ css: text }).slice(0, -1)
      writeSheet(tokens.map((token) => new Proxy(token, { get: get as ProxyHandler<CSSToken>['get'] & typeof get })))
      expect(reads).toBeLessThan(60 * tokens.length + 200)
    }
  })
})
