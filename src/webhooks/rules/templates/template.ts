import { err, ok, type Result } from '../../../kit/lib/result'
import { cut } from '../../../kit/lib/text/shorten'
import { type Condition, holds, parseCondition } from './conditions'
import { evaluate, OUTPUT_MAX, type Path, parsePath, shown, type TemplateScope, writeValue } from './values'

/*
 * Templates: `{{path | filters}}` and `{{#if condition}}...{{else}}...{{/if}}`, no loops, no code. Sizes are limited:
 * the owner writes the template, but strangers the values. The result is plain text. No library fits: some have no
 * filters or conditions; others are large, or compile to code, which Workers do not allow.
 */

export const TEMPLATE_MAX = 4_000
const MAX_TAGS = 200
const MAX_DEPTH = 8

type Node =
  | { kind: 'text'; text: string }
  | { kind: 'value'; value: Path }
  | { kind: 'if'; condition: Condition; met: Node[]; otherwise: Node[] }

type Template = Node[]

/** @returns the parsed template, or an error message */
export function parseTemplate(text: string): Result<Template, string> {
  if (text.length > TEMPLATE_MAX) return err(`A template can have at most ${TEMPLATE_MAX} characters.`)
  const pieces = text.split(/\{\{(.*?)\}\}/s)
  if (pieces.length > 2 * MAX_TAGS + 1) return err(`A template can have at most ${MAX_TAGS} tags.`)
  const open: Block[] = [{ nodes: [] }]
  for (const [i, piece] of pieces.entries()) {
    const fault = i % 2 ? addTag(open, piece.trim()) : addText(open, piece)
    if (fault !== null) return err(fault)
  }
  const [root] = open
  if (open.length > 1 || !root) return err('An {{#if}} is not closed. Add {{/if}} where it should end.')
  return ok(root.nodes)
}

/** A list of nodes that is still being filled. Every block except the root belongs to an `if`. */
type Block = { nodes: Node[]; parent?: Extract<Node, { kind: 'if' }> }

function addText(open: Block[], text: string): string | null {
  if (text.includes('{{')) return 'A {{ is not closed. Add }} where it should end.'
  if (text !== '') open.at(-1)?.nodes.push({ kind: 'text', text })
  return null
}

function addTag(open: Block[], tag: string): string | null {
  if (tag.startsWith('#if ')) return openIf(open, tag.slice(4))
  if (tag === 'else') return openElse(open)
  if (tag === '/if') return closeIf(open)
  if (/^[#/]/.test(tag)) return `Unknown tag {{${shown(tag)}}}. Use #if, else, or /if.`
  const value = parsePath(tag)
  if (!value.ok) return value.error
  open.at(-1)?.nodes.push({ kind: 'value', value: value.value })
  return null
}

function openIf(open: Block[], text: string): string | null {
  if (open.length > MAX_DEPTH) return `{{#if}} can be nested at most ${MAX_DEPTH} levels deep.`
  const condition = parseCondition(text)
  if (!condition.ok) return condition.error
  const node = { kind: 'if' as const, condition: condition.value, met: [], otherwise: [] }
  open.at(-1)?.nodes.push(node)
  open.push({ nodes: node.met, parent: node })
  return null
}

function openElse(open: Block[]): string | null {
  const top = open.at(-1)
  if (!top?.parent) return '{{else}} must be inside an {{#if}}.'
  if (top.nodes === top.parent.otherwise) return 'An {{#if}} can have only one {{else}}.'
  top.nodes = top.parent.otherwise
  return null
}

function closeIf(open: Block[]): string | null {
  if (open.length === 1) return '{{/if}} has no matching {{#if}}.'
  open.pop()
  return null
}

/** Never throws, whatever the scope contains. @returns at most 20,000 characters */
export function renderTemplate(template: Template, scope: TemplateScope): string {
  let text = ''
  for (const node of template) {
    if (text.length > OUTPUT_MAX) break
    text += renderNode(node, scope)
  }
  return cut(text, OUTPUT_MAX)
}

function renderNode(node: Node, scope: TemplateScope): string {
  if (node.kind === 'text') return node.text
  if (node.kind === 'value') return writeValue(evaluate(node.value, scope))
  return renderTemplate(holds(node.condition, scope) ? node.met : node.otherwise, scope)
}
