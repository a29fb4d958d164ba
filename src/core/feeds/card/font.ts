/*
 * A pixel font for cards: 5 by 8 pixels, of which the last row is below the baseline. It has ASCII, and some characters
 * of European languages. Letters with accents are composed: see `glyphOf`.
 */

const COLUMNS = 5
const ROWS = 8
const CHARS_PER_BAND = 19
const CHARS =
  ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~' +
  '¡¿«»ßøØæÆœŒ·★♥☆€°łŁ'

/** 19 characters in each band of 8 lines, in the order of `CHARS`, each with a column of space at its right. */
const SHEET = `
        #    # #          #   ##  #  ##     #      #   #                                      #  ###    #    ###
        #    # #   # #   #### ##  # #  #    #     #     #     #     #                         # #   #  ##   #   #
        #    # #  ##### # #      #  # #    #     #       #  # # #   #                        #  #  ##   #       #
        #          # #   ###    #    #           #       #   ###  #####        ###          #   # # #   #     ##
        #         #####   # #  #    # # #        #       #  # # #   #                      #    ##  #   #    #
                   # #  ####  #  ## #  #          #     #     #     #    ##          ##   #     #   #   #   #
        #                 #   #  ##  ## #          #   #                 ##          ##   #      ###   ###  #####
                                                                         #
 ###     #  #####   ##  #####  ###   ###                 #         #     ###   ###   ###  ####   ###  ####  #####
#   #   ##  #      #        # #   # #   #  ##    ##     #           #   #   # #   # #   # #   # #   # #   # #
    #  # #  ####  #        #  #   # #   #  ##    ##    #    #####    #      # # ### #   # #   # #     #   # #
  ##  #  #      # ####    #    ###   ####             #               #   ##  # # # ##### ####  #     #   # ####
    # #####     # #   #   #   #   #     #              #    #####    #    #   # ### #   # #   # #     #   # #
#   #    #  #   # #   #  #    #   #    #   ##    ##     #           #         #     #   # #   # #   # #   # #
 ###     #   ###   ###   #     ###   ##    ##    ##      #         #      #    ###  #   # ####   ###  ####  #####
                                                 #
#####  ###  #   #  ###    ### #   # #     #   # #   #  ###  ####   ###  ####   #### ##### #   # #   # #   # #   #
#     #   # #   #   #      #  #  #  #     ## ## ##  # #   # #   # #   # #   # #       #   #   # #   # #   # #   #
#     #     #   #   #      #  # #   #     # # # ##  # #   # #   # #   # #   # #       #   #   # #   # #   #  # #
####  # ### #####   #      #  ##    #     # # # # # # #   # ####  #   # ####   ###    #   #   # #   # # # #   #
#     #   # #   #   #      #  # #   #     #   # #  ## #   # #     # # # # #       #   #   #   #  # #  # # #  # #
#     #   # #   #   #   #  #  #  #  #     #   # #  ## #   # #     #  #  #  #      #   #   #   #  # #  ## ## #   #
#      #### #   #  ###   ##   #   # ##### #   # #   #  ###  #      ## # #   # ####    #    ###    #   #   # #   #

#   # #####  ###  #      ###    #          #          #               #         ##        #       #      #  #
#   #     #  #    #        #   # #          #         #               #        #          #                 #
 # #     #   #     #       #  #   #              ###  # ##   ###   ## #  ###  ###    #### # ##   ##     ##  #  #
  #     #    #      #      #                        # ##  # #     #  ## #   #  #    #   # ##  #   #      #  # #
  #    #     #       #     #                     #### #   # #     #   # #####  #    #   # #   #   #      #  ##
  #   #      #        #    #                    #   # #   # #   # #   # #      #     #### #   #   #      #  # #
  #   #####  ###      #  ###                     #### ####   ###   ####  ###   #        # #   #  ###  #  #  #  #
                                    #####                                            ###               ##
 ##                                              #                                           ##   #   ##
  #                                              #                                          #     #     #
  #   ## #  # ##   ###  ####   #### # ##   #### ###   #   # #   # #   # #   # #   # #####   #     #     #    #
  #   # # # ##  # #   # #   # #   # ##  # #      #    #   # #   # #   #  # #  #   #    #   #      #      #  # # #
  #   # # # #   # #   # #   # #   # #      ###   #    #   # #   # # # #   #   #   #   #     #     #     #      #
  #   # # # #   # #   # ####   #### #         #  #  # #  ##  # #  # # #  # #   ####  #      #     #     #
 ###  # # # #   #  ###  #         # #     ####    ##   ## #   #    # #  #   #     # #####    ##   #   ##
                        #         #                                            ###
  #     #                ##          ## #        ####        ####                           ##    #    ##    #
                        #  #      # #  #        # #         # #           #    # #    #    #  #  # #    #    #
  #     #    #  # #  #  #  #   ###  # # # ####  # #    # #  # #           #   #####   #   ####    #     ##   # #
  #    ##   #  #   #  # # ##  #  ## # # #   # # ##### # # # # ###   #   ##### ##### ## ##  #           ##    ##
  #   #      #  # #  #  #   # # # # # # #  #### # #   # ### # #          ###   ###   # #  ####          #   ##
  #   #   #             #   # ##  #  #  # # #   # #   # #   # #          # #    #    ###   #  #         #    #
  #    ###              # ##   ###  # ##   #### # ###  # ##  ####       #   #       #   #   ##         ###   ####
                              #`

/** What stands above a letter, in two rows, from the grave accent to the caron. */
const MARKS_ABOVE: Record<string, string[]> = {
  '\u0300': [' #', '  #'],
  '\u0301': ['   #', '  #'],
  '\u0302': ['  #', ' # #'],
  '\u0303': [' ## #', '#  #'],
  '\u0304': ['', ' ###'],
  '\u0306': [' # #', '  #'],
  '\u0307': ['', '  #'],
  '\u0308': ['', ' # #'],
  '\u030a': ['  #', ' # #'],
  '\u030b': ['  # #', ' # #'],
  '\u030c': [' # #', '  #'],
}

/** What stands below a letter, in the last row: cedilla and ogonek. */
const MARKS_BELOW: Record<string, string> = { '\u0327': ' ##', '\u0328': '  ##' }

/** Typographic characters that look alike in a small font. */
const ALIKE: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '–': '-',
  '—': '-',
  '…': '...',
}

/** How far a glyph reaches above the first row of its letter, in pixels: an accent on a capital. */
export const ACCENT_ROWS = 3
export const GLYPH_ROWS = ROWS
/** The width of a character with the space at its right. */
export const GLYPH_WIDTH = COLUMNS + 1

/** The pixels of a character with its marks, from the top left of its letter. An accent has a negative `y`. */
export type Glyph = [x: number, y: number][]

const LINES = SHEET.split('\n').slice(1)

function rowsOf(char: string): string[] | null {
  const index = CHARS.indexOf(char)
  if (index < 0) return null
  const [band, x] = [Math.floor(index / CHARS_PER_BAND), (index % CHARS_PER_BAND) * GLYPH_WIDTH]
  return LINES.slice(band * ROWS, (band + 1) * ROWS).map((line) => line.slice(x, x + COLUMNS))
}

/** @param y of the first row */
function pixelsOf(rows: string[], y: number): Glyph {
  return rows.flatMap((row, i) => [...row].flatMap((pixel, x): Glyph => (pixel === '#' ? [[x, y + i]] : [])))
}

/**
 * @param cell a character in NFD: a letter and its combining marks
 * @returns its pixels, or null if the font does not have it
 */
export function glyphOf(cell: string): Glyph | null {
  const [char = '', ...marks] = cell
  const rows = rowsOf(char)
  if (!rows) return null
  // An accent takes the place of the dot of an "i".
  if (marks.some((mark) => mark in MARKS_ABOVE) && /[ij]/.test(char)) rows[0] = ''
  const isLow = !rows[0]?.trim() && !rows[1]?.trim()
  const glyph = pixelsOf(rows, 0)
  for (const mark of marks) {
    const [above, below] = [MARKS_ABOVE[mark], MARKS_BELOW[mark]]
    if (above) glyph.push(...pixelsOf(above, isLow ? -1 : -ACCENT_ROWS))
    else if (below !== undefined) glyph.push(...pixelsOf([below], ROWS - 1))
    else return null
  }
  return glyph
}

/** Titles are shorter. The limit bounds the time to decompose the text. */
const MAX_LENGTH = 200

/** @returns the text as characters that the font has, each in NFD, or null if it does not have them all */
export function cellsOf(text: string): string[] | null {
  const plain = text.slice(0, MAX_LENGTH).replace(/[‘’“”„–—…]/g, (char) => ALIKE[char] ?? char)
  const cells = plain.normalize('NFD').match(/\P{M}\p{M}*/gu) ?? []
  return cells.every((cell) => glyphOf(cell) !== null) ? cells : null
}
