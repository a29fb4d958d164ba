import { decodeUtf8 } from '../lib/bytes'
import { cutRows, cutYaml, delimiterOf, readRow, readYaml, toFields } from './columns'
import { cutEntries, readEntry } from './html-page'
import { FIELD_READERS, type FieldReader, parseFields } from './json-formats'
import { cutJson, cutLines } from './json-records'
import type { Cutter, ImportFormat, ImportRecord, ParserState, Reading, SkipReason, Window } from './records'
import { cutDisqus, cutWordpress, readDisqus, readWordpress } from './xml'

/*
 * Reads a part of a file. How much is read at a time is bounded by the number of records and of bytes, so that one part
 * takes a few milliseconds.
 */

export interface Part {
  bytes: Uint8Array
  /** Where the part starts in the file, in bytes. */
  position: number
  /** Whether the file ends with this part. */
  isEnd: boolean
  state: ParserState
  now: number
}

/** A record that was found, or the reason why it is skipped. */
export type Found = { position: number } & ({ record: ImportRecord } | { skip: SkipReason; id: string })

export interface PartRead {
  found: Found[]
  /** Where the next part starts. */
  position: number
  state: ParserState
  isDone: boolean
}

const MAX_RECORDS = 25
/** Pieces that are no comments, such as users, count only here. */
const MAX_PIECES = 200
/** A longer record is skipped. A part has to be at least this long, unless the file ends. */
export const MAX_RECORD_BYTES = 64_000

type Source = {
  cut: Cutter
  read: (kind: string, text: string, now: number, state: ParserState) => Reading
  mark: string
}

/** The formats whose people are listed after the comments. */
const TWICE: ImportFormat[] = ['waline', 'commento']

export function readPart(format: ImportFormat, part: Part): PartRead {
  const state = structuredClone(part.state)
  // Latin 1 has one character for each byte, so that positions in the text are positions in the file.
  const text = new TextDecoder('latin1').decode(part.bytes)
  const source = sourceFor(format, state, text, part.position)
  const window: Window = { text, at: 0, isEnd: part.isEnd, state }
  const found: Found[] = []
  for (let pieces = 0; pieces < MAX_PIECES && found.filter((one) => 'record' in one).length < MAX_RECORDS; pieces++) {
    if (!findMark(window)) break
    const before = window.at
    const piece = cutWithin(source, window)
    if (piece) {
      const reading = readPiece(source, part, piece, state)
      if (reading) found.push({ position: part.position + piece.start, ...reading })
    } else if (state.skipTo === undefined && window.at === before) {
      const isLong = text.length - before > MAX_RECORD_BYTES
      if (!isLong && window.isEnd) return atEnd(format, window, part, found)
      if (!isLong) break
      const skip = source.mark === '' ? 'rest_not_read' : 'too_large'
      found.push({ position: part.position + before, skip, id: '' })
      if (source.mark === '') return { found, position: part.position + text.length, state, isDone: true }
      state.skipTo = source.mark
      // A file can consist of records without an end. Searching for an end takes long, so each part searches once.
      return { found, position: part.position + before + MAX_RECORD_BYTES, state, isDone: false }
    }
  }
  const isDone = window.isEnd && window.at >= text.length
  if (isDone) return atEnd(format, window, part, found)
  return { found, position: part.position + window.at, state, isDone: false }
}

/** Looks for the end of a record no further than a record can be long. */
function cutWithin({ cut }: Source, window: Window): ReturnType<Cutter> {
  const end = window.at + MAX_RECORD_BYTES + 1
  const near = { ...window, text: window.text.slice(0, end), isEnd: window.isEnd && end >= window.text.length }
  const piece = cut(near)
  window.at = near.at
  return piece
}

/** A rest that is not blank is a record whose end is missing. */
function atEnd(format: ImportFormat, { text, at, state }: Window, { position }: Part, found: Found[]): PartRead {
  if (TWICE.includes(format) && !state.isSecondPass) {
    return { found: [], position: 0, state: { isSecondPass: true, people: state.people ?? {} }, isDone: false }
  }
  if (text.slice(at).trim() !== '') found.push({ position: position + at, skip: 'not_understood', id: '' })
  return { found, position: position + text.length, state, isDone: true }
}

/** Goes on behind the mark at which a record that is too long ends. @returns false if it is not in this window */
function findMark(window: Window): boolean {
  const { text, state } = window
  if (state.skipTo === undefined) return true
  const found = text.indexOf(state.skipTo, window.at)
  if (found < 0) {
    window.at = window.isEnd ? text.length : Math.max(window.at, text.length - state.skipTo.length)
    return false
  }
  window.at = found + state.skipTo.length
  delete state.skipTo
  return true
}

const UTF8_BOM = /^\uFEFF/
const LATIN = new TextDecoder('windows-1252')

function readPiece(
  source: Source,
  part: Part,
  piece: { kind: string; start: number; end: number },
  state: ParserState
) {
  const bytes = part.bytes.subarray(piece.start, piece.end)
  if (bytes.length > MAX_RECORD_BYTES) return { skip: 'too_large' as const, id: '' }
  // Pages and tables from before UTF-8 use Windows-1252, in which every text is valid.
  const text = (decodeUtf8(bytes) ?? LATIN.decode(bytes)).replace(UTF8_BOM, '')
  const reading = source.read(piece.kind, text, part.now, state)
  if (reading === null) return null
  if ('skip' in reading) return { skip: reading.skip, id: reading.id ?? '' }
  return { record: reading }
}

/** The first character says how a file was written, because most systems have no export of their own. */
function sourceFor(format: ImportFormat, state: ParserState, text: string, position: number): Source {
  if (format === 'disqus') return { cut: cutDisqus, read: readDisqus, mark: '</post>' }
  if (format === 'wordpress') return { cut: cutWordpress, read: readWordpress, mark: '</wp:comment>' }
  if (format === 'html') return { cut: cutEntries, read: readEntry, mark: '>' }
  const reader: FieldReader = FIELD_READERS[format]
  if (position === 0) state.shape ??= shapeOf(format, text)
  return SHAPES[state.shape ?? 'json'](reader)
}

function shapeOf(format: ImportFormat, text: string): NonNullable<ParserState['shape']> {
  if (format === 'remark42' || format === 'guesthook') return 'lines'
  if (/^(ï»¿)?\s*[[{]/.test(text.slice(0, 100))) return format === 'staticman' ? 'objects' : 'json'
  return format === 'staticman' ? 'yaml' : 'rows'
}

const fromJson = (reader: FieldReader) => (kind: string, text: string, now: number, state: ParserState) => {
  if (text.trim() === '') return null
  const fields = parseFields(text)
  return fields ? reader(fields, kind, now, state) : { skip: 'not_understood' as const }
}

const SHAPES: Record<NonNullable<ParserState['shape']>, (reader: FieldReader) => Source> = {
  lines: (reader) => ({ cut: cutLines, read: fromJson(reader), mark: '\n' }),
  json: (reader) => ({ cut: cutJson(false), read: fromJson(reader), mark: '' }),
  objects: (reader) => ({ cut: cutJson(true), read: fromJson(reader), mark: '' }),
  yaml: (reader) => ({
    cut: cutYaml,
    read: (_, text, now, state) => readDocument(reader, text, now, state),
    mark: '\n---',
  }),
  rows: (reader) => ({ cut: cutRows, read: (_, text, now, state) => readLine(reader, text, now, state), mark: '\n' }),
}

function readDocument(reader: FieldReader, text: string, now: number, state: ParserState): Reading {
  const fields = readYaml(text)
  return Object.keys(fields).length === 0 ? null : reader(fields, '', now, state)
}

function readLine(reader: FieldReader, text: string, now: number, state: ParserState): Reading {
  if (text.trim() === '') return null
  if (!state.columns) {
    state.delimiter = delimiterOf(text)
    state.columns = readRow(text, state.delimiter).map((name) => name.trim())
    return null
  }
  const cells = readRow(text, state.delimiter ?? ',')
  // As written, and in lower case: people write "Name", and Waline "insertedAt".
  const lower = toFields(
    state.columns.map((name) => name.toLowerCase()),
    cells
  )
  return reader({ ...lower, ...toFields(state.columns, cells) }, 'rows', now, state)
}
