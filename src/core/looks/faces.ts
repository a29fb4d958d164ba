/*
 * Faces from which guests choose a picture of themselves. The pictures are files, drawn from the letters in faces/ by
 * `npm run faces`. So they take up no room in the Worker, and a browser keeps them.
 */

/** The labels of the faces by slug, in English, in the order of the gallery. */
export const FACES: Readonly<Record<string, string>> = {
  girl: 'Girl with pigtails',
  boy: 'Boy with a cap',
  grandma: 'Grandma with glasses',
  sailor: 'Old sailor',
  punk: 'Punk',
  pirate: 'Pirate',
  ninja: 'Ninja',
  wizard: 'Wizard',
  vampire: 'Vampire',
  clown: 'Clown',
  queen: 'Queen',
  cowboy: 'Cowboy',
  astronaut: 'Astronaut',
  cat: 'Cat',
  dog: 'Dog',
  fox: 'Fox',
  panda: 'Panda',
  frog: 'Frog',
  owl: 'Owl',
  penguin: 'Penguin',
  bunny: 'Bunny',
  bear: 'Bear',
  pig: 'Pig',
  chick: 'Chick in its shell',
  unicorn: 'Unicorn',
  smiley: 'Smiley',
  robot: 'Robot',
  ghost: 'Ghost',
  alien: 'Alien',
  skull: 'Skull',
  pumpkin: 'Pumpkin',
  cactus: 'Cactus',
  mushroom: 'Mushroom',
  computer: 'Old computer',
  devil: 'Little devil',
  monster: 'One-eyed monster',
}

export const FACE_SLUGS: readonly string[] = Object.keys(FACES)

/** @param slug such as `cat`, or any other text */
export function isFace(slug: string): boolean {
  return Object.hasOwn(FACES, slug)
}

/**
 * Browsers keep a picture for a year (see public/_headers), so a picture that changes needs a new number in its address.
 * @param slug of a face
 */
export function facePath(slug: string): string {
  return `/faces/2/${slug}.svg`
}
