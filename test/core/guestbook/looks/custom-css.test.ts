import { describe, expect, it } from 'vitest'
import { CSS_MAX, judgeSheet, scoped } from '../../../../src/guestbook/rules/looks/custom-css'

/* What the check of custom CSS accepts. test/e2e/browser/custom-css.spec.ts shows what accepted sheets can do. */

const lineOf = (css: string) => {
  const judged = judgeSheet(css)
  return judged.ok ? 'accepted' : judged.error.slice(0, judged.error.indexOf(':'))
}

describe('custom CSS', () => {
  it('is kept as it was typed, except for the ends of lines', () => {
    const css = '/* My } colors */\r\n:is(h1, h2) { color : RED }\r\n.entry::after { content: "url( } \\" \\\r\n" }\f'
    expect(judgeSheet(css)).toEqual({ ok: true, value: css.replaceAll('\r\n', '\n').replace('\f', '\n') })
    expect(judgeSheet('')).toEqual({ ok: true, value: '' })
  })

  it.each([
    '.page { --gold: #ffd45c; background: linear-gradient(45deg, var(--gold) 0 10px, #fff 0) }',
    '.entry:nth-child(2n+1) > header { font: 700 1.5rem/1.2 "Comic Sans MS", cursive !important }',
    '@media (width < 40rem) { .entry { & > header:hover { inset: 0 } } }',
    '@SUPPORTS (color: oklch(1 1 1)) { a { color: oklch(70% 0.1 200) } } @container (width > 1px) { a { top: 0 } }',
    'input[type="text"]:not([value~=x]) { color: red } .body, #html, .a-body { top: 0 }',
    `a::after { content: '' "/*" '*/' "\\"" '\\27' "@import" "<!--" }`,
    '/**/ a { color: re/* " */d; --url: url /**/ (x) } /* \\ */',
    'a { position: fixed; z-index: 2147483647 }',
    '.a { grid-area: body } label[for=body] { top: 0 }',
    `a{color:red}${' '.repeat(CSS_MAX - 12)}`,
  ])('may say %j', (css) => expect(judgeSheet(css)).toEqual({ ok: true, value: css }))

  it.each([
    'a{color:red}\n}',
    'a{color:rgb(1,2,3\n}b{color:red}',
    'a{color:(red\n])}',
    'a{color:red\n',
    `a{b:${'('.repeat(19)}\n(x)${')'.repeat(19)}}`,
  ])('has brackets that match, in pairs: %j', (css) => expect(lineOf(css)).toBe('Line 2'))

  it.each([
    ['a comment without an end', 'a{}\n/*/'],
    ['a string without an end', 'a{b:\n"\\"}'],
    ['a string that goes on in the next line', "a{b:\n'x\n'}"],
    ['a backslash that hides a name', 'a{b:\n\\75rl(x)}'],
    ['a backslash that hides a bracket', 'a{b:red;\n\\}'],
    ['a comment of HTML, which hides the start of a name', 'a{b:\n<!--url(/*)}}html{top:0}/* */)}'],
    ['an import', '\n@import "//evil.example/x.css";'],
    ['a character set', '\n@charset "utf-16";'],
    ['a font', '\n@font-face{font-family:x;src:local(x)}'],
    ['an animation', '\n@keyframes x{from{top:0}}'],
    ['a property for everywhere', '\n@property --ink{syntax:"*";inherits:false}'],
    ['a scope of its own', '\n@scope (html){a{top:0}}'],
    ['a name that starts like a rule', '\n@media-x{a{top:0}}'],
    ['a URL', 'a{b:\nURL(x)}'],
    ['a URL after a sign', 'a{b:1px\n+url(/*)}/*)}'],
    ['a URL in a string', 'a{b:\nurl("x")}'],
    ['a set of images', 'a{b:\nimage-set("x" 1x)}'],
    ['a set of images with a prefix', 'a{b:\n-webkit-image-set("x" 1x)}'],
    ['a URL in a variable', 'a{--b:\nsrc("x")}'],
    ['the body', '\nbody{top:0}'],
    ['the root', 'a,\nb :ROOT{top:0}'],
    ['the document', 'a{} b{}\nhtml>a{top:0}'],
    ['a field whose size shows its text', 'textarea{\nfield-sizing:content}'],
    ['half an emoji', '\na{b:"\ud83d"}'],
    ['a control character', '\na{b:"\0"}'],
    ['a mark that turns text around', '\n/* \u202e */'],
  ])('refuses %s, and names the line', (_, css) => expect(lineOf(css)).toBe('Line 2'))

  it('stands in the scope of the page', () => {
    expect(scoped('a{top:0}')).toMatch(/^@scope \(\.page\)\{.*\{a\{top:0\}\n\}\}$/)
  })
})
