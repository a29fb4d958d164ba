/*
 * HTMLRewriter returns text and attributes as they are in the source, so character references are decoded here. The
 * names are those of HTML 4, which is what people and programs write; other names stay as they are.
 */

/** The names of the characters from U+00A0 to U+00FF, in this order. */
const LATIN = `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute
  micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil
  Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute
  Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute
  icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`
const FIRST_LATIN = 0xa0

/** The names of other characters, and the characters in the same order. */
const OTHERS =
  'amp lt gt quot apos hellip mdash ndash lsquo rsquo sbquo ldquo rdquo bdquo lsaquo rsaquo bull euro trade larr rarr ' +
  'hearts thinsp ensp emsp zwj zwnj'
const CHARACTERS = '&<>"\'…—–‘’‚“”„‹›•€™←→♥\u2009\u2002\u2003\u200D\u200C'

const NAMED: Record<string, string> = {
  ...Object.fromEntries(LATIN.split(/\s+/).map((name, i) => [name, String.fromCodePoint(FIRST_LATIN + i)])),
  ...Object.fromEntries(OTHERS.split(' ').map((name, i) => [name, CHARACTERS.charAt(i)])),
}

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,7}));/gi
const LAST_CODE_POINT = 0x10ffff

/** @returns the text with its character references replaced. References that are not known or not valid are kept */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(REFERENCE, (reference, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return (Object.hasOwn(NAMED, name) && NAMED[name]) || reference
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return code > LAST_CODE_POINT ? reference : String.fromCodePoint(code)
  })
}
