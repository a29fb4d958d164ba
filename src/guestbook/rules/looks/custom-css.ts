import { err, ok, type Result } from '../../../kit/lib/result'

/*
 * A book's own CSS. Guests get it as the owner typed it, in a file of its own, inside `@scope`. A leaked token or a
 * copied snippet must not be able to track guests or to change other pages, so a sheet is refused
 *
 * - if it could leave the scope: every bracket needs its partner, and a backslash could hide a name or a bracket;
 * - if it names a file. The policy of the page (kit/http/security-headers.ts) blocks other hosts anyway;
 * - if it defines a font, an animation or a property, because these are valid outside the scope, too.
 */

/** In code points. The schemas of a book check it. */
export const CSS_MAX = 20_000
const DEPTH_MAX = 20

/** Characters that no sheet needs: controls, halves of characters, and those that reverse the order of text. */
const FORBIDDEN = /[[\p{Cc}--[\t\n]]\p{Cs}\u202A-\u202E\u2066-\u2069]/v

/** Whole comments and strings come first, so that nothing inside them counts. The rest of the list is what does. */
const PARTS = new RegExp(
  [
    String.raw`/\*[^]*?\*/|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'`,
    String.raw`/\*|["'\\]|<!--|@[\w-]*|:root|(?<![\w.#=-])(?:html|body)(?![\w-])(?=[^;{}]{0,200}\{)|field-sizing|(?<![\w-])[\w-]+\(|[(){}[\]]`,
  ].join('|'),
  'gi'
)

const FAULTS: [RegExp, string][] = [
  [/^(?:\/\*|["'])$/, 'Close the comment or the string.'],
  [/^\\$/, 'Use \\ only in strings.'],
  [/^<!--$/, 'Write comments like this: /* comment */'],
  [/^@(?!(?:media|supports|container)$)/i, 'Use no at-rules except @media, @supports and @container.'],
  [
    /^(?:-\w+-)?(?:url|src|image|image-set|cross-fade)\($/i,
    'Remove url(). Custom CSS cannot load files. Use gradients.',
  ],
  // A field that grows with its text would show, by the height of a frame, what a guest types.
  [/^field-sizing$/i, 'Remove field-sizing.'],
  [/^(?::root|html|body)$/i, 'Write .page instead of html, body or :root.'],
]

const CLOSERS: Record<string, string> = { '{': '}', '(': ')', '[': ']' }

/** @returns the sheet, with `\n` at the ends of its lines; or its first fault, in a sentence that names the line */
export function judgeSheet(text: string): Result<string, string> {
  const css = text.replace(/\r\n?|\f/g, '\n')
  const hidden = css.search(FORBIDDEN)
  if (hidden >= 0) return err(located(css, hidden, 'Remove invisible characters and broken emoji.'))
  const open: string[] = []
  for (const { 0: part, index } of css.matchAll(PARTS)) {
    const fault = FAULTS.find(([pattern]) => pattern.test(part))?.[1] ?? pairFault(part, open)
    if (fault !== null) return err(located(css, index, fault))
  }
  return open.length === 0 ? ok(css) : err(located(css, css.length, `Add the missing ${open.toReversed().join(' ')}.`))
}

function located(css: string, index: number, fault: string): string {
  return `Line ${css.slice(0, index).split('\n').length}: ${fault}`
}

/** @param open what closes the brackets that are open, the innermost last */
function pairFault(part: string, open: string[]): string | null {
  const closer = CLOSERS[part.at(-1) ?? '']
  if (closer !== undefined) return open.push(closer) > DEPTH_MAX ? 'Nest the brackets less deeply.' : null
  return '}])'.includes(part) && open.pop() !== part ? `Remove the ${part}, or add the bracket that opens it.` : null
}

/** `:is(:scope, body)` makes each selector as strong as one that starts with `.page`, and matches `.page`, too. */
export const scoped = (css: string): string => `@scope (.page){:is(:scope,body){${css}\n}}`
