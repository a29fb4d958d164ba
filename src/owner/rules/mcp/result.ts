import { isObject } from '../../../kit/lib/json'
import { cut } from '../../../kit/lib/text/shorten'
import type { Tool } from '../../../kit/tool'
import { FROM_STRANGERS } from './tools'

/** The longest text of a result, in characters. A language model reads all of it. */
export const MAX_RESULT_LENGTH = 32_000

export interface ToolResult {
  content: { type: 'text'; text: string }[]
  structuredContent?: object
  isError?: true
}

/** @param value what the API returned @returns it as JSON. A result that is too long is cut, and says so */
function toResult(tool: Tool, value: unknown): ToolResult {
  const notice = tool.fromStrangers ? { notice: FROM_STRANGERS } : {}
  const structuredContent = { ...notice, result: without(value, tool.omits ?? []) }
  const text = JSON.stringify(structuredContent)
  if (text.length <= MAX_RESULT_LENGTH) return { content: [textOf(text)], structuredContent }
  return { content: [textOf(cut(text, MAX_RESULT_LENGTH)), textOf(hintFor(tool))] }
}

/** What the API responded with. */
export type ApiAnswer = { status: number; value: unknown }

export function answerOf(tool: Tool, { status, value }: ApiAnswer): ToolResult {
  return status < 400 ? toResult(tool, value) : toProblem(status, value)
}

export const toolError = (text: string): ToolResult => ({ content: [textOf(text)], isError: true })

/** @param problem an RFC 9457 problem of the API. A response of any other shape is named by its status only */
function toProblem(status: number, problem: unknown): ToolResult {
  if (!isObject(problem)) return toolError(`The API responded with ${status}.`)
  const { code, detail, errors } = problem
  return toolError(JSON.stringify({ status, code, detail, errors }))
}

const textOf = (text: string): { type: 'text'; text: string } => ({ type: 'text', text })

function hintFor({ takes }: Tool): string {
  const what = takes.includes('limit') ? ' Ask again with a smaller "limit" or another filter.' : ''
  return `The result was cut after ${MAX_RESULT_LENGTH} characters.${what}`
}

/** @returns a copy without the fields, at any depth. Depth is bounded, because the API wrote the JSON */
function without(value: unknown, fields: readonly string[]): unknown {
  if (fields.length === 0) return value
  if (Array.isArray(value)) return value.map((item) => without(item, fields))
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => !fields.includes(name))
  return Object.fromEntries(kept.map(([name, item]) => [name, without(item, fields)]))
}
