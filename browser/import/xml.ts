import { Parser } from 'htmlparser2'
import { cut } from '../../src/kit/lib/text/shorten'
import { COMMENT_TYPE, type Context, type Found, foundAt, MAX_RECORD, type Reading } from './records'
import { parseTime } from './times'

/*
 * Exports of Disqus and WordPress. The parser does not read a DTD, so entities that a document defines stay as they
 * are.
 */

/** A real export has up to six. Each level costs the parser time. */
const MAX_DEPTH = 64

/** The texts and attributes of the elements of a record, by their names. `author/name` is inside of `author`. */
interface Element {
  start: number
  texts: Map<string, string>
  attributes: Map<string, Record<string, string>>
}

type ElementReader = (kind: string, text: (name: string) => string, element: Element, context: Context) => Reading

/** @param kinds the elements that are records */
function readElements(xml: string, kinds: string[], read: ElementReader, context: Context): Found[] {
  const found: Found[] = []
  let record: Element | null = null
  let path: string[] = []
  let depth = 0
  const finish = (kind: string, { start, ...rest }: Element, isComplete: boolean) => {
    const text = (name: string) => rest.texts.get(name)?.trim() ?? ''
    if (!isComplete) found.push(...foundAt(start, { skip: 'not_understood' }))
    else if (parser.endIndex - start > MAX_RECORD) found.push(...foundAt(start, { skip: 'too_large' }))
    else found.push(...foundAt(start, read(kind, text, { start, ...rest }, context)))
  }
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (record) path.push(name)
        else if (kinds.includes(name)) record = { start: parser.startIndex, texts: new Map(), attributes: new Map() }
        const at = path.join('/')
        if (path.length <= 2 && record && !record.attributes.has(at)) record.attributes.set(at, attributes)
        if (++depth > MAX_DEPTH) parser.pause()
      },
      ontext(text) {
        const at = path.join('/')
        if (record && path.length <= 2) record.texts.set(at, (record.texts.get(at) ?? '') + text)
      },
      onclosetag(name, isImplied) {
        depth -= 1
        if (!record || path.pop() !== undefined) return
        const isEmpty = xml.startsWith('/>', parser.endIndex - 1)
        finish(name, record, isEmpty || !isImplied)
        record = null
        path = []
      },
    },
    { xmlMode: true }
  )
  parser.write(xml)
  if (depth > MAX_DEPTH) return [...found, ...foundAt(parser.startIndex, { skip: 'rest_not_read' })]
  parser.end()
  return found
}

/** @returns the comments of an export of Disqus */
export function readDisqus(xml: string, context: Context): Found[] {
  return readElements(xml, ['post'], readPost, context)
}

const readPost: ElementReader = (_, text, { attributes }, { now }) => {
  const id = attributes.get('')?.['dsq:id'] || text('id')
  if (text('isDeleted') === 'true') return { skip: 'deleted', id }
  return {
    id,
    parent: attributes.get('parent')?.['dsq:id'] ?? '',
    isOwner: false,
    name: text('author/name') || text('author/username'),
    website: '',
    text: text('message'),
    textKind: 'html',
    time: parseTime(text('createdAt'), now),
    status: text('isSpam') === 'true' ? 'spam' : text('isApproved') === 'false' ? 'held' : 'published',
  }
}

/** What comes before the comments. Authors own the site, and a page can be private. */
const FACTS = ['wp:author', 'wp:base_blog_url', 'wp:status', 'wp:post_password']

/** @returns the comments of an export of WordPress */
export function readWordpress(xml: string, context: Context): Found[] {
  return readElements(xml, ['wp:comment', ...FACTS], readItem, context)
}

const readItem: ElementReader = (kind, given, _, context) => {
  const text = (name: string) => given(`wp:${name}`)
  if (kind === 'wp:comment') return readComment(text, context)
  if (kind === 'wp:base_blog_url') context.site = cut(given(''), 200)
  else if (kind === 'wp:status') context.isPublic = /^(?:publish|inherit)$/.test(given(''))
  else if (kind === 'wp:post_password') context.isPublic &&= given('') === ''
  else context.people.set(text('author_id'), { name: '', website: '', isOwner: true })
  return null
}

function readComment(text: (name: string) => string, { now, people, site, isPublic }: Context): Reading {
  const id = text('comment_id')
  const approved = text('comment_approved')
  if (approved.includes('trash')) return { skip: 'deleted', id }
  if (!COMMENT_TYPE.test(text('comment_type'))) return { skip: 'not_a_comment', id }
  const parent = text('comment_parent')
  return {
    id,
    site,
    parent: parent === '0' ? '' : parent,
    isOwner: people.has(text('comment_user_id')),
    name: text('comment_author'),
    website: text('comment_author_url'),
    text: text('comment_content'),
    textKind: 'lines',
    time: parseTime(text('comment_date_gmt'), now) ?? parseTime(text('comment_date'), now),
    status: approved === 'spam' ? 'spam' : approved === '1' && isPublic ? 'published' : 'held',
  }
}
