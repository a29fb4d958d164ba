/*
 * Which words have been erased. A word belongs to one entry or to one webhook.
 */

export class Words {
  /** Since which step no event, response, export or log may contain a word. */
  readonly #erased = new Map<string, number>()
  /** Since which step no table at all may contain a word. */
  readonly #goneEverywhere = new Map<string, number>()

  /** @param everywhere whether the stored webhook that contained the word is gone as well */
  erase(word: string, step: number, everywhere: boolean): void {
    if (!this.#erased.has(word)) this.#erased.set(word, step)
    if (everywhere && !this.#goneEverywhere.has(word)) this.#goneEverywhere.set(word, step)
  }

  /** A sender has sent the word again, so it is known again. */
  restore(word: string): void {
    this.#erased.delete(word)
    this.#goneEverywhere.delete(word)
  }

  isErased(word: string): boolean {
    return this.#erased.has(word)
  }

  /** @returns the words that were erased before a step */
  erasedBefore(step: number): string[] {
    return [...this.#erased].flatMap(([word, since]) => (since < step ? [word] : []))
  }

  /** A stored webhook may contain the words of an entry that it has signed, even after the entry was erased. */
  mayBeStored(word: string): boolean {
    return !this.#goneEverywhere.has(word)
  }

  /**
   * @param isWebhook whether the text shows a stored webhook
   * @throws Error if a text contains a word that was erased before this step
   */
  requireNone(text: string, step: number, where: string, isWebhook = false): void {
    const erased = this.erasedBefore(step).filter((word) => !isWebhook || !this.mayBeStored(word))
    const found = erased.filter((word) => text.includes(word))
    if (found.length > 0) throw new Error(`Erased words reappear in ${where}: ${found.join(', ')}`)
  }
}
