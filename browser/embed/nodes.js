/** Makes an element. Attributes and children that are false or missing are left out. */
export function make(tag, attributes, ...children) {
  const isSvg = /svg|path/.test(tag)
  const node = isSvg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value) node.setAttribute(name, value)
  }
  node.append(...children.filter(Boolean))
  return node
}

/** @returns only the text, if the address is unsafe */
export function link(href, text) {
  if (!/^https?:/i.test(href)) return text
  return make('a', { href, rel: 'nofollow ugc noopener', dir: 'auto' }, text)
}

/** The elements of blocks and parts that are not called as their types are: see src/guestbook/embed/entries.ts. */
const TAGS = { paragraph: 'p', quote: 'blockquote', break: 'br', smiley: 'span' }

function part({ type, text, url, emoji, inline }) {
  if (type === 'link') return link(url, text)
  if (type === 'text') return text
  const tag = TAGS[type] ?? type
  const look = {
    title: emoji && text,
    dir: tag === 'pre' ? 'ltr' : /^[pbc]/.test(tag) && 'auto',
    tabindex: tag === 'pre' && '0',
  }
  return make(tag, look, ...(inline?.map(part) ?? [emoji ?? text]))
}

export function words(blocks) {
  return make('div', { class: 'words', dir: 'auto' }, ...blocks.map(part))
}

/** The picture that the guest has chosen; the one made from the name, also if the page allows no pictures from here. */
export function face({ face: src, identicon }) {
  if (!identicon) return null
  const look = { class: 'face', viewBox: '0 0 48 48', 'aria-hidden': 'true' }
  const tile = make('path', { fill: identicon.color, d: 'M0 0h48v48H0z' })
  const own = make('svg', look, tile, make('path', { fill: '#fff', d: identicon.squares }))
  if (!src) return own
  const picture = make('img', { class: 'face', src, loading: 'lazy' })
  picture.alt = ''
  picture.onerror = () => picture.replaceWith(own)
  return picture
}

function answer({ question, answer: text }) {
  return make('dl', { dir: 'auto' }, make('dt', {}, question), make('dd', { dir: 'auto' }, text))
}

/** @returns an entry, as the page of its book shows it */
export function article(entry, { language, texts }) {
  const { id, number, name, website, details, mention, url, created_at } = entry
  const time = new Date(created_at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' })
  return make(
    'article',
    { id, tabindex: '-1', class: entry.status },
    face(entry),
    number && make('small', { class: 'number' }, number),
    make('h4', { dir: 'auto' }, website ? link(website, name) : name),
    words(entry.words),
    entry.is_cut && make('p', {}, make('a', { href: url }, texts.read_on)),
    entry.drawing_frame && drawing(entry, texts.a_drawing),
    ...entry.answers.map(answer),
    details[0] && make('p', {}, details.join(' · ')),
    mention && make('p', {}, link(mention.url, mention.text)),
    entry.reply && make('div', { class: 'reply' }, make('b', {}, texts.reply_heading), words(entry.reply)),
    make(
      'small',
      {},
      make('a', { href: url }, make('time', { datetime: created_at }, time)),
      entry.edited && ` · ${entry.edited}`
    )
  )
}

/** In its own size, if there is room. */
function drawing({ drawing: d, drawing_frame: viewBox }, label) {
  const width = viewBox.split(' ')[2]
  return make('svg', { class: 'drawing', role: 'img', 'aria-label': label, viewBox, width }, make('path', { d }))
}
