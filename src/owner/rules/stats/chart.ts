/* Where the bars of a stacked chart go. The chart is as wide as it has bars, and as high as its height. */

type Bar = { series: number; x: number; y: number; height: number }

/** The height of a chart, in the units of its bars. */
export const CHART_HEIGHT = 100

/** @param columns a value for each series, at least 0 @returns the bars; the tallest column has the full height */
export function stackBars(columns: number[][]): Bar[] {
  const highest = Math.max(1, ...columns.map(sum))
  return columns.flatMap((values, x) => {
    let top = CHART_HEIGHT
    return values.flatMap((value, series) => {
      const height = (value / highest) * CHART_HEIGHT
      top -= height
      return value > 0 ? [{ series, x, y: round(top), height: round(height) }] : []
    })
  })
}

export const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)

/** Two digits are enough, and keep the page short. */
const round = (value: number): number => Math.round(value * 100) / 100
