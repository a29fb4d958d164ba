import type { Child } from '#jsx'
import { type FieldName, takeErrors } from '../../kit/html/parts/refused'

interface FieldProps extends FieldName {
  label: string
  hint?: string | false
  isLine?: boolean
  /** Shows the input with the attributes that link it to its label and its error. */
  children: (attributes: object) => Child
}

/** A field in the look of the page. The first one with an error gets the focus. */
export function BookField({ label, hint, isLine = false, children, ...field }: FieldProps) {
  const { name, path = name } = field
  const error = takeErrors(field)
  const marks = error && { 'aria-invalid': true, 'aria-describedby': `e-${path}`, autofocus: error.hasFocus }
  return (
    <div class={isLine ? 'field line' : 'field'}>
      <label for={`f-${path}`} dir="auto">
        {label} {hint && <span class="hint">({hint})</span>}
      </label>
      {children({ id: `f-${path}`, name, ...marks })}
      {error && (
        <p class="error" id={`e-${path}`}>
          {error.message}
        </p>
      )}
    </div>
  )
}
