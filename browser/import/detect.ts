import type { ImportFormat } from '../../src/owner/rules/importing/records'

/** Text near the start of a file that identifies its format. The first match wins. */
const SIGNS: [ImportFormat, RegExp][] = [
  ['disqus', /<disqus[\s>]/],
  ['wordpress', /xmlns:wp=|<wp:/],
  ['guesthook', /"type":\s?"guesthook\.export"/],
  ['commento', /"commentHex"/],
  ['waline', /"type":\s?"waline"|"insertedAt"/],
  ['remark42', /"locator":\s?\{|^\s*\{"version":1,"users"/],
  ['artalk', /"page_key"/],
  ['cusdis', /\bby_nickname\b/],
  ['isso', /"remote_addr"|"tid":|\bremote_addr\b/],
  ['html', /<(?:html|body|hr|p|b|table|!doctype html)[\s>]/i],
  ['staticman', /^(?:---\s+)?_id:|"_id":|^message:|^_id:/m],
  ['csv', /^[^\n<{]{0,500}\b(?:name|author|nick)\b[^\n]{0,500}[\r\n]/i],
]

/** @param start the first few kilobytes of a file @returns its format, or null if it is none that we know */
export function detectFormat(start: string): ImportFormat | null {
  return SIGNS.find(([, sign]) => sign.test(start))?.[0] ?? null
}
