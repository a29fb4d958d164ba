/*
 * Draws small pictures as SVG. A picture is 12 rows of 12 letters. Each letter is a color, and a dot is the ground.
 */

/** The colors, in the order in which they are painted. The eyes come last. */
const PALETTE: Record<string, string> = {
  G: '#2c7a43',
  g: '#6cc24a',
  B: '#2f56b0',
  c: '#8fdcea',
  v: '#7d4fc4',
  D: '#6b3f22',
  d: '#a9693c',
  o: '#f08a2c',
  y: '#ffd23f',
  t: '#ffe7bd',
  s: '#f6c39a',
  N: '#4a4f63',
  n: '#a7adba',
  p: '#f58fb0',
  r: '#d8343f',
  w: '#ffffff',
  k: '#1b1726',
}

export interface Picture {
  /** The letter of the color behind the picture. */
  ground: string
  rows: readonly string[]
}

/** Moved up by half a pixel, so that the lines have short coordinates. */
const START = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -.5 12 12" shape-rendering="crispEdges">'

/** @returns an SVG file without ids, styles, or text. Its parts are only colors and numbers from this folder */
export function drawPicture({ ground, rows }: Picture): string {
  const paths = Object.keys(PALETTE).map((letter, order) => pathOf(letter, order, rows))
  const tile = `<path fill="${PALETTE[ground]}" d="M0-.5h12v12H0z"/>`
  return `${START}${tile}${paths.join('')}</svg>`
}

/** Each run of pixels is a horizontal line that is one pixel wide. */
function pathOf(letter: string, order: number, rows: readonly string[]): string {
  const lines = rows.flatMap((row, y) => runsOf(letter, order, row).map(([x, length]) => `M${x} ${y}h${length}`))
  return lines.length === 0 ? '' : `<path stroke="${PALETTE[letter]}" d="${lines.join('')}"/>`
}

const ORDER = new Map(Object.keys(PALETTE).map((letter, order) => [letter, order]))

/** A run goes on under pixels that are painted later, which makes the picture smaller. */
function runsOf(letter: string, order: number, row: string): [x: number, length: number][] {
  const runs: [number, number][] = []
  let start = -1
  let end = -1
  for (let x = 0; x <= row.length; x++) {
    const pixel = ORDER.get(row.charAt(x)) ?? -1
    if (row.charAt(x) === letter) {
      if (start < 0) start = x
      end = x + 1
    } else if (pixel < order && start >= 0) {
      runs.push([start, end - start])
      start = -1
    }
  }
  return runs
}
