import { createInterface } from 'node:readline/promises'

/** An answer is missing, and there is no terminal to ask for it. */
export class NoTerminal extends Error {
  exitCode = 2
}

/**
 * Asks a question in the terminal, and asks again until the answer is acceptable.
 * @param {(answer: string) => string} accept returns the value of an answer; throws Error with the reason to refuse it
 * @throws NoTerminal if there is no terminal
 */
export async function ask(question, accept) {
  if (!process.stdin.isTTY) throw new NoTerminal(NO_TERMINAL)
  for (;;) {
    const answer = await readLine(question)
    try {
      return accept(answer.trim())
    } catch (cause) {
      console.log(`  ${cause.message}`)
    }
  }
}

const NO_TERMINAL = `The deployment has questions, but there is no terminal to ask them.
To accept the default answers: npm run deploy -- --yes
To see the options that answer them: npm run deploy -- --help`

/** A terminal that is closed does not answer, and readline then waits forever. */
async function readLine(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const closed = new Promise((_, reject) =>
    terminal.once('close', () => reject(new NoTerminal('The terminal was closed.')))
  )
  try {
    return await Promise.race([terminal.question(`\n${question} `), closed])
  } finally {
    closed.catch(() => undefined)
    terminal.close()
  }
}
