import * as z from 'zod'
import { check, lines, optionalText } from '../../../kit/html/controls'
import { err, ok, type Result } from '../../../kit/lib/result'
import { originOf, parseUrl } from '../../../kit/lib/url'
import { judgeLine, TITLE_MAX } from '../../rules/entries/book-policy'
import { readWebsite } from '../../rules/entries/comment-policy'
import { explainFault } from '../../rules/entries/text'
import { english } from '../../rules/languages'
import { setting } from './setting'

/** How the book and other sites link to each other. */
export const SITES = {
  home_url: address(
    'Link to your site',
    'A page of yours that the book links to.',
    'The page links to this address, above the entries. Leave it empty for no link.'
  ),
  webring_name: setting({
    heading: 'Webring',
    title: 'Webring',
    schema: z.string().nullable(),
    about: `The name of a webring, up to ${TITLE_MAX} characters. The page shows this name with the links from the other \`webring_\` fields.`,
    initial: null,
    judge: (given) => judgeLine('The name of the webring', given, TITLE_MAX),
    control: optionalText('Name of your webring', {
      max: TITLE_MAX,
      hint: 'The last line of the page links to the webring and its sites. If you enter no name, the page has no such line.',
    }),
  }),
  webring_url: address('Home of the webring', 'The page of the webring itself.'),
  webring_prev_url: address('Previous site of the webring', 'The previous site of the webring.'),
  webring_next_url: address('Next site of the webring', 'The next site of the webring.'),
  webmentions: setting({
    heading: 'Other sites',
    title: 'Webmentions',
    schema: z.boolean(),
    about: 'Whether pages on other sites can mention the book: see docs/webmentions.md.',
    initial: true,
    control: check(
      'Accept webmentions from other sites',
      'A site that links to the book can notify the book with a webmention. The linking page then becomes an entry, and your rules apply to it.'
    ),
  }),
  return_origins: setting({
    title: 'Sites to return to',
    schema: z
      .array(z.string())
      .max(10)
      .meta({ example: ['https://example.com'] }),
    about: 'Sites that `return_to` may send guests to after they sign.',
    initial: [],
    judge: judgeOrigins,
    control: lines(
      'Sites to which guests may return after signing',
      <>
        Enter one site per line, for links such as <code>/?return_to=https://example.com/thanks</code>.
      </>
    ),
  }),
}

/** A page that the book links to. */
function address(title: string, about: string, hint?: string) {
  return setting({
    title,
    schema: z.string().nullable().meta({ example: 'https://example.com/' }),
    about,
    initial: null,
    judge(given) {
      const url = readWebsite(given)
      return url.ok ? url : err(explainFault(english(), 'The link', url.error))
    },
    control: optionalText(title, { placeholder: 'https://example.com', ...(hint && { hint }) }),
  })
}

/** An origin is a scheme and a host. A path would suggest that only this path is allowed. */
function judgeOrigins(origins: string[]): Result<string[], string> {
  const wrong = origins.find((text) => !isOrigin(parseUrl(text)))
  if (wrong !== undefined) return err(`"${wrong}" is not an origin. Enter the scheme and the host: https://example.com`)
  return ok(origins.map((text) => originOf(text)))
}

function isOrigin(url: URL | null): boolean {
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === ''
}
