/** A look of the guestbook page. The slug of a theme is also the name of its stylesheet: public/themes/{slug}.css. */
export interface Theme {
  name: string
  /** One sentence for the owner's settings. */
  description: string
}

export const THEMES = {
  nineties: {
    name: 'Nineties',
    description: 'A tiled background by day, a starfield by night, ridged borders and a counter of LEDs.',
  },
  terminal: {
    name: 'Terminal',
    description: 'Green phosphor by night, and a teletype on green-bar paper by day.',
  },
  paper: {
    name: 'Paper',
    description: 'A real guest book on a wooden table: ruled lines, blue ink and a ribbon.',
  },
  chat: {
    name: 'Chat',
    description: 'A chat room, where every entry is a bubble.',
  },
  zine: {
    name: 'Zine',
    description: 'Cut, pasted, taped and photocopied, with one spot color.',
  },
  plain: {
    name: 'Plain',
    description: 'Quiet and modern, so that the words of your guests stand out.',
  },
  postcard: {
    name: 'Postcard',
    description: 'Greetings from the beach, with airmail stripes, stamps and postmarks.',
  },
  arcade: {
    name: 'Arcade',
    description: 'Neon and pixels by night, and the green screen of a pocket game by day.',
  },
  blueprint: {
    name: 'Blueprint',
    description: 'A technical drawing: blue ink on squared paper by day, white lines on blue by night.',
  },
  garden: {
    name: 'Garden',
    description: 'A meadow with daisies and poppies by day, and fireflies by night.',
  },
  corkboard: {
    name: 'Corkboard',
    description: 'A board in a wooden frame, with notes in columns, pinned and taped.',
  },
  visitors: {
    name: 'Visitors',
    description: 'The book of a grand hotel, open at two pages side by side.',
  },
} as const satisfies Record<string, Theme>

export type ThemeSlug = keyof typeof THEMES

export const THEME_SLUGS = Object.keys(THEMES) as ThemeSlug[]

export const DEFAULT_THEME: ThemeSlug = 'nineties'

/**
 * The relative luminance (WCAG 2.2) of the darkest surface by day, and of the lightest surface by night, in any theme.
 * A color that has enough contrast with these two has enough contrast everywhere.
 */
export const SURFACE_LUMINANCE = { day: 0.72, night: 0.05 } as const
