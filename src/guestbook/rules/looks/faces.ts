/* The pictures are files in public/faces, so they take up no room in the Worker, and a browser keeps them. */

/** In the order of the gallery. The text `faces` of each language has their names in the same order. */
export const FACE_SLUGS: readonly string[] = [
  'girl',
  'boy',
  'grandma',
  'sailor',
  'punk',
  'pirate',
  'ninja',
  'wizard',
  'vampire',
  'clown',
  'queen',
  'cowboy',
  'astronaut',
  'cat',
  'dog',
  'fox',
  'panda',
  'frog',
  'owl',
  'penguin',
  'bunny',
  'bear',
  'pig',
  'chick',
  'unicorn',
  'smiley',
  'robot',
  'ghost',
  'alien',
  'skull',
  'pumpkin',
  'cactus',
  'mushroom',
  'computer',
  'devil',
  'monster',
]

/** @param names the text `faces` of a language. @returns the faces with their names */
export function listFaces(names: string): { slug: string; name: string }[] {
  const named = names.split('|')
  return FACE_SLUGS.map((slug, i) => ({ slug, name: named[i] ?? '' }))
}

/** @param slug such as `cat`, or any other text */
export const isFace = (slug: string): boolean => FACE_SLUGS.includes(slug)

/** Browsers keep a picture for a year (public/_headers), so a changed one needs a new number in its address. */
export const facePath = (slug: string): string => `/faces/2/${slug}.svg`
