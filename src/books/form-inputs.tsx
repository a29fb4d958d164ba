import type { PropsWithChildren } from 'hono/jsx'

/* The inputs of a book's settings, each with its label. */

interface InputProps {
  name: string
  label: string
  value: string
  max?: number
  placeholder?: string
  required?: boolean
}

export function Text({ name, label, value, max, placeholder, required, children }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <input id={name} name={name} value={value} maxlength={max} placeholder={placeholder} required={required} />
      {children && <p class="hint">{children}</p>}
    </>
  )
}

export function Lines({ name, label, value, max, children }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <textarea id={name} name={name} rows={4} maxlength={max} spellcheck={false}>{`\n${value}`}</textarea>
      {children && <p class="hint">{children}</p>}
    </>
  )
}

export function Count({ name, label, value, max, children }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <input id={name} name={name} type="number" required min={0} max={max} value={value} />
      {children && <p class="hint">{children}</p>}
    </>
  )
}

export function Check({ name, label, isOn }: { name: string; label: string; isOn: boolean }) {
  return (
    <label class="check">
      <input type="checkbox" id={name} name={name} checked={isOn} /> {label}
    </label>
  )
}

export function Select(props: {
  name: string
  label: string
  value: string
  options: [value: string, label: string][]
}) {
  const { name, label, value, options } = props
  return (
    <>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
        {options.map(([option, text]) => (
          <option value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </>
  )
}
