/** How a language model uses a call of the API. `npm run openapi` lists the texts in public/tools.json. */
export interface ToolFace {
  name: string
  title: string
  /** What it does and when to use it, for a language model. */
  description: string
  /** The parameters and the fields of the body that the tool offers, in this order. */
  takes: readonly string[]
  /** Arguments that the call does not have. */
  adds?: readonly string[]
  /** Those of them that the tool requires although the API does not. */
  needs?: readonly string[]
  /** Descriptions where the API has none. */
  explains?: Readonly<Record<string, string>>
  /** Whether the result contains text that guests or other programs wrote. */
  fromStrangers: boolean
  /** Fields that are left out of the result, at any depth: credentials, and what would only fill the context. */
  omits?: readonly string[]
  /** Whether what it changes cannot be undone. */
  isDestructive?: boolean
}

export interface Tool extends ToolFace {
  method: string
  /** The path of the call, as in the OpenAPI document. */
  path: string
}
