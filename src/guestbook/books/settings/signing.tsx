import * as z from 'zod'
import { useContext } from '#jsx'
import { type Control, check, choice, count } from '../../../kit/html/controls'
import { DASHBOARD } from '../../../kit/lib/paths'
import { DETAILS, type Detail } from '../../rules/entries/details'
import { DRAWING_MODES } from '../../rules/entries/drawing'
import { QUESTIONS } from './questions'
import { EditedBook, setting } from './setting'

const MAX_QUOTA_MB = 10_000

const BOXES = {
  mood: check(
    'Ask guests how they feel',
    'Guests choose a mood, such as "happy", or type their own. The answer is optional, and the entry shows it.'
  ),
  place: check(
    'Ask guests where they are',
    'Guests type a short answer, such as the name of their town. The answer is optional.'
  ),
}

/** A box for each detail. */
const DETAIL_BOXES: Control<Detail[]> = {
  fill: (asked) => Object.assign({}, ...asked.map((detail) => BOXES[detail].fill(true, `asks_${detail}`))),
  read: (form) => DETAILS.filter((detail) => BOXES[detail].read(form, `asks_${detail}`)),
  show: (form) => DETAILS.map((detail) => BOXES[detail].show(form, `asks_${detail}`)),
}

export const SIGNING = {
  is_open: setting({
    title: 'Open for signing',
    schema: z.boolean(),
    about: 'Whether guests can sign. The entries of a closed book stay on its page.',
    initial: true,
    isPublic: true,
    control: check('Guests can sign', () => (
      <>
        If this is off, guests see a note instead of the form, and webmentions are refused. <OnThePage />
      </>
    )),
  }),
  allows_private: setting({
    title: 'Private entries',
    schema: z.boolean(),
    about:
      'Whether guests can make their entry private, so that only you can read it. If not, new private entries are refused with 422.',
    initial: true,
    control: check(
      'Guests can write an entry that only I can read',
      <>
        Such an entry is never on the page, and endpoints get no event about it. You can read it under{' '}
        <a href={`${DASHBOARD.entries}?status=hidden`}>Entries: Hidden</a>.
      </>
    ),
  }),
  asks_for: setting({
    title: 'Mood and place',
    schema: z.array(z.enum(DETAILS)).max(DETAILS.length),
    about: 'Details that guests can add: `mood` (how they feel) and `place` (where they are).',
    initial: [],
    control: DETAIL_BOXES,
  }),
  drawings: setting({
    title: 'Drawings',
    schema: z.enum(DRAWING_MODES),
    about: 'Whether guests can add a drawing. `held`: entries with a drawing wait for your approval.',
    initial: 'off',
    control: choice(
      'Can guests draw?',
      { off: 'No', held: 'Yes, after I approve each one', on: 'Yes' },
      'The form gets a drawing pad, which needs JavaScript. The rest of the form works without it.'
    ),
  }),
  markup: setting({
    title: 'Markup',
    schema: z.boolean(),
    about: 'Whether entries may contain *emphasis*, `code` and > quotes.',
    initial: false,
    control: check(
      'Entries may contain *emphasis*, `code` and > quotes',
      'They work in your replies and in the welcome text, too. If you turn this off, guests see the characters as they were typed.'
    ),
  }),
  questions: QUESTIONS,
  daily_quota_mb: setting({
    title: 'Daily limit',
    schema: z.int().min(0).max(MAX_QUOTA_MB),
    about: 'How many megabytes guests can add to the database per day (UTC). 0 means no limit.',
    initial: 5,
    control: count(
      'Daily limit for all guests together, in megabytes',
      MAX_QUOTA_MB,
      <>
        A megabyte holds a few hundred entries of average length. Beyond the limit, guests are asked to come back the
        next day. 0 means no limit. <a href={DASHBOARD.storage}>Storage</a> shows how full the database is.
      </>
    ),
  }),
}

function OnThePage() {
  const { published } = useContext(EditedBook)
  if (published === 0) return 'The page has no entries yet.'
  const entries = published === 1 ? 'entry' : `${published.toLocaleString('en')} entries`
  return <>The {entries} stay on the page.</>
}
