import { ApiError } from './api-error'

export interface Binding {
  name: string
  type: string
  text?: string
  id?: string
  queue_name?: string
  namespace_id?: string
  simple?: { limit: number; period: number }
}

interface Metadata {
  main_module: string
  bindings: Binding[]
  keep_bindings?: string[]
  compatibility_date: string
  compatibility_flags: string[]
  assets?: { jwt: string; config?: Record<string, unknown> }
  observability?: Record<string, unknown>
}

export interface Upload {
  metadata: Metadata
  modules: { name: string; contents: string }[]
}

/** Reads the form that wrangler uploads: a part with metadata, and a part for each module. */
export async function parseUpload(form: FormData): Promise<Upload> {
  const { metadata, ...parts } = Object.fromEntries(form) as Record<string, FormDataEntryValue>
  const modules = await Promise.all(Object.entries(parts).map(async ([name, part]) => readModule(name, part as File)))
  const upload = { metadata: JSON.parse(String(metadata)) as Metadata, modules: modules.filter(({ isCode }) => isCode) }
  if (!upload.modules.some(({ name }) => name === upload.metadata.main_module)) {
    throw new ApiError(400, 10021, 'The main module is missing.')
  }
  return upload
}

async function readModule(name: string, part: File) {
  return { name, contents: await part.text(), isCode: part.type === 'application/javascript+module' }
}

/** Inherited and kept bindings come from the deployed version. Cloudflare never returns the text of a secret. */
export function resolveBindings({ bindings, keep_bindings = [] }: Metadata, previous: Binding[]): Binding[] {
  const resolved = bindings.map((binding) => {
    if (binding.type !== 'inherit') return binding
    const before = previous.find(({ name }) => name === binding.name)
    if (before) return before
    throw new ApiError(400, 10056, `inherit binding '${binding.name}' is invalid: there is no such binding`)
  })
  const names = new Set(resolved.map(({ name }) => name))
  const kept = previous.filter(({ name, type }) => keep_bindings.includes(type) && !names.has(name))
  return [...resolved, ...kept]
}
