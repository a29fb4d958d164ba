import fc from 'fast-check'

/* Arbitraries for bodies that a stranger could send to use up CPU time. Each has a text or bytes, and a description. */

/** Text that some algorithm might handle badly when it is repeated. */
const unit = fc.oneof(
  fc.constantFrom(...'a .,;:=+-_*/\\|&%$#@!?<>()[]{}\'"`~^\n\r\t\0'),
  fc.constantFrom(' \n', '\t ', ' x', ', ', '//', '../', '{{', '<a ', '%41', '%25', '%F0%9F%8E%89', '\\u0041'),
  fc.constantFrom('http://', 'www.', 'https://a.b ', 'a\u0301', '\u0301', '\u0301\u0323', '\u1100\u1161', '\u{1d15f}'),
  fc.constantFrom('🎉', '👩‍👩‍👧', '\u202e', '\u00ad', '\u3164', '\ufdfa', 'İ', 'ß', '\u2028', '\ud800'),
  fc.string({ minLength: 1, maxLength: 3 })
)

/** Repeats a unit up to about `max` characters, with something before and after it. */
export function repeated(max) {
  const parts = {
    before: fc.constantFrom('', 'x', '['),
    unit,
    length: sizes(max),
    after: fc.constantFrom('', 'x', ' '),
  }
  return fc.record(parts).map(({ before, unit, length, after }) => before + repeat(unit, length) + after)
}

export function repeat(text, length) {
  return text.repeat(Math.ceil(length / text.length)).slice(0, length)
}

/** Prefers sizes near the maximum. */
export function sizes(max) {
  return fc.oneof(fc.constant(max), fc.integer({ min: 1, max }), fc.integer({ min: Math.floor(max / 2), max }))
}

/** What a list or an object can consist of. */
const SHAPES = {
  'empty lists': () => '[]',
  'empty objects': () => '{}',
  'nested lists': (i) => (i % 60 === 0 ? `${'['.repeat(60)}${']'.repeat(60)}` : '0'),
  numbers: (i) => String(i),
  'long numbers': (i) => `1234567890123456789${i}`,
  fractions: (i) => `0.123456789012345${i}`,
  'short texts': (i) => `"a${i}"`,
  'escaped quotes': () => '"\\"\\""',
  'escaped letters': () => '"\\u00e9\\ud83c\\udf89"',
  'objects with one name each': (i) => `{"k${i}":1}`,
  'objects with four names each': (i) => `{"a${i}":1,"b${i}":2,"c${i}":3,"d${i}":4}`,
  'objects with the same names': (i) => `{"id":${i},"name":"n","list":[1,2]}`,
}

export function hostileJson(max) {
  const parts = {
    shape: fc.constantFrom('one object', ...Object.keys(SHAPES)),
    size: sizes(max),
    wrap: fc.constantFrom('', 'event', 'payload', 'type'),
  }
  return fc.record(parts).map(({ shape, size, wrap }) => {
    const write = SHAPES[shape]
    const value = write ? `[${fill(size, ',', write)}]` : `{${fill(size, ',', (i) => `"k${i}":0`)}}`
    const description = write ? `JSON list of ${shape}` : 'JSON object with many names'
    return {
      text: wrap ? `{"${wrap}":${value}}` : value,
      description: wrap ? `${description} in "${wrap}"` : description,
    }
  })
}

function fill(size, separator, write) {
  const parts = []
  for (let length = 0; length < size; length += parts.at(-1).length + 1) parts.push(write(parts.length))
  if (parts.length > 1) parts.pop()
  return parts.join(separator)
}

/** @param names the fields that the program reads */
export function hostileForm(max, names) {
  const long = fc.record({ name: fc.constantFrom(...names), text: repeated(max) }).map(({ name, text }) => ({
    text: `${name}=${encodeURIComponent(text.toWellFormed()).slice(0, max)}`,
    description: `form with a long "${name}"`,
  }))
  const many = fc
    .record({ name: fc.constantFrom('a', 'field', '%41', ''), size: sizes(max) })
    .map(({ name, size }) => ({
      text: fill(size, '&', (i) => `${name}${i}=${i}`),
      description: 'form with many fields',
    }))
  const most = fc
    .record({ value: fc.constantFrom('+%41', 'a', '%C3%A9', '+'), size: sizes(max) })
    .map(({ value, size }) => ({
      text: Array.from({ length: 990 }, (_, i) => `f${i}=${repeat(value, size / 990)}`).join('&'),
      description: 'form with 990 fields',
    }))
  return fc.oneof(
    long,
    many,
    most,
    sizes(max).map((size) => ({ text: '&'.repeat(size), description: 'form of ampersands' }))
  )
}

export function hostileBytes(max) {
  const parts = { byte: fc.constantFrom(0, 0x22, 0x5c, 0x80, 0xc3, 0xff, null), size: sizes(max) }
  return fc.record(parts).map(({ byte, size }) => {
    const text = Buffer.alloc(size, byte ?? 0)
    if (byte === null) for (let i = 0; i < size; i++) text[i] = Math.imul(i, 2_654_435_761) >>> 13
    return { text, description: byte === null ? 'binary body' : `body of bytes 0x${byte.toString(16)}` }
  })
}

export const multipart = fc.integer({ min: 1, max: 2_000 }).map((parts) => ({
  text: `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'.repeat(parts)}--x--`,
  description: `multipart body of ${parts} parts`,
}))

/** A comment whose fields are near their limits, or far beyond them. */
export function hostileComment(maxBytes) {
  const field = (max) => fc.oneof(repeated(max), repeated(max * 4), repeated(max * 20))
  const fields = { name: field(80), body: field(4_000), website: fc.oneof(fc.constant(''), field(300)) }
  return fc.record(fields).map((comment) => ({
    text: JSON.stringify(comment).slice(0, maxBytes),
    description: `comment of ${JSON.stringify([...comment.body].slice(0, 3).join(''))}`,
  }))
}
