/** In the order of the text `moods` of each language, which has their names. */
const EMOJI = ['😀', '🤩', '🥰', '😌', '🤔', '📼', '😴', '🤪', '😢', '😠']

export interface Mood {
  name: string
  emoji: string
  /** What is stored as the mood of an entry. */
  value: string
}

/** @param names the text `moods`. @returns the moods that a guest can choose; they can also use their own words */
export function listMoods(names: string): Mood[] {
  return names.split('|').map((name, i) => ({ name, emoji: EMOJI[i] ?? '', value: `${name} ${EMOJI[i]}` }))
}
