import type { FieldProblem } from '../http/problem'
import { UserText } from './user-text'

/*
 * Shows each error of a rejected form beside its field, for every form in the same way: the field is marked as invalid,
 * the first one gets the focus, and folded parts of the form are open.
 */

/** The name of a field that a page contains, with its error. */
type Found = [name: string, message: string]

/** @param html a page with a form @param errors for fields by path, for example `template.name` */
export async function markErrors(html: string, errors: readonly FieldProblem[]): Promise<string> {
  const found = errors.flatMap(({ path, message }): Found[] => {
    const name = namesFor(path).find((candidate) => html.includes(`name="${candidate}"`))
    return name === undefined ? [] : [[name, message]]
  })
  if (found.length === 0) return html
  const messages = Map.groupBy(found, ([name]) => name)
  const rewriter = new HTMLRewriter().on('form details', {
    element: (details) => void details.setAttribute('open', ''),
  })
  for (const [i, [name, list]] of [...messages].entries()) {
    rewriter.on(`[name="${name}"]`, new Marker(name, [...new Set(list.map(([, text]) => text))].join(' '), i === 0))
  }
  return rewriter.transform(new Response(html)).text()
}

/** @returns the names that an input may have, the most exact first: `template_name`, `template`, `name` */
function namesFor(path: string): string[] {
  const parts = path.split('.').filter((part) => /^\w+$/.test(part))
  const beginnings = parts.map((_, i) => parts.slice(0, parts.length - i).join('_'))
  return [...beginnings, ...parts.slice(-1)]
}

/** Marks the first field with a name. Another form on the same page may have a field with the same name. */
class Marker {
  #isDone = false

  constructor(
    readonly name: string,
    readonly message: string,
    readonly hasFocus: boolean
  ) {}

  element(field: Element): void {
    if (this.#isDone || field.getAttribute('type') === 'hidden') return
    this.#isDone = true
    const id = `${this.name}-error`
    const described = field.getAttribute('aria-describedby')
    field.setAttribute('aria-invalid', 'true')
    field.setAttribute('aria-describedby', described ? `${id} ${described}` : id)
    if (this.hasFocus) field.setAttribute('autofocus', '')
    field.after(
      (
        <p class="error" id={id}>
          <UserText text={this.message} />
        </p>
      ).toString(),
      { html: true }
    )
  }
}
