import { useContext } from '#jsx'
import type { Control } from '../../../kit/html/controls'
import { Help, HelpParagraph } from '../../../kit/html/help'
import { Hidden, Submit } from '../../../kit/html/parts/form'
import { THEME_SLUGS, type ThemeSlug, themeName } from '../../rules/looks/themes'
import { EditedBook } from './setting'

/** The id of the card of the theme that the book has. */
export const CHOSEN = 'chosen-theme'

/**
 * A card for each theme. Its button saves the form with this theme. dashboard.js shows the book itself in each card;
 * without scripts, there is a link to it.
 */
export function themeGallery(): Control<ThemeSlug, string> {
  // The button that was pressed stands after the hidden field.
  const read = (form: URLSearchParams, name: string) => form.getAll(name).at(-1) ?? ''
  return {
    fill: (value, name) => ({ [name]: value }),
    read,
    show: (form, name) => {
      const chosen = read(form, name)
      return (
        <>
          <Hidden fields={{ [name]: chosen }} />
          <h2>Theme</h2>
          <HelpParagraph of="book.theme" class="hint" />
          <ul class="themes">
            {THEME_SLUGS.map((slug) => (
              <ThemeCard slug={slug} name={name} isChosen={slug === chosen} />
            ))}
          </ul>
        </>
      )
    },
  }
}

function ThemeCard({ slug, name, isChosen }: { slug: ThemeSlug; name: string; isChosen: boolean }) {
  const { path } = useContext(EditedBook)
  const preview = `${path}/preview?theme=${slug}`
  const title = themeName(slug)
  return (
    <li id={isChosen ? CHOSEN : undefined}>
      <div class="thumbnail" data-thumbnail={`${preview}&small`} />
      {isChosen ? (
        <b>✓ {title}</b>
      ) : (
        <Submit name={name} value={slug} label={`Use ${title}`} aria-describedby={`about-${slug}`} />
      )}
      <p class="hint" id={`about-${slug}`}>
        <Help of={`theme.${slug}`} />
      </p>
      <a href={preview} aria-label={`Preview of ${title}`}>
        Preview
      </a>
    </li>
  )
}
