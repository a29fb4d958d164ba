import * as z from 'zod'
import { converted, lines } from '../../../kit/html/controls'
import { err, ok, type Result } from '../../../kit/lib/result'
import { judgeLine } from '../../rules/entries/book-texts'
import { readWebsite } from '../../rules/entries/entry-content'
import { explainTextFault } from '../../rules/entries/text'
import { english } from '../../rules/languages'
import { setting } from './setting'

const LINKS_MAX = 5
const LABEL_MAX = 60

const link = z.strictObject({
  label: z.string().describe(`Up to ${LABEL_MAX} characters.`),
  url: z.string(),
})
type Link = z.infer<typeof link>

/** The setting for the line of links at the end of the page, for example to a webring and its sites. */
export const LINKS = setting({
  heading: 'Links',
  title: 'Links',
  schema: z
    .array(link)
    .max(LINKS_MAX)
    .meta({ example: [{ label: 'Ring of gardens', url: 'https://ring.example/' }] }),
  about: 'Links in the last line of the page, such as to a webring and its sites.',
  initial: [],
  judge: judgeLinks,
  control: converted(
    lines(
      'Links in the last line of the page',
      <>
        Up to {LINKS_MAX} links, one per line: its text and its address, such as{' '}
        <code>Ring of gardens https://ring.example</code>.
      </>
    ),
    (links: Link[]) => links.map(({ label, url }) => `${label} ${url}`),
    (entered) => entered.map(readLink)
  ),
})

/** The address is the last word of a line. */
function readLink(line: string): Link {
  const words = line.split(/\s+/)
  const url = words.pop() ?? ''
  return { label: words.join(' '), url }
}

function judgeLinks(links: Link[]): Result<Link[], string> {
  const judged: Link[] = []
  for (const given of links) {
    const label = judgeLine('The text of a link', given.label, LABEL_MAX)
    if (!label.ok) return label
    const url = judgeAddress(given.url)
    if (!url.ok) return url
    if (url.value === null) return err('A link needs an address.')
    judged.push({ label: label.value, url: url.value })
  }
  return ok(judged)
}

/** @returns the address of a page, or null if there is none; otherwise what is wrong with it */
export function judgeAddress(given: string): Result<string | null, string> {
  const url = readWebsite(given)
  return url.ok ? url : err(explainTextFault(english(), 'The link', url.error))
}

/** What the page of a webring said in each language, as migration 0025 has it. */
const BESIDE: Record<string, [previous: string, next: string]> = {
  de: ['‹ Vorige Seite', 'Nächste Seite ›'],
  fr: ['‹ Site précédent', 'Site suivant ›'],
  es: ['‹ Sitio anterior', 'Sitio siguiente ›'],
  pt: ['‹ Site anterior', 'Próximo site ›'],
  ja: ['‹ 前のサイト', '次のサイト ›'],
  ar: ['‹ الموقع السابق', 'الموقع التالي ›'],
}

/**
 * Files of earlier versions have a webring instead of links.
 * @returns the same settings, with links as migration 0025 makes them
 */
export function withLinks(settings: Record<string, unknown>): Record<string, unknown> {
  const { webring_name, webring_url, webring_prev_url, webring_next_url, ...others } = settings
  if (webring_name == null) return others
  const [previous, next] = BESIDE[String(others.language)] ?? ['‹ Previous site', 'Next site ›']
  const all = [
    { label: previous, url: webring_prev_url },
    { label: webring_name, url: webring_url },
    { label: next, url: webring_next_url },
  ]
  return { ...others, links: all.filter(({ url }) => url != null) }
}
