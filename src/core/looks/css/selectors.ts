import { type CSSToken, TokenType } from '@csstools/css-tokenizer'
import { ok, type Result } from '../../lib/result'
import { ELEMENTS, OLD_PSEUDO_ELEMENTS, PSEUDO_CLASSES, PSEUDO_ELEMENTS } from './allowed'
import { type Fault, fault, quoted } from './faults'
import { isDelim, isSpace, readName, splitAt, trimmed } from './tokens'

/*
 * Writes selectors that match the element `.page` or what is inside it (https://www.w3.org/TR/selectors-4/). The names
 * `html`, `body` and `:root` mean `.page`. Any other selector gets `.page` as an ancestor.
 */

type Combinator = '' | ' ' | '>' | '+' | '~'

/** A simple selector. `before` is what separates it from the previous one: nothing within a compound selector. */
interface Simple {
  kind: 'type' | 'other' | 'pseudo-element'
  css: string
  before: Combinator
  token: CSSToken
}

const SCOPE = '.page'
const ROOTS = ['html', 'body', ':root']
const SELECTORS_MAX = 50

/** @param tokens a list of selectors. @returns the list in scope, or the fault */
export function writeSelectors(tokens: CSSToken[]): Result<string, Fault> {
  const list = splitAt(tokens, TokenType.Comma)
  if (list.length > SELECTORS_MAX) return fault(tokens[0], `Use at most ${SELECTORS_MAX} selectors in a rule.`)
  const written: string[] = []
  for (const part of list) {
    const selector = readSelector(trimmed(part))
    if (!selector.ok) return selector
    const css = writeInScope(selector.value)
    if (!css.ok) return css
    written.push(css.value)
  }
  return ok(written.join(','))
}

const INCOMPLETE = 'Complete the selector in front of the {.'

function readSelector(tokens: CSSToken[]): Result<Simple[], Fault> {
  const parts: Simple[] = []
  let before: Combinator = ''
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i] as CSSToken
    const combinator = readCombinator(token)
    if (combinator === null) {
      const simple = readSimple(tokens, i)
      if (!simple.ok) return simple
      const misplaced = misplacement(simple.value, before, parts.at(-1))
      if (misplaced) return fault(token, misplaced)
      parts.push({ ...simple.value, before, token })
      before = ''
      i += simple.value.length
    } else {
      if (combinator !== ' ' && (parts.length === 0 || before.trim() !== ''))
        return fault(token, `Put a selector in front of ${quoted(combinator)}.`)
      if (before.trim() === '') before = combinator
      i += 1
    }
  }
  return parts.length === 0 || before !== '' ? fault(tokens.at(-1), INCOMPLETE) : ok(parts)
}

function readCombinator(token: CSSToken): Combinator | null {
  if (isSpace(token)) return ' '
  return (['>', '+', '~'] as const).find((char) => isDelim(token, char)) ?? null
}

function misplacement(simple: Read, before: Combinator, previous: Simple | undefined): string | null {
  if (previous?.kind === 'pseudo-element') return `Put nothing after ${quoted(previous.css)}.`
  const isWithin = previous !== undefined && before === ''
  return isWithin && simple.kind === 'type' ? `Put a space in front of ${quoted(simple.css)}.` : null
}

/** A simple selector as it was read, and how many tokens it has. */
type Read = Pick<Simple, 'kind' | 'css'> & { length: number }

function readSimple(tokens: CSSToken[], i: number): Result<Read, Fault> {
  const token = tokens[i] as CSSToken
  if (isDelim(token, '*')) return ok({ kind: 'type', css: '*', length: 1 })
  if (isDelim(token, '.')) return readNamed('.', tokens[i + 1], 2)
  if (token[0] === TokenType.Hash) return readNamed('#', token, 1)
  if (token[0] === TokenType.Colon) return readPseudo(tokens, i)
  if (token[0] !== TokenType.Ident) return fault(token, `Remove ${quoted(token[1])} from the selector.`)
  const css = token[4].value.toLowerCase()
  if (!ELEMENTS.has(css)) return fault(token, `Remove ${quoted(css)}. The guestbook has no such element.`)
  return ok({ kind: 'type', css, length: 1 })
}

/** A class or an id. */
function readNamed(sign: '.' | '#', token: CSSToken | undefined, length: number): Result<Read, Fault> {
  if (sign === '.' && token?.[0] !== TokenType.Ident) return fault(token, 'Add the name of the class after the dot.')
  const name = readName(token)
  if (!name.ok) return name
  return name.value.startsWith('--')
    ? fault(token, 'Start names with a letter.')
    : asRead(`${sign}${name.value}`, length)
}

function asRead(css: string, length: number): Result<Read, Fault> {
  return ok({ kind: 'other', css, length })
}

function readPseudo(tokens: CSSToken[], i: number): Result<Read, Fault> {
  const isDouble = tokens[i + 1]?.[0] === TokenType.Colon
  const token = tokens[isDouble ? i + 2 : i + 1]
  if (token?.[0] === TokenType.Function && !isDouble) return readNth(tokens, i + 1, token[4].value.toLowerCase())
  const name = token?.[0] === TokenType.Ident ? token[4].value.toLowerCase() : ''
  if ((isDouble ? PSEUDO_ELEMENTS : OLD_PSEUDO_ELEMENTS).has(name))
    return ok({ kind: 'pseudo-element', css: `::${name}`, length: isDouble ? 3 : 2 })
  if (!isDouble && (PSEUDO_CLASSES.has(name) || name === 'root')) return asRead(`:${name}`, 2)
  return fault(tokens[i], `Remove ":" and ${quoted(token?.[1] ?? '')}. This selector is not supported.`)
}

/** The microsyntax An+B (https://www.w3.org/TR/css-syntax-3/#anb-microsyntax), without white space. */
const NTH = /^(?:odd|even|[+-]?\d{0,4}n(?:[+-]\d{1,4})?|[+-]?\d{1,4})$/

/** Such as `2n + 1 )`, with spaces. */
const NTH_TOKENS_MAX = 12

function readNth(tokens: CSSToken[], i: number, name: string): Result<Read, Fault> {
  const token = tokens[i]
  if (!['nth-child', 'nth-last-child', 'nth-of-type', 'nth-last-of-type'].includes(name))
    return fault(token, `Remove the selector ${quoted(`:${name}()`)}. It is not supported.`)
  const inside = tokens.slice(i + 1, i + 1 + NTH_TOKENS_MAX)
  const length = inside.findIndex((other) => other[0] === TokenType.CloseParen)
  const formula = inside.slice(0, Math.max(length, 0)).map(nthPart).join('')
  if (!NTH.test(formula)) return fault(token, `Write ${quoted(name)} like this: ${name}(2n+1)`)
  return asRead(`:${name}(${formula})`, length + 3)
}

function nthPart(token: CSSToken): string {
  if (isSpace(token)) return ''
  if (token[0] === TokenType.Ident) return token[4].value.toLowerCase()
  if (token[0] === TokenType.Delim) return token[4].value
  if (token[0] !== TokenType.Number && token[0] !== TokenType.Dimension) return '?'
  const { signCharacter = '', value } = token[4]
  const unit = token[0] === TokenType.Dimension ? token[4].unit.toLowerCase() : ''
  return `${signCharacter}${Math.abs(value)}${unit}`
}

/** @returns the selector, which starts with `.page` */
function writeInScope(parts: Simple[]): Result<string, Fault> {
  const first = parts.findIndex((part) => !isScope(part) || part.before === '+' || part.before === '~')
  const inner = first < 0 ? [] : parts.slice(first)
  const outside = inner.find(({ css }) => ROOTS.includes(css))
  if (outside) return fault(outside.token, `Put ${quoted(outside.css)} only at the beginning of a selector.`)
  if (first === 0) return ok(`${SCOPE} ${written(inner)}`)
  const next = inner.find(({ before }) => before !== '')
  if (next?.before === '+' || next?.before === '~')
    return fault(next.token, 'Remove the selector. What is beside the page is not part of it.')
  return ok(`${SCOPE}${written(inner)}`)
}

function isScope({ css }: Simple): boolean {
  return css === SCOPE || ROOTS.includes(css)
}

function written(parts: Simple[]): string {
  return parts.map(({ before, css }) => `${before}${css}`).join('')
}
