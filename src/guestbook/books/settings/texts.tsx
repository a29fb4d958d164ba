import * as z from 'zod'
import { choice, optionalText, text } from '../../../kit/html/controls'
import { judgeLine, TITLE_MAX, WELCOME_MAX } from '../../rules/entries/book-texts'
import { LANGUAGE_CODES, LANGUAGES } from '../../rules/languages'
import { EN } from '../../rules/languages/en'
import { setting } from './setting'

/** The title has a column of its own. A new book must have one. */
export const TITLE = setting({
  title: 'Title',
  schema: z.string().meta({ example: 'My Guestbook' }),
  about: `Up to ${TITLE_MAX} characters.`,
  initial: '',
  judge: (given) => judgeLine('The title', given, TITLE_MAX),
  control: text('Title', {
    max: TITLE_MAX,
    required: true,
    hint: (
      <>
        The heading of the page. Events about entries include it, as <code>data.book.title</code>.
      </>
    ),
  }),
})

export const WORDS = {
  welcome: setting({
    title: 'Welcome text',
    schema: z.string().nullable(),
    about: 'Up to 200 characters. Null for the default text, in the language of the page.',
    initial: null,
    judge: (given) => judgeLine('The welcome text', given, WELCOME_MAX),
    control: optionalText('Welcome text', {
      max: WELCOME_MAX,
      placeholder: EN.welcome,
      hint: 'If it is empty, guests see a standard text in their language. Marks such as *emphasis* work here if entries may contain them.',
    }),
  }),
  banner: setting({
    title: 'Banner',
    schema: z.string().nullable(),
    about: 'A line of text above the entries, up to 200 characters.',
    initial: null,
    judge: (given) => judgeLine('The banner', given, WELCOME_MAX),
    control: optionalText('Banner', { max: WELCOME_MAX, hint: 'A line above the entries, for example for news.' }),
  }),
  language: setting({
    title: 'Language',
    schema: z.enum(['auto', ...LANGUAGE_CODES]),
    about: `The language of the page. \`auto\`: the language that the browser asks for, if it is one of ${LANGUAGE_CODES.join(', ')}.`,
    initial: 'auto',
    isPublic: true,
    control: choice(
      'Language',
      { auto: 'The language of each guest’s browser', ...LANGUAGES },
      'The page and its form are in this language. Entries stay as their guests wrote them.'
    ),
  }),
}
