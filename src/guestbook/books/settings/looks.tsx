import * as z from 'zod'
import { block, type Control, check, choice, converted, lines } from '../../../kit/html/controls'
import { Input } from '../../../kit/html/parts/fields'
import { err, type Result } from '../../../kit/lib/result'
import { isColor } from '../../rules/looks/accent'
import { CSS_MAX, judgeSheet } from '../../rules/looks/custom-css'
import { judgeSmileys, SMILEYS_MAX, type Smiley } from '../../rules/looks/smileys'
import { DEFAULT_THEME, THEME_SLUGS } from '../../rules/looks/themes'
import { setting } from './setting'
import { themeGallery } from './theme-gallery'

export const LOOKS = {
  theme: setting({
    title: 'Theme',
    schema: z.enum(THEME_SLUGS),
    about: 'The look of the page: see docs/themes.md.',
    initial: DEFAULT_THEME,
    isPublic: true,
    control: themeGallery(),
  }),
  accent: setting({
    title: 'Accent color',
    schema: z
      .string()
      .refine(isColor, 'Use a color with six hexadecimal digits, such as "#b3005e".')
      .nullable()
      .meta({ example: '#b3005e' }),
    about:
      'The color of links, headings and buttons. It becomes lighter or darker where needed, so that they stay readable.',
    initial: null,
    control: color(),
  }),
  /** Stored as the owner typed it: see guestbook/rules/looks/custom-css.ts. */
  css: setting({
    title: 'Custom CSS',
    schema: z.string().max(CSS_MAX),
    about: 'CSS for the page. The CSS cannot load files: see docs/themes.md.',
    initial: '',
    judge: judgeSheet,
    control: block('Custom CSS', {
      max: CSS_MAX,
      hint: (
        <>
          This CSS cannot load files, and applies only to the guestbook page. To style the page itself, use{' '}
          <code>.page</code>.
        </>
      ),
    }),
  }),
  avatars: setting({
    heading: 'Entries',
    title: 'Pictures of guests',
    schema: z.enum(['none', 'identicon', 'face']),
    about: '`identicon`: a picture made from the name. `face`: guests choose a face, or get an identicon.',
    initial: 'identicon',
    control: choice(
      'Pictures of guests',
      {
        identicon: 'Made from the name',
        face: 'A face that the guest chooses, or one made from the name',
        none: 'None',
      },
      'This guestbook draws the pictures, so none is loaded from another site. A change applies to all entries.'
    ),
  }),
  smileys: setting({
    title: 'Smileys',
    schema: z.boolean(),
    about: 'Whether smileys such as :-) are shown as emoji.',
    initial: true,
    control: check('Show smileys such as :-) as emoji'),
  }),
  own_smileys: setting({
    title: 'Your smileys',
    schema: z
      .array(z.strictObject({ text: z.string(), emoji: z.string() }))
      .max(SMILEYS_MAX)
      .meta({ example: [{ text: ':parrot:', emoji: '🦜' }] }),
    about: 'Your own smileys. Each `text` of 2 to 20 characters, without spaces, is shown as one `emoji`.',
    initial: [],
    judge: judgeOwnSmileys,
    control: converted(
      lines(
        'Smileys of your own',
        <>
          One smiley per line: what guests type, and its emoji, such as <code>:parrot: 🦜</code>. Entries show the emoji
          instead.
        </>
      ),
      (smileys: Smiley[]) => smileys.map(({ text, emoji }) => `${text} ${emoji}`),
      (entered) => entered.map(readSmiley)
    ),
  }),
  show_numbers: setting({
    title: 'Numbers of entries',
    schema: z.boolean(),
    about: 'Whether the page shows the number of each entry.',
    initial: true,
    control: check(
      'Show the number of each entry',
      'The oldest entry on the page is No. 1. The counter shows the number of the latest entry.'
    ),
  }),
  shows_countries: setting({
    heading: 'Page',
    title: 'Countries',
    schema: z.boolean(),
    about: 'Whether the page shows the countries that the latest 100 entries came from.',
    initial: false,
    control: check(
      'Show the countries of the latest 100 entries',
      'Shows a row of flags below the counter, but never which guest came from where.'
    ),
  }),
}

/** A line has the text and the emoji, with spaces between them. */
function readSmiley(line: string): Smiley {
  const [text = '', ...emoji] = line.split(/\s+/)
  return { text, emoji: emoji.join(' ') }
}

function judgeOwnSmileys(smileys: Smiley[]): Result<Smiley[], string> {
  const judged = judgeSmileys(smileys)
  if (judged.ok) return judged
  return err(judged.error.map(({ index, message }) => `Smiley ${index + 1}: ${message}`).join(' '))
}

const SUGGESTED_COLOR = '#b3005e'

/** A color input always has a value, so a box says whether it counts. */
function color(): Control<string | null> {
  const box = check('Use an accent color of my own')
  return {
    fill: (value, name) => ({ ...box.fill(value !== null, `has_${name}`), [name]: value ?? SUGGESTED_COLOR }),
    read: (form, name) => (box.read(form, `has_${name}`) ? form.get(name) || null : null),
    show: (form, name) => (
      <>
        {box.show(form, `has_${name}`)}
        <Input
          name={name}
          label="Accent color"
          type="color"
          value={form.get(name) || SUGGESTED_COLOR}
          hint={
            <>
              Links, headings and buttons get this color. It becomes lighter or darker where needed, so that they stay
              readable.
            </>
          }
        />
      </>
    ),
  }
}
