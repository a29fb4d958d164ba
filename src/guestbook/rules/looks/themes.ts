/** The themes. Each has a stylesheet, public/themes/{slug}.css. */
export const THEME_SLUGS = [
  'nineties',
  'terminal',
  'paper',
  'chat',
  'zine',
  'plain',
  'postcard',
  'arcade',
  'blueprint',
  'garden',
  'corkboard',
  'visitors',
] as const

export type ThemeSlug = (typeof THEME_SLUGS)[number]

/** @returns what pages call a theme */
export const themeName = (slug: ThemeSlug): string => slug.charAt(0).toUpperCase() + slug.slice(1)

export const DEFAULT_THEME: ThemeSlug = 'nineties'

/**
 * The relative luminance (WCAG 2.2) of the darkest surface by day, and of the lightest by night, in any theme. A color
 * that has enough contrast with these two has enough contrast everywhere.
 */
export const SURFACE_LUMINANCE = { day: 0.72, night: 0.05 } as const
