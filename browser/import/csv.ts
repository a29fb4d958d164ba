import Papa from 'papaparse'
import { type Context, type FieldReader, type Found, foundAt, MAX_FOUND, MAX_RECORD } from './records'

const MAX_COLUMNS = 100

/** Reads a table whose first row has the names of the columns. */
export function* readCsv(text: string, read: FieldReader, context: Context): Generator<Found> {
  let columns: string[] | null = null
  for (const { start, end, cells, isOpen } of rowsOf(text)) {
    if (isOpen) yield* foundAt(start, { skip: 'rest_not_read' })
    else if (end - start > MAX_RECORD) yield* foundAt(start, { skip: 'too_large' })
    else if (columns === null) columns = cells.map((name) => name.trim())
    else yield* foundAt(start, read(toFields(columns, cells), 'rows', context))
  }
}

interface Row {
  start: number
  end: number
  cells: string[]
  /** Whether a quote has no end, so that the row reaches to the end of the file. */
  isOpen: boolean
}

function rowsOf(text: string): Row[] {
  const rows: Row[] = []
  let start = 0
  Papa.parse<string[]>(text, {
    delimiter: delimiterOf(text.slice(0, text.search(/[\r\n]|$/))),
    step: ({ data, errors, meta }, parser) => {
      const cells = data.slice(0, MAX_COLUMNS)
      const isOpen = errors.some(({ code }) => code === 'MissingQuotes')
      if (isOpen || cells.length > 1 || cells[0]?.trim() !== '') rows.push({ start, end: meta.cursor, cells, isOpen })
      start = meta.cursor
      // The header, and one row that says that the rest is not read. More would only fill the memory.
      if (rows.length > MAX_FOUND + 1) parser.abort()
    },
  })
  return rows
}

/** @returns the character that separates the columns of a header */
function delimiterOf(header: string): string {
  const count = (mark: string) => header.split(mark).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

/** @returns the cells by the names of the columns. People write "Name", and Waline "insertedAt" */
function toFields(columns: string[], cells: string[]): Record<string, string> {
  const named = columns.map((name, i): [string, string] => [name, cells[i]?.replace(/\r$/, '') ?? ''])
  return Object.fromEntries([...named.map(([name, cell]) => [name.toLowerCase(), cell]), ...named])
}
