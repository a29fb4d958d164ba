// The drawing pad of the guest page, and of `<guest-book>`. A page without it has a form that works without a drawing.

/* The form of the strokes is that of src/guestbook/rules/entries/drawing.ts. The page says how large the sheet is. */
/** Points closer than this to a straight line are left out. */
const TOLERANCE = 0.7

const SVG = 'http://www.w3.org/2000/svg'
const PEN = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': 3,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
}

/** How far a point is from the line between two others. */
function distance([x, y], [ax, ay], [bx, by]) {
  const length = Math.hypot(bx - ax, by - ay)
  if (length === 0) return Math.hypot(x - ax, y - ay)
  return Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
}

/** Leaves out what is nearly straight: https://en.wikipedia.org/wiki/Ramer–Douglas–Peucker_algorithm */
function simplify(points) {
  if (points.length < 3) return points
  const [first, last] = [points[0], points.at(-1)]
  let [far, at] = [0, 0]
  for (let i = 1; i < points.length - 1; i++) {
    const away = distance(points[i], first, last)
    if (away > far) [far, at] = [away, i]
  }
  if (far <= TOLERANCE) return [first, last]
  return [...simplify(points.slice(0, at + 1)).slice(0, -1), ...simplify(points.slice(at))]
}

/** A click is a dot: a step that goes nowhere, with a round pen. */
function pathOf([start, ...others]) {
  const steps = others.map(([x, y], i) => {
    const [fromX, fromY] = i === 0 ? start : others[i - 1]
    return `${x - fromX} ${y - fromY}`
  })
  return `M${start.join(' ')}l${steps.length > 0 ? steps.join(' ') : '0 0'}`
}

/** A sheet that shows strokes, and the field that the form sends. @returns what changes the strokes */
function sheetOf(pad) {
  const [field, sheet, count] = ['input', 'svg', 'output'].map((name) => pad.querySelector(name))
  const strokes = field.value.match(/M[^M]+/g) ?? []
  const most = Number(pad.dataset.pad)
  const path = document.createElementNS(SVG, 'path')
  for (const [name, value] of Object.entries(PEN)) path.setAttribute(name, value)
  sheet.append(path)
  /** @param drawn the stroke that is being drawn */
  const show = (drawn = '') => {
    path.setAttribute('d', strokes.join('') + drawn)
    field.value = strokes.join('')
    const left = Math.max(0, Math.floor((1 - field.value.length / most) * 100))
    count.textContent = count.dataset.text.replace('{percent}', left)
  }
  const change = () => {
    show()
    // The page keeps what is filled in.
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  return { sheet, strokes, most, show, change }
}

function pointOf(event, sheet) {
  const { left, top, width, height } = sheet.getBoundingClientRect()
  const { width: across, height: down } = sheet.viewBox.baseVal
  const within = (value, most) => Math.round(Math.min(Math.max(value, 0), 1) * most)
  return [within((event.clientX - left) / width, across), within((event.clientY - top) / height, down)]
}

function drawOn({ sheet, strokes, most, show, change }) {
  let drawn = null
  // Another finger, or the palm, must not pull the stroke to itself.
  let pointer = null
  sheet.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || (drawn !== null && event.pointerId !== pointer)) return
    pointer = event.pointerId
    sheet.setPointerCapture(pointer)
    drawn = [pointOf(event, sheet)]
    show(pathOf(drawn))
  })
  sheet.addEventListener('pointermove', (event) => {
    if (drawn === null || event.pointerId !== pointer) return
    const point = pointOf(event, sheet)
    if (String(point) !== String(drawn.at(-1))) drawn.push(point)
    show(pathOf(drawn))
  })
  const end = ({ pointerId }) => {
    if (pointerId !== pointer) return
    const stroke = drawn && pathOf(simplify(drawn))
    drawn = null
    // A stroke for which there is no room disappears.
    if (stroke && strokes.join('').length + stroke.length <= most) strokes.push(stroke)
    change()
  }
  sheet.addEventListener('pointerup', end)
  sheet.addEventListener('pointercancel', end)
}

/** @param pad a fieldset with a hidden field, an SVG, the buttons for undo and clear, and an output */
export function startPad(pad) {
  const drawing = sheetOf(pad)
  const { strokes, show, change } = drawing
  drawOn(drawing)
  const [undo, clear] = pad.querySelectorAll('button')
  undo.addEventListener('click', () => {
    strokes.pop()
    change()
  })
  clear.addEventListener('click', () => {
    strokes.length = 0
    change()
  })
  pad.hidden = false
  show()
}

for (const pad of document.querySelectorAll('.pad[data-pad]')) startPad(pad)
