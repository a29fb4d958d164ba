import { optionalFile } from '../../../kit/http/paths/public-file'

/** Code that verifies our signature, or sends a signed request, to copy into a receiver. It needs no library. */
export interface Snippet {
  language: string
  /** Its lines. */
  code: string[]
  /** The lines of a whole receiver, which uses the code. */
  server?: string[]
}

/** A page does without them if the file cannot be read. */
export const readSnippets = optionalFile<Snippet[]>('snippets.json', [])
