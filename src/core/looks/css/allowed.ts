/*
 * What a guestbook's own CSS may use. Everything else is refused. No name on these lists can load anything, run
 * anything, or move a box out of the page.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}

export const PROPERTIES = words(`
  accent-color align-content align-items align-self aspect-ratio backdrop-filter background background-attachment
  background-blend-mode background-clip background-color background-image background-origin background-position
  background-position-x background-position-y background-repeat background-size block-size
  border border-block border-block-color border-block-end border-block-start border-block-style border-block-width
  border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style
  border-bottom-width border-collapse border-color border-end-end-radius border-end-start-radius border-image
  border-image-outset border-image-repeat border-image-slice border-image-source border-image-width
  border-inline border-inline-color border-inline-end border-inline-start border-inline-style border-inline-width
  border-left border-left-color border-left-style border-left-width border-radius border-right border-right-color
  border-right-style border-right-width border-spacing border-start-end-radius border-start-start-radius border-style
  border-top border-top-color border-top-left-radius border-top-right-radius border-top-style border-top-width
  border-width bottom box-decoration-break box-shadow box-sizing caption-side caret-color clear clip-path color
  color-scheme column-count column-fill column-gap column-rule column-rule-color column-rule-style column-rule-width
  column-span column-width columns content counter-increment counter-reset counter-set cursor direction display
  empty-cells filter flex flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font font-family
  font-feature-settings font-kerning font-size font-size-adjust font-stretch font-style font-variant
  font-variant-caps font-variant-ligatures font-variant-numeric font-weight gap grid grid-area grid-auto-columns
  grid-auto-flow grid-auto-rows grid-column grid-column-end grid-column-start grid-row grid-row-end grid-row-start
  grid-template grid-template-areas grid-template-columns grid-template-rows height hyphens inline-size inset
  inset-block inset-block-end inset-block-start inset-inline inset-inline-end inset-inline-start isolation
  justify-content justify-items justify-self left letter-spacing line-break line-height list-style list-style-image
  list-style-position list-style-type margin margin-block margin-block-end margin-block-start margin-bottom
  margin-inline margin-inline-end margin-inline-start margin-left margin-right margin-top mask-image mask-position
  mask-repeat mask-size max-block-size max-height max-inline-size max-width min-block-size min-height
  min-inline-size min-width mix-blend-mode object-fit object-position opacity order outline outline-color
  outline-offset outline-style outline-width overflow overflow-wrap overflow-x overflow-y padding padding-block
  padding-block-end padding-block-start padding-bottom padding-inline padding-inline-end padding-inline-start
  padding-left padding-right padding-top place-content place-items place-self position quotes resize right rotate
  row-gap scale scrollbar-color scrollbar-width tab-size table-layout text-align text-align-last text-decoration
  text-decoration-color text-decoration-line text-decoration-style text-decoration-thickness text-emphasis
  text-indent text-overflow text-shadow text-transform text-underline-offset text-wrap top transform
  transform-origin transition transition-delay transition-duration transition-property transition-timing-function
  translate vertical-align visibility white-space width word-break word-spacing writing-mode z-index
  -webkit-background-clip -webkit-text-fill-color -webkit-text-stroke -webkit-text-stroke-color
  -webkit-text-stroke-width
`)

/** None of them takes a URL. The functions url(), image(), image-set(), cross-fade(), element() and attr() do. */
export const FUNCTIONS = words(`
  rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark
  calc min max clamp abs round mod rem sign var
  linear-gradient radial-gradient conic-gradient
  repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient
  translate translatex translatey rotate scale scalex scaley skew skewx skewy matrix
  blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
  cubic-bezier steps linear minmax repeat fit-content counter counters circle ellipse inset polygon
`)

export const UNITS = words(`
  px em rem ch ex lh rlh cap ic vw vh vi vb vmin vmax svw svh lvw lvh dvw dvh cm mm q in pt pc
  deg grad rad turn s ms fr
`)

export const ELEMENTS = words(`
  a abbr article aside b bdi blockquote body br button code div em fieldset figcaption figure footer form h1 h2 h3 h4
  header hr html i img input label legend li main nav ol option p path pre q s section select small span strong svg
  textarea time u ul
`)

export const PSEUDO_CLASSES = words(`
  hover focus focus-visible focus-within active link visited target
  first-child last-child only-child first-of-type last-of-type
`)

export const PSEUDO_ELEMENTS = words('before after marker placeholder first-letter first-line selection')

/** Older style sheets write them with one colon (https://www.w3.org/TR/selectors-4/#single-colon-pseudos). */
export const OLD_PSEUDO_ELEMENTS = words('before after first-letter first-line')
