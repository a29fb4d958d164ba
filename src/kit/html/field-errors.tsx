import type { FieldProblem } from '../http/problem'
import { UserText } from './user-text'

/*
 * Shows each error of a rejected form beside its field, for every form in the same way: the field is marked as invalid,
 * the first one gets the focus, and folded parts of the form are open.
 */

/** A field on a page, and its error. `nth` counts the fields with this name, from 0. */
interface Found {
  name: string
  nth: number
  message: string
}

/**
 * @param html a page with a form
 * @param errors for fields by path, such as `template.name`; `text[2]` is the third field with the name `text`
 */
export async function markErrors(html: string, errors: readonly FieldProblem[]): Promise<string> {
  const found = errors.flatMap(({ path, message }): Found[] => {
    const [, list = path, nth = 0] = /^(.*)\[(\d+)\]$/.exec(path) ?? []
    const name = namesFor(list).find((candidate) => html.includes(`name="${candidate}"`))
    return name === undefined ? [] : [{ name, nth: Number(nth), message }]
  })
  if (found.length === 0) return html
  const fields = Map.groupBy(found, ({ name, nth }) => `${name} ${nth}`)
  const rewriter = new HTMLRewriter().on('form details', {
    element: (details) => void details.setAttribute('open', ''),
  })
  for (const [i, [field, ...others]] of [...fields.values()].entries()) {
    const messages = new Set([field, ...others].map((one) => one?.message))
    const marker = new Marker({ ...(field as Found), message: [...messages].join(' ') }, i === 0)
    rewriter.on(`[name="${field?.name}"]`, marker).on('label', { element: (label) => marker.end(label) })
  }
  return rewriter.transform(new Response(html)).text()
}

/** @returns the names that an input may have, the most exact first: `template_name`, `template`, `name` */
function namesFor(path: string): string[] {
  const parts = path.split('.').filter((part) => /^\w+$/.test(part))
  const beginnings = parts.map((_, i) => parts.slice(0, parts.length - i).join('_'))
  return [...beginnings, ...parts.slice(-1)]
}

/** Marks one field with a name. Another form on the same page may have a field with the same name. */
class Marker {
  #seen = 0
  /** Whether the message comes after the label, because the label contains the field. */
  #isWaiting = false

  constructor(
    readonly field: Found,
    readonly hasFocus: boolean
  ) {}

  element(field: Element): void {
    if (field.getAttribute('type') === 'hidden' || this.#seen++ !== this.field.nth) return
    const described = field.getAttribute('aria-describedby')
    field.setAttribute('aria-invalid', 'true')
    field.setAttribute('aria-describedby', described ? `${this.#id} ${described}` : this.#id)
    if (this.hasFocus) field.setAttribute('autofocus', '')
    if (/^(checkbox|radio)$/.test(field.getAttribute('type') ?? '')) this.#isWaiting = true
    else field.after(this.#shown(), { html: true })
  }

  end(label: Element): void {
    label.onEndTag((end) => {
      if (this.#isWaiting) end.after(this.#shown(), { html: true })
      this.#isWaiting = false
    })
  }

  get #id(): string {
    const { name, nth } = this.field
    return nth === 0 ? `${name}-error` : `${name}-error-${nth}`
  }

  #shown(): string {
    const shown = (
      <p class="error" id={this.#id}>
        <UserText text={this.field.message} />
      </p>
    )
    return shown.toString()
  }
}
