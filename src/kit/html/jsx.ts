import type { JSX as Known } from 'hono/jsx'

/*
 * Makes HTML from JSX (`jsxImportSource` in tsconfig.json). Hono's renderer can also wait, stream and move elements.
 * Pages need none of that, and V8 would compile it in the first request of each isolate.
 */

/** What can be part of a page. Null, undefined and booleans show nothing. */
export type Child = string | number | boolean | null | undefined | Element | Markup | readonly Child[]

export type PropsWithChildren<P = unknown> = P & { children?: Child }
export type Component<P = Record<string, unknown>> = (props: P) => Child
type Props = Record<string, unknown> & { children?: Child }
type Tag = string | Component<never>

/** An element, or a component that is not called before the page is rendered. */
class Element {
  constructor(
    readonly tag: Tag,
    readonly props: Props
  ) {}

  /** @returns HTML, in which all texts are escaped */
  toString(): string {
    return htmlOf(this)
  }
}

/** HTML that is not escaped again. */
class Markup {
  constructor(readonly html: string) {}
}

/** @param html complete elements, in which everything that somebody else wrote is escaped */
export const raw = (html: string): Markup => new Markup(html)

export const jsx = (tag: Tag, props: Props): Element => new Element(tag, props)

export { jsx as jsxDEV, jsx as jsxs }

export const Fragment = ({ children }: PropsWithChildren): Child => children

function htmlOf(child: Child): string {
  if (typeof child === 'string') return escaped(child)
  if (child instanceof Element) return elementOf(child)
  if (typeof child === 'number') return String(child)
  if (child instanceof Markup) return child.html
  let html = ''
  if (Array.isArray(child)) for (const one of child) html += htmlOf(one)
  return html
}

/** Elements without an end tag. */
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '))

function elementOf({ tag, props }: Element): string {
  if (typeof tag === 'function') return htmlOf(tag(props as never))
  let html = `<${tag}`
  for (const name in props) if (name !== 'children') html += attributeOf(name, props[name])
  return VOID.has(tag) ? `${html}/>` : `${html}>${htmlOf(props.children)}</${tag}>`
}

/** Attributes that are present or absent. Others, such as `aria-hidden`, have the values "true" and "false". */
const PRESENT = new Set(
  (
    'allowfullscreen async autofocus checked controls default defer disabled download formnovalidate hidden inert ' +
    'itemscope multiple novalidate open readonly required selected'
  ).split(' ')
)

function attributeOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'boolean' || !PRESENT.has(name)) return ` ${name}="${escaped(String(value))}"`
  return value ? ` ${name}=""` : ''
}

const SPECIAL = /[&<>'"]/g
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(SPECIAL, (char) => ENTITIES[char] ?? char)

/** A value for all components within its provider. */
export type PageValue<T> = { current: T; Provider: Component<PropsWithChildren<{ value: T }>> }

/** @param initial the value outside of a provider */
export function createContext<T>(initial: T): PageValue<T> {
  const context: PageValue<T> = {
    current: initial,
    // Nothing waits while a page is rendered, so no other page sees the value.
    Provider: ({ value, children }) => {
      const outer = context.current
      context.current = value
      try {
        return raw(htmlOf(children))
      } finally {
        context.current = outer
      }
    },
  }
  return context
}

export const useContext = <T>({ current }: PageValue<T>): T => current

type ElementNode = Element

/** What TypeScript checks elements against. */
export declare namespace JSX {
  type Element = ElementNode
  type ElementType = Tag
  interface ElementChildrenAttribute {
    children: Child
  }
  interface IntrinsicElements extends Known.IntrinsicElements {
    [tag: string]: Record<string, unknown>
  }
}
