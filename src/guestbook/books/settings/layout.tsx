import * as z from 'zod'
import { SCANNED } from '../../../kit/db/scanned'
import { check, choice, lines } from '../../../kit/html/controls'
import { err, ok, type Result } from '../../../kit/lib/result'
import { siteOf } from '../../../kit/lib/url'
import { MAX_BUTTONS, MAX_EXCLUDED } from '../../rules/looks/wall'
import { setting } from './setting'

/** What stands where on the page. */
export const LAYOUT = {
  form_place: setting({
    title: 'Place of the form',
    schema: z.enum(['above', 'below', 'page']),
    about: 'Where the form is: `above` or `below` the entries, or on a `page` of its own.',
    initial: 'above',
    control: choice(
      'Where the form is',
      { above: 'Above the entries', below: 'Below the entries', page: 'On a page of its own' },
      'If the form is not above the entries, a button above them leads to it.'
    ),
  }),
  has_search: setting({
    title: 'Search',
    schema: z.boolean(),
    about: `Whether guests can search the entries. For each page of results, at most ${SCANNED} entries are searched.`,
    initial: false,
    control: check(
      'Guests can search the entries',
      'A search box below the entries searches what they show: names, websites, texts, answers, moods, places and replies.'
    ),
  }),
  has_wall: setting({
    heading: 'Wall of buttons',
    title: 'Wall of buttons',
    schema: z.boolean(),
    about: `Whether the page shows the buttons (88 × 31 pixels) of guests' sites, up to ${MAX_BUTTONS}.`,
    initial: false,
    control: check(
      'Show the buttons of guests’ sites',
      <>
        Pictures of 88 × 31 pixels, below the entries. They come from <code>/button.gif</code> of each guest's website,
        or from the address that the guest gives.
      </>
    ),
  }),
  wall_excluded: setting({
    title: 'Sites without a button',
    schema: z
      .array(z.string())
      .max(MAX_EXCLUDED)
      .meta({ example: ['example.com'] }),
    about: 'Hosts of sites whose buttons are neither shown nor fetched.',
    initial: [],
    judge: judgeHosts,
    control: lines(
      'Sites whose button is not shown',
      <>
        One per line, such as <code>example.com</code>.
      </>
    ),
  }),
}

function judgeHosts(texts: string[]): Result<string[], string> {
  const hosts = texts.map((text) => siteOf(/^https?:/i.test(text) ? text : `https://${text}`))
  const wrong = hosts.indexOf('')
  if (wrong >= 0) return err(`"${texts[wrong]}" is not a site. Enter its host: example.com`)
  const sites = [...new Set(hosts)]
  return sites.length > MAX_EXCLUDED ? err(`List at most ${MAX_EXCLUDED} sites.`) : ok(sites)
}
