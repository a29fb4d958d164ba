import { SURFACE_LUMINANCE } from './themes'

/* Darkened by day and lightened by night, the accent has contrast 7 on all surfaces of all themes (WCAG 2.2, 1.4.6). */

const CONTRAST = 7
const HEX = /^#[0-9a-f]{6}$/i

type Rgb = readonly [number, number, number]

/** @returns whether a text is a color such as `#b3005e` */
export const isColor = (text: string): boolean => HEX.test(text)

/** @param color such as `#b3005e` @returns the stylesheet that sets the accent, and the color of text on the accent */
export function accentCss(color: string): string {
  return `.page{--accent:${accentOf(color)};--accent-ink:light-dark(#fff,#000)}`
}

/** @returns the accent by day and by night, as a value of CSS */
export function accentOf(color: string): string {
  const rgb = parse(color)
  const day = mixUntil(rgb, [0, 0, 0], (luminance) => contrast(SURFACE_LUMINANCE.day, luminance) >= CONTRAST)
  const night = mixUntil(rgb, [255, 255, 255], (luminance) => contrast(luminance, SURFACE_LUMINANCE.night) >= CONTRAST)
  return `light-dark(${day},${night})`
}

function parse(color: string): Rgb {
  const digits = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
  return [digits[0] ?? 0, digits[1] ?? 0, digits[2] ?? 0]
}

const STEPS = 20

function mixUntil(color: Rgb, target: Rgb, isEnough: (luminance: number) => boolean): string {
  for (let step = 0; step < STEPS; step++) {
    const mixed = color.map((value, i) => Math.round(value + ((target[i] ?? 0) - value) * (step / STEPS)))
    if (isEnough(luminanceOf(mixed))) return toHex(mixed)
  }
  return toHex(target)
}

function toHex(rgb: readonly number[]): string {
  return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
export function luminanceOf(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (lighter: number, darker: number): number => (lighter + 0.05) / (darker + 0.05)
