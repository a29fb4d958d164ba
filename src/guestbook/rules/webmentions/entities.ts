/*
 * HTMLRewriter returns text and attributes as they are in the source, so character references are decoded here. The
 * names are those of HTML 4, which is what people and programs write; other names stay as they are.
 */

/** The names of the characters from U+00A0 to U+00BF, in this order. */
const SIGNS = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute
  micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest`
const FIRST_SIGN = 0xa0

/** The names of other characters, and the characters in the same order. */
const OTHERS =
  'amp lt gt quot apos hellip mdash ndash lsquo rsquo sbquo ldquo rdquo bdquo lsaquo rsaquo bull euro trade larr rarr ' +
  'hearts thinsp ensp emsp zwj zwnj AElig ETH times Oslash THORN szlig aelig eth divide oslash thorn'
const CHARACTERS = '&<>"\'…—–‘’‚“”„‹›•€™←→♥\u2009\u2002\u2003\u200D\u200CÆÐ×ØÞßæð÷øþ'

const NAMED: Record<string, string> = {
  ...Object.fromEntries(SIGNS.split(/\s+/).map((name, i) => [name, String.fromCodePoint(FIRST_SIGN + i)])),
  ...Object.fromEntries(OTHERS.split(' ').map((name, i) => [name, CHARACTERS.charAt(i)])),
}

/** `eacute` is a letter with a mark, and Unicode has a character for both. */
const ACCENTED = /^([a-z])(grave|acute|circ|tilde|uml|ring|cedil)$/i
const MARKS: Record<string, string> = {
  grave: '\u0300',
  acute: '\u0301',
  circ: '\u0302',
  tilde: '\u0303',
  uml: '\u0308',
  ring: '\u030A',
  cedil: '\u0327',
}

/** @returns undefined if there is no such name */
function named(name: string): string | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  const [, letter = '', mark = ''] = ACCENTED.exec(name) ?? []
  const accented = (letter + MARKS[mark]).normalize('NFC')
  return accented.length === 1 ? accented : undefined
}

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,7}));/gi
const LAST_CODE_POINT = 0x10ffff

/** @returns the text with its character references replaced. References that are not known or not valid are kept */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (reference, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named(name) ?? reference
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return code > LAST_CODE_POINT ? reference : String.fromCodePoint(code)
  })
}
