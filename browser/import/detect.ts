import type { ImportFormat } from '../../src/owner/rules/importing/records'
import { TEXTS } from './fields'

/** The lines of an export: see owner/moving/exporting/exported-tables.ts. */
const LINES =
  'setting event_type signing_key book picture endpoint source entry webmention import_record message delivery inbound'

/** Text near the start of a file that identifies its format. The first match wins. */
const SIGNS: [ImportFormat, RegExp][] = [
  // A later part of an export begins with any of its lines.
  ['guesthook', new RegExp(`^\\s*\\{"type":\\s?"(?:guesthook\\.export|${LINES.replaceAll(' ', '|')})"`)],
  ['disqus', /<disqus[\s>]/],
  ['wordpress', /xmlns:wp=|<wp:/],
  ['commento', /"commentHex"/],
  ['waline', /"type":\s?"waline"|"insertedAt"/],
  ['remark42', /"locator":\s?\{|^\s*\{"version":1,"users"/],
  ['artalk', /"page_key"/],
  ['cusdis', /\bby_nickname\b/],
  ['isso', /"remote_addr"|"tid":|\bremote_addr\b/],
  // The texts of a table and of other files may contain tags.
  ['csv', new RegExp(`^(?=.*[,;\\t])(?:[^\\n<{]{0,500}[,;\\t])? ?"?(?:${TEXTS.join('|')})"? ?[,;\\t\\r\\n]`, 'i')],
  ['staticman', /^(?:---\s+)?_id:|^\s*[[{][\s\S]*"_id":/],
  ['html', /<(?:html|body|hr|p|b|table|!doctype html)[\s>]/i],
  ['staticman', /"_id":|^message:|^_id:/m],
  ['csv', /^[^\n<{]{0,500}\b(?:name|author|nick)\b[^\n]{0,500}[\r\n]/i],
]

/** @param start the first few kilobytes of a file @returns its format, or null if it is none that we know */
export function detectFormat(start: string): ImportFormat | null {
  return SIGNS.find(([, sign]) => sign.test(start))?.[0] ?? null
}
