import { err, ok, type Result } from '../../../kit/lib/result'
import type { Translator } from '../languages'

/*
 * What a guest draws: strokes on a sheet, as SVG path data of a small form. Each stroke starts with `M` and a point, and
 * may continue with `l` and steps from point to point: `M10 20l5 3 4 -2M60 60l0 0`.
 * https://www.w3.org/TR/SVG2/paths.html#PathData
 */

/** The sheet, as the `viewBox` of an SVG. */
export const SHEET = '0 0 400 200'
/** The room around the strokes, for the width of the pen. */
const MARGIN = 6
/** The least width and height, so that a dot stays a dot. */
const LEAST = 48
/** In characters, all of which are ASCII. */
export const DRAWING_MAX = 4_096

/** Each number has at most three digits, and one space before it, so the expression can match in only one way. */
const STROKES = /^(?:M\d{1,3} \d{1,3}(?:l-?\d{1,3} -?\d{1,3}(?: -?\d{1,3} -?\d{1,3})*)?)+$/

export const DRAWING_MODES = ['off', 'held', 'on'] as const
/** Whether guests can draw; `held`: entries with a drawing wait. */
export type Drawings = (typeof DRAWING_MODES)[number]

export type DrawingFault = { path: 'drawing'; message: string }

/** @returns the drawing; null if there is none, or if the book does not allow drawings; or what is wrong with it */
export function judgeDrawing(
  drawings: Drawings,
  given: string | null | undefined,
  { text }: Translator
): Result<string | null, DrawingFault[]> {
  if (drawings === 'off' || !given) return ok(null)
  return isDrawing(given) ? ok(given) : err([{ path: 'drawing', message: text('fault_drawing') }])
}

/** @returns whether a text is a drawing. Nothing else becomes part of a page, so a drawing needs no escaping */
export const isDrawing = (text: string): boolean => text.length <= DRAWING_MAX && STROKES.test(text)

type Axis = { at: number; first: number; last: number }

/** @returns the `viewBox` of the strokes. A page can have many drawings, so this reads each character only once */
export function frameOf(drawing: string): string {
  const across: Axis = { at: 0, first: 400, last: 0 }
  const down: Axis = { at: 0, first: 200, last: 0 }
  let [axis, number, sign] = [across, 0, 1]
  for (let i = 1; i <= drawing.length; i++) {
    const code = drawing.charCodeAt(i)
    // 48 to 57 are digits, 45 is a minus sign, and 77 is an `M`.
    if (code > 47 && code < 58) number = number * 10 + code - 48
    else if (code === 45) sign = -1
    else {
      axis.at += sign * number
      axis.first = Math.min(axis.first, axis.at)
      axis.last = Math.max(axis.last, axis.at)
      axis = axis === across ? down : across
      number = 0
      sign = 1
    }
    if (code === 77) across.at = down.at = 0
  }
  const [left, width] = spanOf(across, 400)
  const [top, height] = spanOf(down, 200)
  return `${left} ${top} ${width} ${height}`
}

/** What is drawn beside the sheet is cut off. @returns where the part begins, and how long it is */
function spanOf({ first, last }: Axis, most: number): [number, number] {
  const [from, to] = [Math.max(first, 0), Math.min(last, most)]
  const length = Math.max(LEAST, to - from + 2 * MARGIN)
  return [Math.round((from + to - length) / 2), length]
}

/** @param label what a screen reader says, escaped @returns HTML; empty for a text that is no drawing */
export function drawingSvg(drawing: string | null | undefined, label: string): string {
  if (drawing == null || !isDrawing(drawing)) return ''
  const frame = frameOf(drawing)
  const [, , width, height] = frame.split(' ')
  const size = `viewBox="${frame}" width="${width}" height="${height}"`
  const pen = 'fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"'
  return `<svg class="drawing" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" ${size}><path d="${drawing}" ${pen}/></svg>`
}
