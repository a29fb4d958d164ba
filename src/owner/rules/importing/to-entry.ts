import {
  ANSWER_MAX,
  type KeptAnswer,
  MAX_ANSWERS,
  QUESTION_ID_MAX,
  QUESTION_MAX,
} from '../../../guestbook/rules/entries/answers'
import { SPAM_KEPT_MS } from '../../../guestbook/rules/entries/decide'
import { DETAIL_MAX, DETAILS } from '../../../guestbook/rules/entries/details'
import { isDrawing } from '../../../guestbook/rules/entries/drawing'
import { BODY_MAX, GUEST_NAME_MAX, readWebsite } from '../../../guestbook/rules/entries/entry-content'
import { visibleName } from '../../../guestbook/rules/entries/fold'
import { keepLines, oneLine, repairText, tidyLines } from '../../../guestbook/rules/entries/text'
import { isFace } from '../../../guestbook/rules/looks/faces'
import { cleanText } from '../../../guestbook/rules/webmentions/mention-text'
import { fieldsOf } from '../../../kit/lib/json'
import { err, ok, type Result } from '../../../kit/lib/result'
import { cut } from '../../../kit/lib/text/shorten'
import { type ImportRecord, recordText, type SkipReason } from './records'

/*
 * Makes an entry of a record. Its texts pass the same rules as those of a guest who signs, but nobody can be asked to
 * change them, so they are repaired and shortened. No mail address is kept.
 */

export interface ImportedEntry {
  name: string
  website: string | null
  body: string
  edited_at: number | null
  edited_by: 'guest' | 'owner' | null
  status: ImportRecord['status']
  is_private: number
  reply: string | null
  replied_at: number | null
  /** JSON, like the next. */
  answers: string
  extra: string
  pre: number
  drawing: string | null
  /** Whether one of its texts was too long. */
  isShortened: boolean
}

const NAMELESS = 'Anonymous'

/** @param time when the entry was written @returns the entry, or why there is none */
export function toEntry(record: ImportRecord, time: number, now: number): Result<ImportedEntry, SkipReason> {
  const { status, isPrivate, isPre, answers, details, editedAt } = record
  // It would be removed at once.
  if (status === 'spam' && time < now - SPAM_KEPT_MS) return err('old_spam')
  const texts = new Texts()
  const body = texts.clean(record.body, BODY_MAX, isPre ? keepLines : tidyLines)
  if (body === '') return err('no_text')
  const reply = texts.clean(record.reply, BODY_MAX, tidyLines) || null
  return ok({
    name: nameOf(record.name, texts),
    website: websiteOf(record.website),
    body,
    edited_at: editedAt,
    edited_by: editedAt === null ? null : record.editedBy === 'guest' ? 'guest' : 'owner',
    status: isPrivate && status !== 'spam' ? 'hidden' : status,
    is_private: Number(isPrivate),
    reply,
    replied_at: reply === null ? null : (record.repliedAt ?? time),
    answers: JSON.stringify(answersOf(answers, texts)),
    extra: JSON.stringify(detailsOf(details, now, texts)),
    pre: Number(isPre),
    drawing: isDrawing(record.drawing) ? record.drawing : null,
    isShortened: texts.isShortened,
  })
}

/** Cleans the texts of one record, and notes whether one of them was too long. */
class Texts {
  isShortened = false

  /** As `cleanText`. */
  clean(given: string, max: number, tidy: (text: string) => string): string {
    if (given.length > max && [...tidy(repairText(given, max))].length > max) this.isShortened = true
    return cleanText(given, max, tidy)
  }
}

/** Some systems use the mail address of a guest as the name. */
function nameOf(given: string, texts: Texts): string {
  const name = cut(given, 4 * GUEST_NAME_MAX).replace(/(\S)@\S+\.\S+/g, '$1')
  return texts.clean(name, GUEST_NAME_MAX, (text) => oneLine(visibleName(text))) || NAMELESS
}

/** An address that is not usable is left out: a bad link is no reason to lose the words. A profile has `/@name`. */
function websiteOf(given: string): string | null {
  const website = readWebsite(/[^/]@/.test(given) ? '' : given)
  return website.ok ? website.value : null
}

function answersOf(given: unknown, texts: Texts): Partial<KeptAnswer>[] {
  const list = Array.isArray(given) ? given.slice(0, MAX_ANSWERS).map(fieldsOf) : []
  const clean = list.map(({ question_id, question, answer }) => ({
    ...(typeof question_id === 'string' && question_id.length <= QUESTION_ID_MAX && { question_id }),
    question: texts.clean(recordText(question), QUESTION_MAX, oneLine),
    answer: texts.clean(recordText(answer), ANSWER_MAX, oneLine),
  }))
  return clean.filter(({ question, answer }) => question !== '' && answer !== '')
}

function detailsOf(given: unknown, now: number, texts: Texts): Record<string, unknown> {
  const details = fieldsOf(given)
  const { mention_at } = details
  const said = DETAILS.map((name) => [name, texts.clean(recordText(details[name]), DETAIL_MAX, oneLine)])
  const links = ['button', 'mention'].map((name) => [name, websiteOf(recordText(details[name]))])
  const avatar = recordText(details.avatar)
  const isTime = typeof mention_at === 'number' && mention_at >= 0 && mention_at <= now
  const all = [...said, ...links, ['avatar', isFace(avatar) && avatar], ['mention_at', isTime && mention_at]]
  return Object.fromEntries(all.filter(([, value]) => value))
}
