/** A character, and how many columns it takes. */
export type Cell = { text: string; width: number }

/** Breaks a text into lines, at spaces where possible. @param columns the width of a line */
export function wrap(cells: Cell[], columns: number): string[] {
  const lines: Cell[][] = []
  let line: Cell[] = []
  for (const cell of cells) {
    if (line.length > 0 && widthOf(line) + cell.width > columns) {
      const rest = cell.text === ' ' ? [] : afterLastSpace(line)
      lines.push(line.slice(0, line.length - rest.length))
      line = rest
    }
    line.push(cell)
  }
  return [...lines, line]
    .map((one) =>
      one
        .map(({ text }) => text)
        .join('')
        .trim()
    )
    .filter(Boolean)
}

const widthOf = (line: Cell[]): number => line.reduce((sum, { width }) => sum + width, 0)

/** @returns the word at the end of a line, or nothing if the line is one word */
function afterLastSpace(line: Cell[]): Cell[] {
  const at = line.findLastIndex(({ text }) => text === ' ')
  return at < 0 ? [] : line.slice(at + 1)
}

/** A size of letters: how many columns fit in a line, and how many lines there is room for. */
export type Size = { columns: number; lines: number }

/** @returns the first of the sizes in which the text fits, or else the last, and the lines that there is room for */
export function fitLines<S extends Size>(cells: Cell[], sizes: [S, ...S[]]): { size: S; lines: string[] } {
  const tried = sizes.map((size) => ({ size, lines: wrap(cells, size.columns) }))
  const fitting = tried.find(({ size, lines }) => lines.length <= size.lines && isUnbroken(cells, size))
  const { size, lines } = fitting ?? tried.at(-1) ?? { size: sizes[0], lines: [] }
  return { size, lines: lines.slice(0, size.lines) }
}

/** Prefers smaller letters to a word that is broken. */
function isUnbroken(cells: Cell[], { columns }: Size): boolean {
  let width = 0
  return cells.every(({ text, width: own }) => {
    width = text === ' ' ? 0 : width + own
    return width <= columns
  })
}
