import { parseForReading } from '../../src/kit/lib/json'
import { type Context, type FieldReader, type Fields, type Found, foundAt, MAX_FOUND, MAX_RECORD } from './records'

/*
 * Finds the objects in JSON of any size: those in an array, whose kind is the name of the array, and those that are in
 * nothing. Only such an object is parsed, so that a file that ends too early is read up to there.
 */

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const MAX_DEPTH = 8
/** People are not comments, and there may be as many of them. */
const MAX_PIECES = 2 * MAX_FOUND

interface Piece {
  kind: string
  start: number
  /** The position after the object. If it is not complete, null: nothing after it can be found. */
  end: number | null
}

/** The formats whose people are listed after the comments. */
const PEOPLE = ['Users', 'commenters']

/** @param takesRoots whether an object that is in no array is a record, too */
export function* readJson(text: string, read: FieldReader, context: Context, takesRoots: boolean): Generator<Found> {
  const pieces: Piece[] = []
  for (const piece of findObjects(text, takesRoots)) {
    const isFull = pieces.length === MAX_PIECES
    pieces.push(isFull ? { ...piece, end: null } : piece)
    if (isFull) break
  }
  const isPerson = ({ kind }: Piece) => PEOPLE.includes(kind)
  for (const piece of [...pieces.filter(isPerson), ...pieces.filter((one) => !isPerson(one))]) {
    yield* readPiece(text, piece, read, context)
  }
}

function readPiece(text: string, { kind, start, end }: Piece, read: FieldReader, context: Context): Found[] {
  if (end === null) return foundAt(start, { skip: 'rest_not_read' })
  return readObject(text.slice(start, end), start, (fields) => read(fields, kind, context))
}

/** @returns what one JSON object contains. A picture in an export may be larger than any record */
function readObject(json: string, position: number, read: (fields: Fields) => ReturnType<FieldReader>): Found[] {
  const isTooLarge = json.length > MAX_RECORD
  const fields = parseForReading(json)
  if (typeof fields !== 'object' || fields === null)
    return foundAt(position, { skip: isTooLarge ? 'too_large' : 'not_understood' })
  const reading = read(fields as Fields)
  return foundAt(position, reading && isTooLarge ? { skip: 'too_large' } : reading)
}

/** Reads a file with one JSON object in each line. */
export function* readLines(text: string, read: FieldReader, context: Context): Generator<Found> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? undefined : end)
    if (line.trim() !== '') yield* readObject(line, at, (fields) => read(fields, '', context))
    at = end < 0 ? text.length : end + 1
  }
}

function* findObjects(text: string, takesRoots: boolean): Generator<Piece> {
  /** The open brackets, each with the name before it. */
  const stack: string[] = []
  let key = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === OPEN_OBJECT && (stack.at(-1)?.startsWith('[') ?? takesRoots)) {
      const end = endOfObject(text, at)
      yield { kind: stack.at(-1)?.slice(1) ?? '', start: at, end }
      if (end === null) return
      at = end - 1
    } else if (code === QUOTE) {
      const end = endOfString(text, at)
      if (end < 0) return yield { kind: '', start: at, end: null }
      key = text.slice(at + 1, Math.min(end, at + 60))
      at = end
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (stack.push(text.charAt(at) + key) > MAX_DEPTH) return yield { kind: '', start: at, end: null }
      key = ''
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      stack.pop()
      key = ''
    }
  }
}

/** @returns the position of the closing quote, or -1 */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) return at
  }
  return -1
}

/** @returns the position after the closing bracket, or null */
function endOfObject(text: string, start: number): number | null {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at < 0) return null
    } else if (code === OPEN_OBJECT) depth += 1
    else if (code === CLOSE_OBJECT && --depth === 0) return at + 1
  }
  return null
}
