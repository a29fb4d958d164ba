import type { Child, PropsWithChildren } from 'hono/jsx'

/* The inputs of a book's settings, each with its label, and a hint that says what the setting does. */

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
      <input
        id={name}
        name={name}
        value={value}
        maxlength={max}
        placeholder={placeholder}
        required={required}
        {...described(name, children, max)}
      />
      <Hint name={name} max={max}>
        {children}
      </Hint>
    </>
  )
}

export function Lines({ name, label, value, max, children }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <textarea
        id={name}
        name={name}
        rows={4}
        maxlength={max}
        spellcheck={false}
        {...described(name, children, max)}
      >{`\n${value}`}</textarea>
      <Hint name={name} max={max}>
        {children}
      </Hint>
    </>
  )
}

export function Count({ name, label, value, max, children }: PropsWithChildren<InputProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type="number"
        required
        min={0}
        max={max}
        value={value}
        {...described(name, children)}
      />
      <Hint name={name}>{children}</Hint>
    </>
  )
}

interface CheckProps {
  name: string
  label: string
  isOn: boolean
}

export function Check({ name, label, isOn, children }: PropsWithChildren<CheckProps>) {
  return (
    <>
      <label class="check">
        <input type="checkbox" id={name} name={name} checked={isOn} {...described(name, children)} /> {label}
      </label>
      <Hint name={name}>{children}</Hint>
    </>
  )
}

interface SelectProps {
  name: string
  label: string
  value: string
  options: [value: string, label: string][]
}

export function Select({ name, label, value, options, children }: PropsWithChildren<SelectProps>) {
  return (
    <>
      <label for={name}>{label}</label>
      <select id={name} name={name} {...described(name, children)}>
        {options.map(([option, text]) => (
          <option value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
      <Hint name={name}>{children}</Hint>
    </>
  )
}

/** Links an input to its hint. With a maximum, dashboard.js counts the characters. */
function described(name: string, hint: Child, max?: number) {
  const hasHint = hint !== undefined || max !== undefined
  return { ...(hasHint && { 'aria-describedby': `${name}-hint` }), ...(max !== undefined && { 'data-counted': '' }) }
}

function Hint({ name, max, children }: PropsWithChildren<{ name: string; max?: number | undefined }>) {
  if (children === undefined && max === undefined) return null
  return (
    <p class="hint" id={`${name}-hint`}>
      {children} {max !== undefined && `Up to ${max.toLocaleString('en')} characters.`}
    </p>
  )
}
