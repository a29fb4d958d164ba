import { utf8 } from '../../src/kit/lib/bytes'
import { cut } from '../../src/kit/lib/text/shorten'
import { MAX_LINE_BYTES, recordText, type SkipReason } from '../../src/owner/rules/importing/records'
import { htmlToText } from './html/text'
import type { Comment, Fields, Found } from './records'

/*
 * What was found, as the lines that `POST /api/import` takes: entries as in an export, and what was skipped, for the
 * report. No line has the fields with mail and IP addresses. An address in a name or a text is sent with it.
 */

/** The guestbook shortens texts and names, and looks at no more than this. A test compares it with the limits. */
export const LONGEST = { text: 16_000, name: 400 }

export interface Line {
  json: string
  /** Undefined if the line is an entry. */
  skip: SkipReason | undefined
}

/**
 * @param started a comment without a time gets one right before the comment in front of it, or right before this
 * @param markup whether the book shows *emphasis*, **strong** and `code`
 */
export function* toLines(found: Iterable<Found>, started: number, markup: boolean): Generator<Line> {
  let last = started
  for (const one of found) {
    if ('skip' in one) {
      yield skipped(one.position, one.id, one.skip)
      continue
    }
    if ('comment' in one) last = one.comment.time ?? last - 1
    yield toLine(one, last, markup)
  }
}

function skipped(position: number, id: string, reason: SkipReason): Line {
  return { json: JSON.stringify({ type: 'skipped', position, id: cut(id, 100), reason }), skip: reason }
}

function toLine(found: Exclude<Found, { skip: SkipReason }>, time: number, markup: boolean): Line {
  const { position } = found
  const fields = 'line' in found ? found.line : toFields(found.comment, time, markup)
  const id = recordText(fields.id)
  if ('comment' in found && fields.body === '') return skipped(position, id, 'no_text')
  const json = JSON.stringify({ ...fields, position })
  const isShort = json.length * 3 <= MAX_LINE_BYTES || utf8(json).length <= MAX_LINE_BYTES
  return isShort ? { json, skip: undefined } : skipped(position, id, 'too_large')
}

/** Without an id, what the file says identifies a comment, so that it is not imported twice. */
function toFields(
  { id, name, website, text, textKind, isOwner, ...comment }: Comment,
  at: number,
  markup: boolean
): Fields {
  const { site, parent, status, time } = comment
  const body = textKind === 'plain' ? text : htmlToText(text, { keepsLines: textKind === 'lines', markup })
  return {
    type: 'entry',
    id,
    ...(site && { site }),
    ...(parent && { parent }),
    ...(isOwner && { by_owner: true }),
    ...(id === '' && { origin: [time, name, website, text] }),
    status,
    name: htmlToText(cut(name, LONGEST.name), { keepsLines: true, markup: false }),
    website,
    body: cut(body.trim() === '' ? '' : body, LONGEST.text),
    created_at: new Date(at).toISOString(),
  }
}
