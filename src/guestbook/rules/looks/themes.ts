import { words } from '../../../kit/lib/words'
/** Each has a stylesheet, public/themes/{slug}.css, and a sentence in public/help.json, `theme.{slug}`. */
export const THEME_SLUGS = words(
  'nineties terminal paper chat zine plain postcard arcade blueprint garden corkboard visitors'
)

export type ThemeSlug = (typeof THEME_SLUGS)[number]

/** @returns what pages call a theme */
export const themeName = (slug: ThemeSlug): string => slug.charAt(0).toUpperCase() + slug.slice(1)

export const DEFAULT_THEME: ThemeSlug = 'nineties'

/** The darkest surface of any theme by day, and the lightest by night, as relative luminance (WCAG 2.2). */
export const SURFACE_LUMINANCE = { day: 0.72, night: 0.05 } as const
