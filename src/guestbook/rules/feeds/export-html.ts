import { contained, isolated } from '../../../kit/lib/text/bidi'
import type { EntryAnswer } from '../entries/answers'
import type { Translator } from '../languages'
import type { FormatOptions } from '../looks/formatting'
import { linkTo, welcomeHtml, wordsOf } from './entry-html'
import { escaped } from './markup'

/* A book as one page that loads nothing: no style sheet, script, font or picture. */

export interface ExportedEntry {
  /** Which of the published entries it is; the oldest is 1. */
  number: number
  name: string
  website: string | null
  body: string
  /** Whether the body is a drawing of characters. */
  pre: boolean
  /** What the guest has drawn, as HTML; empty for nothing. */
  drawing: string
  /** How and where the guest is, as sentences. */
  details: string[]
  created_at: number
  /** A note such as "edited", or null. */
  edited: string | null
  answers: EntryAnswer[]
  reply: string | null
}

export interface ExportedBook {
  title: string
  welcome: string
  entries: ExportedEntry[]
  /** The path of the page with older entries. */
  older: string | null
  options: FormatOptions
  /** The content of the style element. */
  style: string
}

/**
 * @param book its texts have been stored, so they are well-formed and have no control characters
 * @returns the HTML page. The time is linear in the length of its texts. The classes are those of microformats
 *   (https://microformats.org/wiki/h-entry)
 */
export function toExportPage(book: ExportedBook, translate: Translator): string {
  const { language, direction } = translate
  return `<!DOCTYPE html>
<html lang="${language}" dir="${direction}">
${headOf(book)}
<body>
${bodyOf(book, translate)}
</body>
</html>
`
}

function headOf({ title, older, style }: ExportedBook): string {
  const next = older === null ? '' : `<link rel="next" href="${escaped(older)}">\n`
  return `<head>
<meta charset="utf-8">
<title>${escaped(isolated(title))}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="generator" content="Guesthook">
${next}<style>${style}</style>
</head>`
}

function bodyOf({ title, welcome, entries, older, options }: ExportedBook, translate: Translator): string {
  const { text } = translate
  const articles = entries.map((entry) => toArticle(entry, options, translate)).join('\n')
  const empty = `<p>${escaped(text('no_entries'))}</p>`
  const next =
    older === null ? '' : `\n<nav><a rel="next" href="${escaped(older)}">${escaped(text('to_older'))}</a></nav>`
  return `<header><h1 dir="auto">${escaped(contained(title))}</h1>
${welcomeHtml(welcome, options)}</header>
<main class="h-feed">
${entries.length === 0 ? empty : articles}
</main>${next}`
}

function toArticle(entry: ExportedEntry, options: FormatOptions, translate: Translator): string {
  const { text } = translate
  const number = `<span class="number">${escaped(text('entry_number', { number: entry.number }))}</span>`
  return `<article class="h-entry"><h2 class="p-author h-card">${number} ${guestOf(entry)}</h2>
<div class="e-content" dir="auto">${wordsOf(entry.body, options, entry.pre)}</div>${entry.drawing}${detailsOf(entry.details)}${answersOf(entry.answers)}${
    entry.reply === null ? '' : replyOf(text('reply_heading'), entry.reply, options)
  }
<footer>${timeOf(entry, translate)}</footer></article>`
}

function guestOf({ name, website }: ExportedEntry): string {
  const shown = `<bdi>${escaped(contained(name))}</bdi>`
  return website === null ? `<span class="p-name">${shown}</span>` : linkTo(website, shown, 'class="p-name u-url"')
}

function detailsOf(details: string[]): string {
  return details.length === 0 ? '' : `<p>${details.map((one) => escaped(isolated(one))).join(' · ')}</p>`
}

function answersOf(answers: EntryAnswer[]): string {
  if (answers.length === 0) return ''
  const rows = answers.map(
    ({ question, answer }) => `<dt dir="auto">${escaped(question)}</dt><dd dir="auto">${escaped(answer)}</dd>`
  )
  return `<dl>${rows.join('')}</dl>`
}

function replyOf(heading: string, reply: string, options: FormatOptions): string {
  const words = `<div dir="auto">${wordsOf(reply, options)}</div>`
  return `<div class="reply p-comment h-cite"><h3>${escaped(heading)}</h3>${words}</div>`
}

function timeOf({ created_at, edited }: ExportedEntry, { time }: Translator): string {
  const datetime = new Date(created_at).toISOString()
  const shown = `<time class="dt-published" datetime="${datetime}">${escaped(time(created_at))}</time>`
  return edited === null ? shown : `${shown} · ${escaped(edited)}`
}
