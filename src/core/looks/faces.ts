import { drawPicture, type Picture } from './faces/bitmap'
import { CREATURES } from './faces/creatures'
import { ODDITIES } from './faces/oddities'
import { PEOPLE } from './faces/people'

/*
 * Faces from which guests choose a picture of themselves. They are drawn here, so that no page loads an image.
 */

const PICTURES: Record<string, Picture> = { ...PEOPLE, ...CREATURES, ...ODDITIES }

/** In the order of the gallery. The text `faces` of each language has their names in the same order. */
export const FACE_SLUGS: readonly string[] = Object.keys(PICTURES)

/**
 * @param slug such as `cat`, or any other text
 * @returns an SVG of at most 700 bytes with the class `avatar`, hidden from screen readers; null for an unknown slug
 */
export function face(slug: string): string | null {
  return Object.hasOwn(PICTURES, slug) ? drawPicture(PICTURES[slug] as Picture) : null
}
