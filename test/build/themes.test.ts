import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CARD_HEIGHT, CARD_WIDTH } from '../../src/guestbook/rules/feeds/head-links'
import { DEFAULT_THEME, SURFACE_LUMINANCE, THEME_SLUGS, type ThemeSlug } from '../../src/guestbook/rules/looks/themes'

/*
 * The themes of the guestbook page: public/guestbook.css, followed by public/themes/{slug}.css. The contrast is
 * computed from the custom properties, so each color is a hex color, light-dark() of two hex colors, or var() of
 * another color.
 */

const PUBLIC = join(import.meta.dirname, '../../public')
const read = (file: string) => readFileSync(join(PUBLIC, file), 'utf8')
const BASE = read('guestbook.css')
const SCHEMES = ['light', 'dark'] as const
const BUDGET = 7 * 1024

/**
 * Where each foreground is read. 4.5:1 for text, 3:1 for the title and for what is not text (WCAG 2.2, 1.4.3, 1.4.11).
 */
const PAIRS: [foreground: string, backgrounds: string[], minimum: number][] = [
  ['ink', ['paper', 'card', 'card-2', 'field', 'rule'], 4.5],
  ['soft', ['paper', 'card', 'card-2', 'field', 'rule'], 4.5],
  ['link', ['paper', 'card', 'card-2', 'field', 'rule'], 4.5],
  ['visited', ['paper', 'card', 'card-2', 'rule'], 4.5],
  ['heading', ['paper', 'card', 'card-2', 'rule'], 4.5],
  ['title', ['paper', 'rule'], 3],
  ['bad', ['bad-bg', 'paper', 'card', 'rule'], 4.5],
  ['good', ['good-bg'], 4.5],
  ['button-ink', ['button'], 4.5],
  ['led-ink', ['led'], 4.5],
  ['edge', ['paper', 'card', 'field', 'rule'], 3],
  ['focus', ['paper', 'card', 'card-2', 'field', 'rule'], 3],
  ['mark', ['paper', 'card', 'card-2', 'rule'], 3],
]
const SURFACES = ['paper', 'card', 'card-2', 'field', 'rule']
/** Decoration: no text is on it, and nothing depends on it. */
const DECORATION = ['sky', 'line']
const COLORS = [
  ...new Set([...PAIRS.flatMap(([foreground, backgrounds]) => [foreground, ...backgrounds]), ...DECORATION]),
]

type Properties = Map<string, string>

const withoutComments = (css: string) => css.replace(/\/\*[\s\S]*?\*\//g, '')

/** @returns the custom properties in the rules for :root, without the leading dashes */
function propertiesOf(css: string): Properties {
  const rules = [...withoutComments(css).matchAll(/:root\s*\{([^}]*)\}/g)].map(([, body = '']) => body)
  const pairs = rules.flatMap((body) => [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)])
  return new Map(pairs.map(([, name = '', value = '']) => [name, value.trim()]))
}

const themeOf = (slug: ThemeSlug) => read(`themes/${slug}.css`)
const cascadeOf = (slug: ThemeSlug): Properties => new Map([...propertiesOf(BASE), ...propertiesOf(themeOf(slug))])

/** @returns the color as #rrggbb */
function colorOf(properties: Properties, name: string, scheme: (typeof SCHEMES)[number]): string {
  const value = properties.get(name) ?? ''
  const reference = /^var\(--([\w-]+)\)$/.exec(value)?.[1]
  if (reference) return colorOf(properties, reference, scheme)
  const [, light, dark] = /^light-dark\((#[\da-f]{6}), (#[\da-f]{6})\)$/.exec(value) ?? [value, value, value]
  const color = (scheme === 'light' ? light : dark) ?? ''
  if (!/^#[\da-f]{6}$/.test(color)) throw new Error(`--${name} is not a color that this test can read: ${value}`)
  return color
}

/** @returns the relative luminance, as in WCAG 2.2 */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

it('the contrast of black and white is 21, and that of #767676 and white is 4.54, as WCAG tools say', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
})

it('every theme has a stylesheet, and every stylesheet is a theme', () => {
  const files = readdirSync(join(PUBLIC, 'themes')).map((file) => file.replace(/\.css$/, ''))
  expect(files.toSorted()).toEqual(THEME_SLUGS.toSorted())
})

it('every theme is in the gallery, by day and by night, in small pictures', () => {
  const docs = join(import.meta.dirname, '../../docs')
  const page = readFileSync(join(docs, 'themes.md'), 'utf8')
  const pictures = THEME_SLUGS.flatMap((slug) => [`${slug}-day.png`, `${slug}-night.png`])
  expect(readdirSync(join(docs, 'screenshots/themes')).toSorted()).toEqual(pictures.toSorted())
  for (const picture of pictures) {
    expect(page).toContain(`(screenshots/themes/${picture})`)
    expect(statSync(join(docs, 'screenshots/themes', picture)).size).toBeLessThan(65_000)
  }
})

it('every theme has a card for social networks, which node scripts/build/cards.mjs draws from its colors', () => {
  expect(readdirSync(join(PUBLIC, 'cards')).toSorted()).toEqual(THEME_SLUGS.map((slug) => `${slug}.png`).toSorted())
  for (const slug of THEME_SLUGS) {
    const png = readFileSync(join(PUBLIC, 'cards', `${slug}.png`))
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([CARD_WIDTH, CARD_HEIGHT])
    const palette = png.subarray(png.indexOf('PLTE') + 4, png.indexOf('IDAT') - 8).toString('hex')
    for (const name of ['paper', 'card', 'title']) {
      expect(palette).toContain(colorOf(cascadeOf(slug), name, 'light').slice(1))
    }
  }
})

it('every decoration has an empty alternative for screen readers', () => {
  const spoken = THEME_SLUGS.flatMap((slug) =>
    [...themeOf(slug).matchAll(/\scontent: ([^;]+);/g)].map(([, value]) => value)
  )
  expect(spoken.filter((value) => value !== 'none' && value !== '""' && !value?.endsWith('/ ""'))).toEqual([])
})

it('the base stylesheet has a value for every color', () => {
  expect(COLORS.filter((name) => !propertiesOf(BASE).has(name))).toEqual([])
})

it('every property that the base stylesheet or a theme uses has a value', () => {
  const known = (css: string) => [...withoutComments(css).matchAll(/--([\w-]+):/g)].map(([, name]) => name)
  const unknown = THEME_SLUGS.flatMap((slug) => {
    const css = BASE + themeOf(slug)
    // The owner may set these two. Each use has a fallback.
    const names = new Set([...known(css), 'accent', 'accent-ink'])
    const used = [...withoutComments(css).matchAll(/var\(--([\w-]+)/g)].map(([, name]) => name)
    return used.filter((name) => !names.has(name)).map((name) => `${slug}: ${name}`)
  })
  expect(unknown).toEqual([])
})

it('every use of the accent of the owner has a fallback', () => {
  const uses = [BASE, ...THEME_SLUGS.map(themeOf)].flatMap((css) => css.match(/var\(--accent(-ink)?\)/g) ?? [])
  expect(uses).toEqual([])
})

it.each(THEME_SLUGS.filter((slug) => slug !== DEFAULT_THEME))('the theme %s sets every color itself', (slug) => {
  expect(COLORS.filter((name) => !propertiesOf(themeOf(slug)).has(name))).toEqual([])
})

describe.each(THEME_SLUGS)('the theme %s', (slug) => {
  const css = themeOf(slug)
  const properties = cascadeOf(slug)

  it('loads nothing', () => {
    expect(css + BASE).not.toMatch(/@import|@font-face|image-set|https?:|\/\//i)
    const addresses = [...(css + BASE).matchAll(/url\(\s*['"]?([^)]*)/gi)].map(([, address = '']) => address)
    expect(addresses.filter((address) => !address.startsWith('data:'))).toEqual([])
  })

  it('works in both directions of writing, because it names no left and no right', () => {
    const physical =
      /(?:margin|padding|border)-(?:left|right)|\n\s*(?:left|right):|(?:float|text-align): (?:left|right)/
    expect(css + BASE).not.toMatch(physical)
  })

  it('moves nothing when the visitor prefers reduced motion', () => {
    const guarded = css.indexOf('@media (prefers-reduced-motion: no-preference)')
    const moving = css.search(/\b(animation|transition)\b/)
    expect(moving === -1 || (guarded !== -1 && guarded < moving)).toBe(true)
  })

  it('takes at most 7 KB, compressed, with the base stylesheet', () => {
    expect(gzipSync(BASE).length + gzipSync(css).length).toBeLessThanOrEqual(BUDGET)
  })

  /** A theme may have surfaces of its own, such as `--note-3`: whatever is read on a card is read on them. */
  const notes = [...properties.keys()].filter((name) => name.startsWith('note-'))

  it.each(SCHEMES)('has enough contrast in the %s scheme', (scheme) => {
    const faint = PAIRS.flatMap(([foreground, backgrounds, minimum]) =>
      [...backgrounds, ...(backgrounds.includes('card') ? notes : [])].flatMap((background) => {
        const ratio = contrast(colorOf(properties, foreground, scheme), colorOf(properties, background, scheme))
        return ratio < minimum ? [`${foreground} on ${background}: ${ratio.toFixed(2)} < ${minimum}`] : []
      })
    )
    expect(faint).toEqual([])
  })

  it('has light surfaces by day and dark ones by night, so that one accent fits every theme', () => {
    const outside = [...SURFACES, ...notes].filter(
      (name) =>
        luminance(colorOf(properties, name, 'light')) < SURFACE_LUMINANCE.day ||
        luminance(colorOf(properties, name, 'dark')) > SURFACE_LUMINANCE.night
    )
    expect(outside).toEqual([])
  })
})
