import { doc } from '#doc'
import { useContext } from '#jsx'
import { block, type Control, check, choice, converted, lines } from '../../../kit/html/controls'
import { Input } from '../../../kit/html/parts/fields'
import { err, type Result } from '../../../kit/lib/result'
import * as z from '../../../zod'
import { isColor } from '../../rules/looks/accent'
import { CSS_MAX, judgeSheet } from '../../rules/looks/custom-css'
import { judgeSmileys, SMILEYS_MAX, type Smiley } from '../../rules/looks/smileys'
import { DEFAULT_THEME, THEME_SLUGS, THEMES } from '../../rules/looks/themes'
import { EditedBook } from './edited-book'
import { setting } from './setting'

export const LOOKS = {
  theme: setting({
    schema: z.enum(THEME_SLUGS),
    about: doc('The look of the page: see docs/themes.md.'),
    initial: DEFAULT_THEME,
    isPublic: true,
    control: themeWithPreviews(),
  }),
  accent: setting({
    schema: z
      .string()
      .refine(isColor, 'Use a color with six hexadecimal digits, such as "#b3005e".')
      .nullable()
      .openapi({ example: '#b3005e' }),
    about: doc('The color of links, headings and buttons. It is adapted to the theme.'),
    initial: null,
    control: color(),
  }),
  avatars: setting({
    schema: z.enum(['none', 'identicon', 'face']),
    about: doc('`identicon`: a picture made from the name. `face`: guests choose a face, or get an identicon.'),
    initial: 'identicon',
    control: choice(
      'Pictures of guests',
      {
        identicon: 'Made from the name',
        face: 'A face that the guest chooses, or one made from the name',
        none: 'None',
      },
      'This guestbook draws the avatars, so no picture is loaded from another site. A change applies to all entries.'
    ),
  }),
  smileys: setting({
    schema: z.boolean(),
    about: doc('Whether smileys such as :-) are shown as emoji.'),
    initial: true,
    control: check('Show smileys such as :-) as emoji'),
  }),
  own_smileys: setting({
    schema: z
      .array(z.strictObject({ text: z.string(), emoji: z.string() }))
      .max(SMILEYS_MAX)
      .openapi({ example: [{ text: ':parrot:', emoji: '🦜' }] }),
    about: doc('Smileys of your own. Each text, of 2 to 20 characters without spaces, is shown as one emoji.'),
    initial: [],
    judge: judgeOwnSmileys,
    control: converted(
      lines(
        'Smileys of your own, one a line',
        'A text and its emoji, such as `:parrot: 🦜`. Entries show the emoji instead of the text.'
      ),
      (smileys: Smiley[]) => smileys.map(({ text, emoji }) => `${text} ${emoji}`),
      (entered) => entered.map(readSmiley)
    ),
  }),
  show_numbers: setting({
    schema: z.boolean(),
    about: doc('Whether each entry on the page has its number.'),
    initial: true,
    control: check(
      'Show the number of each entry',
      'The oldest entry on the page is No. 1, and the latest has the number of the counter.'
    ),
  }),
  shows_countries: setting({
    schema: z.boolean(),
    about: doc('Whether the page shows the countries that the latest 100 entries came from.'),
    initial: false,
    control: check(
      'Show the countries that the latest 100 entries came from',
      'A row of flags below the counter. It never says which guest came from where.'
    ),
  }),
  /** Stored as the owner typed it: see guestbook/rules/looks/custom-css.ts. */
  css: setting({
    schema: z.string().max(CSS_MAX),
    about: doc('Custom CSS for the page, which cannot load anything: see docs/themes.md.'),
    initial: '',
    judge: judgeSheet,
    control: block('Custom CSS', {
      max: CSS_MAX,
      hint: 'It loads nothing and applies to the page of the guestbook alone. Write `.page` for the page itself.',
    }),
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
          hint="Links, headings and buttons get this color, made lighter or darker so that they stay readable."
        />
      </>
    ),
  }
}

function themeWithPreviews(): Control<keyof typeof THEMES> {
  const names = THEME_SLUGS.map((slug) => [slug, THEMES[slug].name])
  const select = choice(
    'Theme',
    Object.fromEntries(names) as Record<keyof typeof THEMES, string>,
    'Changes the whole look of the page, also where it is embedded. The entries stay the same.'
  )
  return {
    ...select,
    show: (form, name) => (
      <>
        {select.show(form, name)}
        <ThemePreviews theme={form.get(name) ?? ''} />
      </>
    ),
  }
}

/** The links open in the frame, so the preview works without a script. */
function ThemePreviews({ theme }: { theme: string }) {
  const { path } = useContext(EditedBook)
  const pathOf = (one: string) => `${path}/preview?theme=${one}`
  return (
    <details>
      <summary>Preview the themes</summary>
      <ul class="hint">
        {Object.entries(THEMES).map(([one, { name, description }]) => (
          <li>
            <a href={pathOf(one)} target="preview">
              {name}
            </a>
            : {description}
          </li>
        ))}
      </ul>
      <iframe name="preview" title="Preview" src={pathOf(theme)} sandbox="allow-same-origin" loading="lazy" />
    </details>
  )
}
