import { parseForReading } from '../lib/json'
import { cut } from '../lib/shorten'
import { fieldsOf, type ImportRecord, isTrue, type ParserState, pick, type Reading, textOf } from './records'
import { parseTime } from './times'

/*
 * What the fields of other systems mean. A reader gets the fields of one record, and the kind of the record: for JSON,
 * the name of the array that it is in.
 */

type Fields = Record<string, unknown>
export type FieldReader = (fields: Fields, kind: string, now: number, state: ParserState) => Reading

/** @returns the fields of a JSON object, or null if the text is not JSON or is too complex */
export function parseFields(text: string): Fields | null {
  const value = parseForReading(text)
  return typeof value === 'object' && value !== null ? (value as Fields) : null
}

const NAMES = ['name', 'author', 'nick', 'nickname', 'by_nickname', 'user', 'username', 'comment_author']
const TEXTS = ['body', 'text', 'message', 'comment', 'content', 'comment_content', 'entry']
const SITES = ['website', 'url', 'link', 'homepage', 'author_url', 'comment_author_url', 'site']
const TIMES = ['created_at', 'createdAt', 'created', 'date', 'time', 'timestamp', 'insertedAt', 'comment_date']
const PARENTS = [
  'parent_id',
  'parentId',
  'parent',
  '_parent',
  'reply_to',
  'replying_to',
  'replying_to_uid',
  'pid',
  'rid',
]

/** A comment whose fields have usual names. The names of systems that use other ones are given in `more`. */
function usual(fields: Fields, now: number, more: Partial<ImportRecord> = {}): ImportRecord {
  const parent = pick(fields, ...PARENTS)
  return {
    id: pick(fields, 'id', '_id', 'objectId', 'commentHex', 'comment_id'),
    parent: /^(0|root)$/.test(parent) ? '' : parent,
    isOwner: false,
    name: pick(fields, ...NAMES),
    website: pick(fields, ...SITES),
    text: pick(fields, ...TEXTS),
    textKind: 'lines',
    time: parseTime(pick(fields, ...TIMES), now),
    status: 'published',
    ...more,
  }
}

/** https://github.com/isso-comments/isso: mode 1 is published, 2 waits, 4 is deleted. */
const isso: FieldReader = (fields, _, now) => {
  const mode = pick(fields, 'mode')
  if (mode === '4') return { skip: 'deleted', id: pick(fields, 'id') }
  return usual(fields, now, { status: mode === '2' ? 'held' : 'published', website: pick(fields, 'website') })
}

/** https://github.com/umputun/remark42: the first line describes the backup. Time zones are part of the times. */
const remark42: FieldReader = (fields, _, now) => {
  if (fields.version !== undefined && fields.user === undefined) return null
  const user = fieldsOf(fields.user)
  const id = pick(fields, 'id')
  if (fields.delete === true || fields.deleted === true) return { skip: 'deleted', id }
  const site = pick(fieldsOf(fields.locator), 'site', 'site_id')
  return usual(fields, now, {
    site,
    name: pick(user, 'name'),
    isOwner: user.admin === true,
    website: '',
    text: pick(fields, 'text', 'orig'),
    textKind: 'html',
  })
}

/** https://github.com/ArtalkJS/Artalk: all values are texts. */
const artalk: FieldReader = (fields, _, now) =>
  usual(fields, now, {
    site: pick(fields, 'site_name'),
    website: pick(fields, 'link'),
    text: pick(fields, 'content'),
    status: isTrue(pick(fields, 'is_pending')) ? 'held' : 'published',
  })

const MAX_PEOPLE = 1_000

function remember(state: ParserState, id: string, name: string, website: string, isOwner: boolean): null {
  state.people ??= {}
  const { people } = state
  if (id !== '' && Object.keys(people).length < MAX_PEOPLE) {
    // A name that no object has, so that "__proto__" is an id like any other.
    people[`-${id.slice(0, 24)}`] = [cut(name, 80), cut(website, 300), isOwner]
  }
  return null
}

/** https://github.com/walinejs/waline: the table Users says who is an administrator. */
const waline: FieldReader = (fields, kind, now, state) => {
  if (kind === 'Users') {
    const isOwner = pick(fields, 'type') === 'administrator'
    return state.isSecondPass || !isOwner ? null : remember(state, pick(fields, 'objectId', 'id'), '', '', true)
  }
  if (!state.isSecondPass || kind === 'Counter') return null
  const inserted = fields.insertedAt
  const status = pick(fields, 'status')
  return usual(fields, now, {
    website: pick(fields, 'link'),
    text: pick(fields, 'comment'),
    isOwner: state.people?.[`-${pick(fields, 'user_id').slice(0, 24)}`] !== undefined,
    // LeanCloud wraps times.
    time: parseTime(textOf(inserted) || pick(fieldsOf(inserted), 'iso') || pick(fields, 'createdAt'), now),
    status: status === 'spam' ? 'spam' : status === 'waiting' ? 'held' : 'published',
  })
}

/** https://github.com/djyde/cusdis: a comment by a moderator was written in its dashboard. */
const cusdis: FieldReader = (fields, _, now) => {
  if (pick(fields, 'deletedAt', 'deleted_at') !== '') return { skip: 'deleted', id: pick(fields, 'id') }
  const isApproved = !Object.hasOwn(fields, 'approved') || isTrue(pick(fields, 'approved'))
  return usual(fields, now, {
    website: '',
    isOwner: pick(fields, 'moderatorId', 'moderator_id') !== '',
    status: isApproved ? 'published' : 'held',
  })
}

/** https://gitlab.com/commento/commento: the people are a list after the comments. */
const commento: FieldReader = (fields, kind, now, state) => {
  if (kind === 'commenters') {
    if (state.isSecondPass) return null
    const [name, link] = [pick(fields, 'name'), pick(fields, 'link')]
    return remember(state, pick(fields, 'commenterHex'), name, link, fields.isModerator === true)
  }
  if (kind !== 'comments' || !state.isSecondPass) return null
  const id = pick(fields, 'commentHex')
  if (fields.deleted === true) return { skip: 'deleted', id }
  const [name, website, isOwner] = state.people?.[`-${pick(fields, 'commenterHex').slice(0, 24)}`] ?? ['', '', false]
  const markdown = pick(fields, 'markdown')
  const status = pick(fields, 'state')
  return usual(fields, now, {
    parent: pick(fields, 'parentHex').replace(/^root$/, ''),
    name,
    website,
    isOwner,
    text: markdown || pick(fields, 'html'),
    textKind: markdown === '' ? 'html' : 'lines',
    time: parseTime(pick(fields, 'creationDate'), now),
    status: status === 'flagged' ? 'spam' : status === 'unapproved' ? 'held' : 'published',
  })
}

/** Our own export. Only its entries count; `npm run restore` reads all of it. */
const guesthook: FieldReader = (fields, _, now) => {
  if (fields.type !== 'entry') return null
  const status = pick(fields, 'status')
  return usual(fields, now, {
    textKind: 'plain',
    website: pick(fields, 'website'),
    status: status === 'held' || status === 'hidden' || status === 'spam' ? status : 'published',
    own: {
      isPrivate: fields.is_private === true,
      reply: pick(fields, 'reply'),
      repliedAt: parseTime(pick(fields, 'replied_at'), now),
      answers: fields.answers,
      details: fields.extra,
    },
  })
}

/** A file whose columns or fields people have named. */
const anything: FieldReader = (fields, _, now) => {
  const status = pick(fields, 'status', 'state', 'approved', 'published').toLowerCase()
  if (/^(deleted|trash)$/.test(status)) return { skip: 'deleted', id: pick(fields, 'id') }
  const isHeld = /^(held|pending|unapproved|waiting|false|0|no|hold)$/.test(status)
  return usual(fields, now, {
    status: status === 'spam' ? 'spam' : isHeld ? 'held' : status === 'hidden' ? 'hidden' : 'published',
  })
}

export const FIELD_READERS = {
  isso,
  remark42,
  artalk,
  waline,
  cusdis,
  commento,
  guesthook,
  csv: anything,
  staticman: anything,
}
