import { cut } from '../lib/shorten'
import { decodeEntities } from '../webmentions/entities'
import { attributeOf } from './html-text'
import type { Cutter, ParserState, Reading, Window } from './records'
import { parseTime } from './times'

/*
 * Exports of Disqus and WordPress. Only the elements of one record are read at a time. Entities that a document defines
 * are never expanded, so they cannot grow. A tag inside a CDATA section is text.
 */

/** @param names the elements that are records. They are not nested */
function cutElements(names: string): Cutter {
  const opening = new RegExp(`<!\\[CDATA\\[|<!--|<(${names})(?=[\\s>])`, 'g')
  return (window) => {
    opening.lastIndex = window.at
    for (let found = opening.exec(window.text); found; found = opening.exec(window.text)) {
      const [mark, kind] = found
      if (kind !== undefined) return takeElement(window, kind, found.index)
      if (!skipMarkup(window, mark, found.index)) return null
      opening.lastIndex = window.at
    }
    // A mark may start in this window and go on in the next one.
    window.at = Math.max(window.at, window.isEnd ? window.text.length : window.text.length - LONGEST_MARK)
    return null
  }
}

const LONGEST_MARK = 20

/** Passes over a section whose content does not count. It can be longer than the window. */
function skipMarkup(window: Window, mark: string, start: number): boolean {
  const close = mark === '<!--' ? '-->' : ']]>'
  const end = window.text.indexOf(close, start)
  if (end < 0) window.state.skipTo = close
  window.at = end < 0 ? start + mark.length : end + close.length
  return end >= 0
}

function takeElement(window: Window, kind: string, start: number) {
  const close = new RegExp(`<!\\[CDATA\\[|</${kind}>`, 'g')
  close.lastIndex = start
  for (let found = close.exec(window.text); found; found = close.exec(window.text)) {
    if (found[0].startsWith('</')) {
      window.at = close.lastIndex
      return { kind, start, end: window.at }
    }
    const end = window.text.indexOf(']]>', found.index)
    if (end < 0) break
    close.lastIndex = end
  }
  window.at = start
  return null
}

export const cutDisqus = cutElements('post')
export const cutWordpress = cutElements('wp:comment|wp:author|wp:base_blog_url')

const MAX_ELEMENTS = 200

/**
 * Reads the texts of the elements of a record, by name. Those of nested elements have the name of their parent in front:
 * `author/name`. Elements that are nested deeper are ignored.
 */
function readElements(xml: string): { texts: Record<string, string>; tags: Record<string, string> } {
  const texts: Record<string, string> = {}
  const tags: Record<string, string> = {}
  const open: string[] = []
  for (let at = 0, count = 0; at < xml.length && count < MAX_ELEMENTS; ) {
    const start = xml.indexOf('<', at)
    const path = open.slice(1, 3).join('/')
    if (open.length <= 3)
      texts[path] = (texts[path] ?? '') + decodeEntities(xml.slice(at, start < 0 ? undefined : start))
    if (start < 0) break
    if (xml.startsWith('<![CDATA[', start)) {
      const end = xml.indexOf(']]>', start)
      texts[path] = (texts[path] ?? '') + xml.slice(start + 9, end < 0 ? undefined : end)
      at = end < 0 ? xml.length : end + 3
      continue
    }
    const end = xml.indexOf('>', start)
    const tag = xml.slice(start, Math.min(end < 0 ? xml.length : end + 1, start + 500))
    at = end < 0 ? xml.length : end + 1
    const name = /^<\/?([\w:.-]{1,60})/.exec(tag)?.[1] ?? ''
    if (tag.startsWith('</')) open.pop()
    else if (name !== '') {
      count += 1
      if (open.length < 3) tags[[...open.slice(1), name].join('/')] ??= tag
      if (!tag.endsWith('/>')) open.push(name)
    }
  }
  return { texts, tags }
}

export function readDisqus(_: string, xml: string, now: number): Reading {
  const { texts, tags } = readElements(xml)
  const text = (name: string) => texts[name]?.trim() ?? ''
  const id = attributeOf(tags.post ?? '', 'dsq:id') || text('id')
  if (text('isDeleted') === 'true') return { skip: 'deleted', id }
  return {
    id,
    parent: attributeOf(tags.parent ?? '', 'dsq:id'),
    isOwner: false,
    name: text('author/name') || text('author/username'),
    website: '',
    text: text('message'),
    textKind: 'html',
    time: parseTime(text('createdAt'), now),
    status: text('isSpam') === 'true' ? 'spam' : text('isApproved') === 'false' ? 'held' : 'published',
  }
}

const MAX_AUTHORS = 50

export function readWordpress(kind: string, xml: string, now: number, state: ParserState): Reading {
  const { texts } = readElements(xml)
  const text = (name: string) => texts[`wp:${name}`]?.trim() ?? ''
  if (kind === 'wp:comment') return readWordpressComment(text, now, state)
  state.people ??= {}
  const { people } = state
  if (kind === 'wp:base_blog_url') state.site = cut(texts['']?.trim() ?? '', 200)
  else if (Object.keys(people).length < MAX_AUTHORS) people[`-${text('author_id').slice(0, 20)}`] = ['', '', true]
  return null
}

function readWordpressComment(
  text: (name: string) => string,
  now: number,
  { people = {}, site = '' }: ParserState
): Reading {
  const id = text('comment_id')
  const approved = text('comment_approved')
  if (approved.includes('trash')) return { skip: 'deleted', id }
  if (/^(pingback|trackback)$/.test(text('comment_type'))) return { skip: 'not_a_comment', id }
  const parent = text('comment_parent')
  return {
    id,
    site,
    parent: parent === '0' ? '' : parent,
    isOwner: people[`-${text('comment_user_id')}`] !== undefined,
    name: text('comment_author'),
    website: text('comment_author_url'),
    text: text('comment_content'),
    textKind: 'lines',
    time: parseTime(text('comment_date_gmt'), now) ?? parseTime(text('comment_date'), now),
    status: approved === 'spam' ? 'spam' : approved === '1' ? 'published' : 'held',
  }
}
