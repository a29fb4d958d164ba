import * as z from 'zod'
import { ban } from '../../../guestbook/books/book'
import { judgeChange } from '../../../guestbook/books/manage'
import { bookChange } from '../../../guestbook/books/schemas'
import { withLinks } from '../../../guestbook/books/settings/links'
import { picture } from '../../../guestbook/pictures/schemas'
import { ANSWER_MAX, MAX_ANSWERS, QUESTION_ID_MAX, QUESTION_MAX } from '../../../guestbook/rules/entries/answers'
import { judgeSlug } from '../../../guestbook/rules/entries/book-texts'
import { DETAIL_MAX } from '../../../guestbook/rules/entries/details'
import { isDrawing } from '../../../guestbook/rules/entries/drawing'
import { BODY_MAX, GUEST_NAME_MAX } from '../../../guestbook/rules/entries/entry-content'
import { BAN_MAX, MAX_BANS } from '../../../guestbook/rules/entries/match-bans'
import { ENTRY_STATUSES } from '../../../guestbook/rules/entries/statuses'
import { lengthFault, unicodeFault } from '../../../guestbook/rules/entries/text'
import { judgePicture, MAX_PICTURES } from '../../../guestbook/rules/looks/picture'
import { fromBase64 } from '../../../kit/lib/bytes'
import { type IdPrefix, idPattern } from '../../../kit/lib/ids'
import {
  BUILT_IN_RECEIVER_SETTING as RECEIVER,
  receiver,
  requireReceiverChange,
} from '../../../webhooks/endpoints/built-in-receiver'
import { paceColumns } from '../../../webhooks/endpoints/new-pace'
import { endpointIn } from '../../../webhooks/endpoints/schemas'
import { requireUsable } from '../../../webhooks/event-types/manage'
import { eventTypeIn } from '../../../webhooks/event-types/schemas'
import { receiverSource } from '../../../webhooks/rules/delivering/built-in-receiver'
import { checkEndpointUrl } from '../../../webhooks/rules/delivering/url-policy'
import { mailtoAddress } from '../../../webhooks/rules/events/formats/lib/mail'
import { SOURCE_FIELDS } from '../../../webhooks/sources/fields'
import { requireOptions, requireTemplate } from '../../../webhooks/sources/manage'
import { sourceChange, sourceIn } from '../../../webhooks/sources/schemas'
import { GENERAL_SETTINGS } from '../../dashboard/general-settings'
import type { KINDS } from './exported-tables'
import { LAST_TIME, type Line } from './lines'

/* A line may contain only what the API would accept, because a file can be forged. lines.ts checks times and flags. */

const id = (prefix: IdPrefix) => z.string().regex(idPattern(prefix))
const count = z.int().min(0).max(0x7fff_ffff)
const text = (max: number) => z.string().refine((given) => unicodeFault(given) === null && !lengthFault(given, max))
const slug = z.string().refine((given) => judgeSlug(given).ok)
/** A word that pages look up in a table. */
const word = z
  .string()
  .regex(/^[a-z_]{1,40}$/)
  .refine((given) => !(given in {}))
const link = z.url({ protocol: /^https?$/ }).max(2_048)
const millis = z.int().min(0).max(LAST_TIME)

const setting = z.union([
  ...Object.values(GENERAL_SETTINGS).map(({ name, stored }) => z.object({ name: z.literal(name), value: stored })),
  z.object({ name: z.literal(RECEIVER), value: receiver }),
])

const signing_key = z.object({
  kid: z.string().regex(/^[\w-]{1,100}$/),
  public_key: z.string().refine((given) => fromBase64(given)?.length === 32),
})

const event_type = eventTypeIn.strip().refine((type) => {
  requireUsable(type)
  return true
})

/** A ban by network is never exported. */
const bans = z
  .array(
    ban.extend({ id: id('ban'), by: ban.shape.by.exclude(['visitor']), value: text(BAN_MAX), until: millis.nullable() })
  )
  .max(MAX_BANS)

const book = z
  .object({
    slug,
    title: z.string(),
    settings: z
      .record(z.string(), z.unknown())
      .transform(withLinks)
      .pipe(
        bookChange
          .omit({ title: true })
          .loose()
          .extend({
            bans: bans.optional(),
            pictures: z.array(picture).max(MAX_PICTURES).optional(),
            is_demo: z.boolean().optional(),
            deleted_from: text(300).optional(),
          })
      ),
    comment_count: count,
    published_count: count,
  })
  .transform(({ title, settings, ...columns }) => {
    const { title: line, ...judged } = judgeChange({ title, ...settings })
    return { ...columns, title: line, settings: judged }
  })

/** The file. What is known about it is in the settings of its book. */
const pictureFile = z.object({
  book: slug,
  id: id('pic'),
  content: z.string().refine((given) => {
    const bytes = fromBase64(given)
    return bytes !== null && judgePicture(bytes).ok
  }),
})

/** The policy for URLs runs again before each request, because this deployment may have another. */
const endpointUrl = z
  .string()
  .refine(
    (url) =>
      receiverSource(url) !== null ||
      mailtoAddress(url) !== null ||
      checkEndpointUrl(url, { ownHosts: [], allowLocal: true }).ok
  )

/** A file of an earlier version lacks later fields. The hour says whether there is a digest. */
const endpoint = endpointIn
  .omit({ secret: true, enabled: true, headers: true, digest: true })
  .strip()
  .extend({
    id: id('ep'),
    status: z.enum(['enabled', 'disabled']),
    disabled_reason: word.nullish(),
    url: endpointUrl,
    digest_hour: endpointIn.shape.digest_hour.nullish(),
    texts: endpointIn.shape.texts.nullish(),
    moderation_links: z.boolean().nullish(),
  })
  .refine(({ moderation_links, ...line }) => {
    requireReceiverChange(line, { ...line, moderation_links: moderation_links ?? false })
    return true
  })
  .transform(({ min_interval_minutes: interval, digest_hour = null, ...columns }) => ({
    ...columns,
    ...paceColumns(columns.format, digest_hour === null ? interval : undefined, digest_hour),
  }))

const asStored = { strict: SOURCE_FIELDS.rows.strict.schema, fields: SOURCE_FIELDS.rows.fields.schema }

/** A file of an earlier version lacks later fields. */
const source = sourceIn
  .omit({ secret: true })
  .strip()
  .extend({ id: id('src'), status: sourceChange.shape.status.unwrap(), ...asStored })
  .refine(({ act, template, provider, options }) => {
    requireTemplate(act, template)
    requireOptions(provider, options)
    return true
  })

const extra = z
  .object({
    mood: text(DETAIL_MAX),
    place: text(DETAIL_MAX),
    avatar: word,
    button: link,
    mention: link,
    mention_at: millis.nullable(),
  })
  .partial()
  .catchall(z.union([text(2_048), z.number(), z.null()]))

/** A backup of an earlier version has no ids of questions. */
const answer = z.object({
  question_id: z.string().max(QUESTION_ID_MAX).optional(),
  question: text(QUESTION_MAX),
  answer: text(ANSWER_MAX),
})

const entry = z
  .object({
    id: id('cmt'),
    book: slug,
    number: count,
    status: z.enum(ENTRY_STATUSES),
    reason: word.nullish(),
    edited_by: z.enum(['guest', 'owner']).nullish(),
    name: text(GUEST_NAME_MAX),
    website: z.string().nullish(),
    body: text(BODY_MAX),
    answers: z.array(answer).max(MAX_ANSWERS),
    is_private: z.boolean(),
    country: z
      .string()
      .regex(/^[A-Z0-9]{2}$/)
      .nullish(),
    reply: text(BODY_MAX).nullish(),
    inbound_id: id('in').nullish(),
    extra,
    // A backup of an earlier version has neither.
    pre: z.boolean().default(false),
    drawing: z.string().refine(isDrawing).nullish(),
  })
  .refine(({ status, is_private }) => !is_private || status !== 'published', { path: ['is_private'] })

const webmention = z.object({ source: link, target: link, book: slug, comment_id: id('cmt') })

/** `id` is a hash. */
const import_record = z.object({ id: z.string().regex(/^[\w-]{22}$/), comment_id: id('cmt') })

const SCHEMAS: Record<keyof typeof KINDS, z.ZodType<Record<string, unknown>>> = {
  setting,
  event_type,
  signing_key,
  book,
  picture: pictureFile,
  endpoint,
  source,
  entry,
  webmention,
  import_record,
}

/** @returns the line as it is stored, or what is wrong. @throws Refusal 422 from checks that are shared with the API */
export function checkLine(type: keyof typeof KINDS, line: Line) {
  const checked = SCHEMAS[type].safeParse(line)
  if (checked.success) return { line: { ...line, ...checked.data }, fault: null }
  const path = checked.error.issues[0]?.path.join('.')
  return { line, fault: `the ${type.replace('_', ' ')} is not valid${path ? ` ("${path}")` : ''}.` }
}
