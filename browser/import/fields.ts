import type { EntryStatus } from '../../src/guestbook/rules/entries/statuses'
import { fieldsOf } from '../../src/kit/lib/json'
import { cut } from '../../src/kit/lib/text/shorten'
import { recordText } from '../../src/owner/rules/importing/records'
import { COMMENT_TYPE, type Comment, type Context, type FieldReader, type Fields, isTrue, pick } from './records'
import { parseTime } from './times'

/* What the fields of other systems mean. */

const NAMES = ['name', 'author', 'nick', 'nickname', 'by_nickname', 'user', 'username', 'comment_author']
export const TEXTS = ['body', 'text', 'message', 'comment', 'content', 'comment_content', 'entry']
const SITES = ['website', 'url', 'link', 'homepage', 'author_url', 'comment_author_url', 'site']
const TIMES = ['created_at', 'createdAt', 'created', 'date', 'time', 'timestamp', 'insertedAt', 'comment_date']
const PARENTS = [
  'comment_parent',
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

const PUBLIC = /^(?:publish(?:ed)?|approved|accepted|public|visible|active|live|ok|true|t|1|yes|y|)$/
const DELETED = /^(?:deleted|trash|post-trashed)$/

/** What an unknown word means is for the owner to say, so nothing is published by mistake. */
function statusOf(given: string): EntryStatus {
  const word = given.toLowerCase()
  if (PUBLIC.test(word)) return 'published'
  return word === 'spam' || word === 'hidden' ? word : 'held'
}

/** A comment whose fields have usual names. The names of systems that use other ones are given in `more`. */
function usual(fields: Fields, { now }: Context, more: Partial<Comment> = {}): Comment {
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
const isso: FieldReader = (fields, _, context) => {
  const mode = pick(fields, 'mode')
  if (mode === '4') return { skip: 'deleted', id: pick(fields, 'id') }
  return usual(fields, context, { status: statusOf(mode), website: pick(fields, 'website') })
}

/** https://github.com/umputun/remark42: the first line describes the backup. Time zones are part of the times. */
const remark42: FieldReader = (fields, _, context) => {
  if (fields.version !== undefined && fields.user === undefined) return null
  const user = fieldsOf(fields.user)
  const id = pick(fields, 'id')
  if (fields.delete === true || fields.deleted === true) return { skip: 'deleted', id }
  const site = pick(fieldsOf(fields.locator), 'site', 'site_id')
  return usual(fields, context, {
    site,
    name: pick(user, 'name'),
    isOwner: user.admin === true,
    website: '',
    text: pick(fields, 'text', 'orig'),
    textKind: 'html',
  })
}

/** https://github.com/ArtalkJS/Artalk: all values are texts. */
const artalk: FieldReader = (fields, _, context) =>
  usual(fields, context, {
    site: pick(fields, 'site_name'),
    website: pick(fields, 'link'),
    text: pick(fields, 'content'),
    status: isTrue(pick(fields, 'is_pending')) ? 'held' : 'published',
  })

function remember({ people }: Context, id: string, name: string, website: string, isOwner: boolean): null {
  if (id !== '') people.set(id, { name: cut(name, 80), website: cut(website, 300), isOwner })
  return null
}

/** https://github.com/walinejs/waline: the table Users says who is an administrator. */
const waline: FieldReader = (fields, kind, context) => {
  if (kind === 'Users') {
    const isOwner = pick(fields, 'type') === 'administrator'
    return isOwner ? remember(context, pick(fields, 'objectId', 'id'), '', '', true) : null
  }
  if (kind === 'Counter') return null
  const inserted = fields.insertedAt
  const status = pick(fields, 'status')
  if (DELETED.test(status)) return { skip: 'deleted', id: pick(fields, 'objectId', 'id') }
  return usual(fields, context, {
    website: pick(fields, 'link'),
    text: pick(fields, 'comment'),
    isOwner: context.people.has(pick(fields, 'user_id')),
    // LeanCloud wraps times.
    time: parseTime(recordText(inserted) || pick(fieldsOf(inserted), 'iso') || pick(fields, 'createdAt'), context.now),
    status: statusOf(status),
  })
}

/** https://github.com/djyde/cusdis: a comment by a moderator was written in its dashboard. */
const cusdis: FieldReader = (fields, _, context) => {
  if (pick(fields, 'deletedAt', 'deleted_at') !== '') return { skip: 'deleted', id: pick(fields, 'id') }
  const isApproved = !Object.hasOwn(fields, 'approved') || isTrue(pick(fields, 'approved'))
  return usual(fields, context, {
    website: '',
    isOwner: pick(fields, 'moderatorId', 'moderator_id') !== '',
    status: isApproved ? 'published' : 'held',
  })
}

/** https://gitlab.com/commento/commento: the people are a list after the comments. */
const commento: FieldReader = (fields, kind, context) => {
  if (kind === 'commenters') {
    const [name, link] = [pick(fields, 'name'), pick(fields, 'link')]
    return remember(context, pick(fields, 'commenterHex'), name, link, fields.isModerator === true)
  }
  if (kind !== 'comments') return null
  const id = pick(fields, 'commentHex')
  if (fields.deleted === true) return { skip: 'deleted', id }
  const { name = '', website = '', isOwner = false } = context.people.get(pick(fields, 'commenterHex')) ?? {}
  const markdown = pick(fields, 'markdown')
  const status = pick(fields, 'state')
  return usual(fields, context, {
    parent: pick(fields, 'parentHex').replace(/^root$/, ''),
    name,
    website,
    isOwner,
    text: markdown || pick(fields, 'html'),
    textKind: markdown === '' ? 'html' : 'lines',
    time: parseTime(pick(fields, 'creationDate'), context.now),
    status: status === 'flagged' ? 'spam' : statusOf(status),
  })
}

/** Our own export. Only its entries count; `npm run restore` reads all of it. */
const guesthook: FieldReader = (fields) => (fields.type === 'entry' ? { line: fields } : null)

/** A file whose columns or fields people have named. Beside a city or a country, a state is a place. */
const anything: FieldReader = (fields, _, context) => {
  const states = pick(fields, 'city', 'country') === '' ? ['state'] : []
  const status = pick(fields, 'status', ...states, 'approved', 'comment_approved', 'published')
  if (DELETED.test(status.toLowerCase())) return { skip: 'deleted', id: pick(fields, 'id') }
  if (!COMMENT_TYPE.test(pick(fields, 'comment_type'))) return { skip: 'not_a_comment', id: pick(fields, 'comment_id') }
  return usual(fields, context, { status: statusOf(status) })
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
