import { doc } from '#doc'
import { SCANNED } from '../../../kit/db/sql/scanned'
import { check, choice } from '../../../kit/html/controls'
import * as z from '../../../zod'
import { setting } from './setting'

/** What stands where on the page. */
export const LAYOUT = {
  form_place: setting({
    title: 'Place of the form',
    schema: z.enum(['above', 'below', 'page']),
    about: doc('Where the form is: `above` or `below` the entries, or on a `page` of its own.'),
    initial: 'above',
    control: choice(
      'Where the form is',
      { above: 'Above the entries', below: 'Below the entries', page: 'On a page of its own' },
      'If it is elsewhere, a button above the entries leads to it.'
    ),
  }),
  has_search: setting({
    title: 'Search',
    schema: z.boolean(),
    about: doc(() => `Whether guests can search the entries. One page of results reads at most ${SCANNED} entries.`),
    initial: false,
    control: check(
      'Guests can search the entries',
      'A box below the entries finds names, websites, texts and answers.'
    ),
  }),
}
