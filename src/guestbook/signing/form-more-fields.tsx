import { raw } from '#jsx'
import { Check } from '../../kit/html/parts/fields'
import { Fold } from '../../kit/html/parts/form'
import type { Book } from '../books/book'
import { ANSWER_MAX, answerFields, mustAnswer, type Question } from '../rules/entries/answers'
import { DETAIL_MAX } from '../rules/entries/details'
import { DRAWING_MAX, SHEET } from '../rules/entries/drawing'
import { WEBSITE_MAX } from '../rules/entries/entry-content'
import type { Translator } from '../rules/languages/index'
import { facePath, isFace, listFaces } from '../rules/looks/faces'
import { identicon } from '../rules/looks/identicon'
import { listMoods } from '../rules/looks/moods'
import { BookField } from './form-field'
import type { Fields } from './sign-form'

/* The fields of an entry besides the name and the text. */

export interface MoreProps {
  book: Book
  fields: Fields
  translate: Translator
  /** An entry that exists was written for everybody or for the owner alone, and has proved what was asked. */
  isEdit?: boolean
}

/** The fields that nobody has to fill in. They are folded up, so that the entries are in sight. */
export function MoreFields({ book, fields, translate, isEdit = false }: MoreProps) {
  const { text } = translate
  const { website, button_url, mood, place, avatar, pre, drawing, is_private } = fields
  // A browser does not send a form with a required field that is folded up.
  const asks = book.questions.some((question, i) => isEdit || (!mustAnswer(question) && fields.answers[i]))
  const isFilled = [website, button_url, asks, mood, place, avatar, pre, drawing, is_private].some(Boolean)
  const input = { inputmode: 'url', dir: 'ltr', autocomplete: 'url', placeholder: 'https://' } as const
  return (
    <Fold class="more" summary={text('more_fields')} open={isFilled}>
      <BookField label={text('your_website')} hint={text('optional')} name="website">
        {(field) => <input {...field} value={website} data-max={WEBSITE_MAX} {...input} />}
      </BookField>
      {book.has_wall && (
        <BookField label={text('your_button')} hint={text('your_button_hint')} name="button_url">
          {(field) => <input {...field} value={button_url} data-max={WEBSITE_MAX} {...input} autocomplete="off" />}
        </BookField>
      )}
      <Questions book={book} fields={fields} isShown={(question) => isEdit || !mustAnswer(question)} isEdit={isEdit} />
      {book.asks_for.includes('mood') && <Moods mood={mood} translate={translate} />}
      {book.asks_for.includes('place') && (
        <BookField label={text('your_place')} hint={text('optional_detail')} name="place">
          {(field) => <input {...field} value={place} data-max={DETAIL_MAX} autocomplete="off" />}
        </BookField>
      )}
      {book.avatars === 'face' && <Faces chosen={avatar} name={fields.name} translate={translate} />}
      {book.drawings !== 'off' && <Pad drawing={drawing} translate={translate} />}
      <Check name="pre" checked={pre} label={text('keep_lines')} />
      {(book.allows_private || is_private) && !isEdit && (
        <Check name="is_private" checked={is_private} label={text('private_entry')} />
      )}
    </Fold>
  )
}

interface QuestionsProps extends Pick<MoreProps, 'book' | 'fields' | 'isEdit'> {
  isShown: (question: Question) => boolean
}

/** What only shows that the guest is a person is not asked again. */
export function Questions({ book, fields, isShown, isEdit = false }: QuestionsProps) {
  const names = answerFields(book.questions)
  return (
    <>
      {book.questions.map((question, i) => {
        if (!isShown(question) || (isEdit && question.expected !== null)) return null
        return (
          <BookField label={question.text} path={`answers.${i}`} name={names[i] ?? ''}>
            {(field) => (
              <input
                {...field}
                value={fields.answers[i] ?? ''}
                required={mustAnswer(question)}
                data-max={ANSWER_MAX}
                autocomplete="off"
              />
            )}
          </BookField>
        )
      })}
    </>
  )
}

/** Ten moods, or the guest's own words. */
function Moods({ mood, translate: { text } }: { mood: string; translate: Translator }) {
  const moods = listMoods(text('moods'))
  const isListed = moods.some(({ value }) => value === mood)
  return (
    <>
      <fieldset class="choices moods">
        <legend>{text('your_mood')}</legend>
        <label>
          <input type="radio" name="mood_choice" value="" checked={!isListed} /> {text('no_mood')}
        </label>
        {moods.map(({ name, emoji, value }) => (
          <label>
            <input type="radio" name="mood_choice" value={value} checked={value === mood} />
            <span class="emoji" aria-hidden="true">
              {emoji}
            </span>{' '}
            {name}
          </label>
        ))}
      </fieldset>
      <BookField label={text('own_mood')} name="mood">
        {(field) => <input {...field} value={isListed ? '' : mood} data-max={DETAIL_MAX} autocomplete="off" />}
      </BookField>
    </>
  )
}

/** Drawing needs a script, which shows the pad. */
function Pad({ drawing, translate: { text } }: { drawing: string; translate: Translator }) {
  return (
    <fieldset class="pad" data-pad={DRAWING_MAX} hidden>
      <legend>{text('your_drawing')}</legend>
      <input type="hidden" name="drawing" value={drawing} />
      <svg viewBox={SHEET} aria-hidden="true" />
      <p>
        <button class="quiet" type="button">
          {text('drawing_undo')}
        </button>{' '}
        <button class="quiet" type="button">
          {text('drawing_clear')}
        </button>{' '}
        <output data-text={text('drawing_left')} />
      </p>
      <script type="module" src="/doodle.js" />
    </fieldset>
  )
}

/** The pictures are loaded only when a guest opens the gallery. Until then, only the chosen one is shown. */
function Faces({ chosen, name, translate: { text } }: { chosen: string; name: string; translate: Translator }) {
  return (
    <details class="gallery">
      <summary>
        {text('choose_face')} {isFace(chosen) && <img src={facePath(chosen)} alt="" width={24} height={24} />}
      </summary>
      <fieldset class="choices faces">
        <legend>{text('your_face')}</legend>
        <label class="named">
          <input type="radio" name="avatar" value="" checked={chosen === ''} /> {raw(identicon(name))} {text('no_face')}
        </label>
        {listFaces(text('faces')).map(({ slug, name: face }) => (
          <label>
            <input type="radio" name="avatar" value={slug} checked={slug === chosen} />
            <img src={facePath(slug)} alt={face} width={48} height={48} loading="lazy" />
          </label>
        ))}
      </fieldset>
    </details>
  )
}
