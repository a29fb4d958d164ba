import { useContext } from '#jsx'
import type { Control } from '../../../kit/html/controls'
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
          <p class="hint">
            The look of the page, and of the book on sites that embed it. Choosing a theme saves all your changes. While
            the book has no entries, the previews show made-up ones.
          </p>
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

const ABOUT: Record<ThemeSlug, string> = {
  arcade: 'Neon and pixels by night, and the green screen of a handheld game console by day.',
  blueprint: 'A technical drawing: blue ink on squared paper by day, white lines on blue by night.',
  chat: 'A chat room, where every entry is a bubble.',
  corkboard: 'A board in a wooden frame, with notes in rows, pinned and taped.',
  garden: 'A meadow with daisies and poppies by day, and fireflies by night.',
  nineties: 'A tiled background by day, a starfield by night, ridged borders and an LED counter.',
  paper: 'A real guest book on a wooden table: ruled lines, blue ink and a ribbon.',
  plain: 'Quiet and modern, so that the words of your guests stand out.',
  postcard: 'Greetings from the beach, with airmail stripes, stamps and postmarks.',
  terminal: 'Green phosphor by night, and a teletype on green-bar paper by day.',
  visitors: 'The guest book of a grand hotel, with two pages side by side.',
  zine: 'Cut, pasted, taped and photocopied, with one spot color.',
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
        {ABOUT[slug]}
      </p>
      <a href={preview} aria-label={`Preview of ${title}`}>
        Preview
      </a>
    </li>
  )
}
