import { ANSWER_MAX, MAX_QUESTIONS, QUESTION_MAX } from '../core/guestbook/answers'
import { TITLE_MAX, WELCOME_MAX } from '../core/guestbook/book-policy'
import { isLanguage, LANGUAGES } from '../core/languages'
import { EN } from '../core/languages/en'
import { CSS_MAX } from '../core/looks/custom-css'
import { THEMES } from '../core/looks/themes'
import { LANGUAGE_SETTINGS, MAX_QUOTA_MB } from './book'
import { type BookFields, settingsPath } from './form'
import { Check, Count, Lines, Select, Text } from './form-inputs'
import { Moderation } from './moderation-inputs'

interface Fields {
  fields: BookFields
}

/** All settings of a book. @param published how many entries are on the page */
export function BookForm({ fields, published }: Fields & { published: number }) {
  return (
    <form method="post" action={settingsPath(fields.slug)}>
      <Words fields={fields} />
      <Looks fields={fields} />
      <Signing fields={fields} published={published} />
      <Moderation fields={fields} />
      <button class="primary" type="submit">
        Save
      </button>
    </form>
  )
}

function Words({ fields }: Fields) {
  return (
    <section class="card">
      <h2>Words</h2>
      <Text name="title" label="Title" value={fields.title} max={TITLE_MAX} required>
        The heading of the page. Events about entries include it, as <code>data.book.title</code>.
      </Text>
      <Text name="welcome" label="Welcome text" value={fields.welcome} max={WELCOME_MAX} placeholder={EN.welcome}>
        If it is empty, guests see our own welcome text in their language.
      </Text>
      <Text name="banner" label="Banner" value={fields.banner} max={WELCOME_MAX}>
        A line above the entries, for example for news.
      </Text>
      <Select name="language" label="Language" value={fields.language} options={languages()}>
        The page and its form are in this language. Entries stay as their guests wrote them.
      </Select>
      <Text name="home_url" label="Link to your site" value={fields.home_url} placeholder="https://example.com">
        The page links back to it, above the entries. If it is empty, there is no link.
      </Text>
    </section>
  )
}

function languages(): [string, string][] {
  return LANGUAGE_SETTINGS.map((code) => [
    code,
    isLanguage(code) ? LANGUAGES[code].name_of_language : 'The language of each guest’s browser',
  ])
}

function Looks({ fields }: Fields) {
  const themes = Object.entries(THEMES).map(([slug, { name }]): [string, string] => [slug, name])
  return (
    <section class="card">
      <h2>Looks</h2>
      <Select name="theme" label="Theme" value={fields.theme} options={themes}>
        Changes the whole look of the page, also where it is embedded. The entries stay the same.
      </Select>
      <ThemePreviews slug={fields.slug} theme={fields.theme} />
      <Check name="has_accent" label="Use an accent color of my own" isOn={fields.accent !== ''} />
      <label for="accent">Accent color</label>
      <input id="accent" name="accent" type="color" value={fields.accent || '#b3005e'} aria-describedby="accent-hint" />
      <p class="hint" id="accent-hint">
        Links, headings and buttons get this color, made lighter or darker so that they stay readable.
      </p>
      <Select
        name="avatars"
        label="Pictures of guests"
        value={fields.avatars}
        options={[
          ['identicon', 'Made from the name'],
          ['face', 'A face that the guest chooses, or one made from the name'],
          ['none', 'None'],
        ]}
      >
        This guestbook draws the avatars, so no picture is loaded from another site. A change applies to all entries.
      </Select>
      <Check name="smileys" label="Show smileys such as :-) as emoji" isOn={fields.smileys} />
      <Lines name="own_smileys" label="Smileys of your own, one a line" value={fields.own_smileys}>
        A text and its emoji, such as <code>:parrot: 🦜</code>. Entries show the emoji instead of the text.
      </Lines>
      <Check
        name="shows_countries"
        label="Show the countries that the latest 100 entries came from"
        isOn={fields.shows_countries}
      >
        A row of flags below the counter. It never says which guest came from where.
      </Check>
      <Lines name="css" label="Custom CSS" value={fields.css} max={CSS_MAX}>
        It loads nothing and applies to the page of the guestbook alone. Write <code>.page</code> for the page itself.
      </Lines>
    </section>
  )
}

/** The links open in the frame, so the preview works without a script. */
function ThemePreviews({ slug, theme }: { slug: string; theme: string }) {
  const pathOf = (one: string) => `${settingsPath(slug)}/preview?theme=${one}`
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

function onThePage(published: number): string {
  if (published === 0) return 'The page has no entries yet.'
  return `The ${published === 1 ? 'entry' : `${published.toLocaleString('en')} entries`} on the page would stay there.`
}

function Signing({ fields, published }: Fields & { published: number }) {
  return (
    <section class="card">
      <h2>Signing</h2>
      <Check name="is_open" label="Guests can sign" isOn={fields.is_open}>
        Otherwise, guests see a note instead of the form, and webmentions are refused. {onThePage(published)}
      </Check>
      <Check name="allows_private" label="Guests can write an entry that only I can read" isOn={fields.allows_private}>
        Such an entry never gets onto the page, and no webhook reports it. You read it under{' '}
        <a href="/admin/comments">Entries</a>.
      </Check>
      <Check name="asks_mood" label="Ask guests how they feel" isOn={fields.asks_mood}>
        A short text that the guest types, such as "happy". An answer is optional, and stands beside the entry.
      </Check>
      <Check name="asks_place" label="Ask guests where they are" isOn={fields.asks_place}>
        A short text that the guest types, such as a town. An answer is optional.
      </Check>
      <Check name="markup" label="Entries may contain *emphasis*, `code` and > quotes" isOn={fields.markup}>
        This changes only how entries are shown. If you turn it off, guests see the characters as they were typed.
      </Check>
      <Check name="webmentions" label="Accept webmentions from other sites" isOn={fields.webmentions}>
        A page that links to the book can announce the link. It then becomes an entry, and your rules apply to it.
      </Check>
      {Array.from({ length: MAX_QUESTIONS }, (_, i) => (
        <QuestionInputs number={i} fields={fields} />
      ))}
      <Lines
        name="return_origins"
        label="Sites to which guests may return after signing, one a line"
        value={fields.return_origins}
      >
        For links such as <code>/?return_to=https://example.com/thanks</code>.
      </Lines>
      <Count
        name="daily_quota_mb"
        label="Daily limit for all guests together, in megabytes"
        value={fields.daily_quota_mb}
        max={MAX_QUOTA_MB}
      >
        A megabyte holds a few hundred entries of average length. Beyond the limit, guests are asked to come back the
        next day. 0 means no limit. <a href="/admin/storage">Storage</a> shows how full the database is.
      </Count>
    </section>
  )
}

function QuestionInputs({ number, fields }: Fields & { number: number }) {
  const { text = '', is_required = false, expected = null } = fields.questions[number] ?? {}
  return (
    <fieldset>
      <legend>Question {number + 1}</legend>
      <Text name={`questions_${number}_text`} label="Question" value={text} max={QUESTION_MAX}>
        The form asks it below the text. The answer stands beside the entry. If the field is empty, nothing is asked.
      </Text>
      <Check name={`questions_${number}_is_required`} label="Must be answered" isOn={is_required} />
      <Text name={`questions_${number}_expected`} label="Expected answer" value={expected ?? ''} max={ANSWER_MAX}>
        If you enter one, only guests who know it can sign. It is never shown.
      </Text>
    </fieldset>
  )
}
