import * as z from 'zod'
import { check, lines, optionalText } from '../../../kit/html/controls'
import { err, ok, type Result } from '../../../kit/lib/result'
import { originOf, parseUrl } from '../../../kit/lib/url'
import { judgeAddress, LINKS } from './links'
import { setting } from './setting'

/** How the book and other sites link to each other. */
export const SITES = {
  home_url: setting({
    title: 'Link to your site',
    schema: z.string().nullable().meta({ example: 'https://example.com/' }),
    about: 'A page of yours that the book links to.',
    initial: null,
    judge: judgeAddress,
    control: optionalText('Link to your site', {
      placeholder: 'https://example.com',
      hint: 'The page links to this address, above the entries. Leave it empty for no link.',
    }),
  }),
  links: LINKS,
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

/** An origin is a scheme and a host. A path would suggest that only this path is allowed. */
function judgeOrigins(origins: string[]): Result<string[], string> {
  const wrong = origins.find((text) => !isOrigin(parseUrl(text)))
  if (wrong !== undefined) return err(`"${wrong}" is not an origin. Enter the scheme and the host: https://example.com`)
  return ok(origins.map((text) => originOf(text)))
}

function isOrigin(url: URL | null): boolean {
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === ''
}
