import fc from 'fast-check'
import type { World } from '../../support/world'
import { SECOND } from '../clock'
import type { KnownEntry } from '../known'
import { type OpenForm, OWNER, type Simulation } from '../simulation'
import { inBook, newEntry, nextAddress, postEntry } from './entries'
import { kind, which } from './kind'

/*
 * Guests open a form, answer its questions, and send it later. Meanwhile, the owner may have changed the questions. Each
 * answer names its question, so that the judge sees whether it still stands with it.
 */

/** A form is sent only once, and people need a few seconds. */
const FORM_MS = 10 * SECOND

export const FORMS = {
  openForm: kind<{ book: number; kind: 'page' | 'embed' }>(
    5,
    { book: which, kind: fc.constantFrom('page', 'embed') },
    async (simulation, isolate, { book, kind }) => {
      const slug = simulation.pick(simulation.books, book)?.slug
      if (slug === undefined) return
      const open = kind === 'page' ? openPage : openEmbed
      const form = await open(simulation, isolate, slug)
      if (form) simulation.forms.push(form)
    }
  ),

  sendForm: kind<{ which: number }>(6, { which }, async (simulation, isolate, { which }) => {
    const form = simulation.pick(simulation.forms, which)
    if (!form) return
    simulation.forms.splice(simulation.forms.indexOf(form), 1)
    simulation.clock.tick(FORM_MS)
    if (form.kind === 'page') return sendPage(simulation, isolate, form)
    const entry = newEntry(simulation, 'guest')
    const texts = answersTo(form.questions, entry)
    const answers = form.questions.map(({ id }, i) => (id === null ? texts[i] : { question_id: id, answer: texts[i] }))
    Object.assign(entry.body, form.book !== 'main' && { book: form.book }, { answers })
    await postEntry(simulation, isolate, entry)
  }),

  /** The owner corrects the first answer, and leaves out the others. */
  editAnswers: kind<{ which: number }>(3, { which }, async (simulation, isolate, { which }) => {
    const comments = simulation.history.tables.comments.present()
    const answered = comments.filter(({ answers }) => answers !== '[]')
    const comment = simulation.pick(answered, which)
    const [first] = comment ? answersIn(comment.answers) : []
    const asked = simulation.books.find(({ slug }) => slug === comment?.book)?.versions.at(-1)?.settings.questions ?? []
    if (!comment || !first || asked[0] !== first.question) return
    const body = { answers: [`${first.answer.replace(/ again$/, '')} again`] }
    await simulation.ask(isolate, 'PATCH', `/api/comments/${comment.id}`, { headers: OWNER, body })
  }),

  /** The owner's own form has all questions. */
  signWithAnswers: kind<{ book: number }>(2, { book: which }, async (simulation, isolate, { book }) => {
    const known = simulation.pick(simulation.books, book)
    const entry = newEntry(simulation, 'owner')
    const questions = known?.versions.at(-1)?.settings.questions ?? []
    const answers = answersTo(
      questions.map((text) => ({ text })),
      entry
    )
    Object.assign(entry.body, inBook(simulation, book), { answers })
    await postEntry(simulation, isolate, entry)
  }),
}

/** @returns answers that name their questions. Two questions can have the same text, so each has a number, too */
function answersTo(questions: { text: string }[], { word }: KnownEntry): string[] {
  return questions.map(({ text }, i) => {
    const number = questions.slice(0, i).filter((one) => one.text === text).length + 1
    return `To "${text}" (${number}): ${word}`
  })
}

interface Answered {
  question: string
  answer: string
}

export const answersIn = (answers: string): Answered[] => JSON.parse(answers)

/** @returns what is wrong with the answers of an entry, or null @param before the answers before an edit */
export function wrongAnswers(answers: string, before: string | null): string | null {
  const all = answersIn(answers)
  const wrong = all.find(({ question, answer }) => !answer.startsWith(`To "${question}"`))
  if (wrong) return `"${wrong.answer}" stands below "${wrong.question}"`
  const labels = all.map(labelOf).toSorted().join()
  const labelsBefore = before === null ? labels : answersIn(before).map(labelOf).toSorted().join()
  return labels === labelsBefore ? null : `an edit has turned the answers ${before} into ${answers}`
}

const labelOf = ({ answer }: Answered): string => answer.replace(/:.*/, '')

async function openPage(simulation: Simulation, isolate: World, book: string): Promise<OpenForm | null> {
  const path = book === 'main' ? '/sign' : `/b/${book}/sign`
  const answer = await simulation.ask(isolate, 'GET', path, { headers: browser(simulation) })
  if (answer?.status !== 200) return null
  const fields = [...answer.text.matchAll(/<label for="([^"]+)"[^>]*>(?:<[^>]*>)*([^<]+\?)/g)]
  const questions = fields.map(([, id = '', text = '']) => ({ id: null, field: nameOf(answer.text, id), text }))
  const [, stamp = ''] = /name="stamp" value="([^"]*)"/.exec(answer.text) ?? []
  return { book, kind: 'page', questions, stamp, openedAt: simulation.clock.now }
}

/** @returns the name of the field with an id */
function nameOf(html: string, id: string): string {
  const [tag = ''] = new RegExp(`<(?:input|textarea)[^>]*\\bid="${id}"[^>]*>`).exec(html) ?? []
  return /\bname="([^"]*)"/.exec(tag)?.[1] ?? ''
}

async function openEmbed(simulation: Simulation, isolate: World, book: string): Promise<OpenForm | null> {
  const answer = await simulation.ask(isolate, 'GET', `/api/books/${book}/embed`)
  if (answer?.status !== 200) return null
  type Question = { question_id?: string; text: string }
  const questions = (answer.body.questions as Question[]).map(({ question_id = null, text }) => ({
    id: question_id,
    field: '',
    text,
  }))
  return { book, kind: 'embed', questions, stamp: '', openedAt: simulation.clock.now }
}

const browser = (simulation: Simulation) => ({ 'CF-Connecting-IP': nextAddress(simulation) })

async function sendPage(simulation: Simulation, isolate: World, { book, questions, stamp }: OpenForm): Promise<void> {
  const entry = newEntry(simulation, 'guest')
  const texts = answersTo(questions, entry)
  const answers = questions.map(({ field }, i): [string, string] => [field, texts[i] ?? ''])
  const { name, body } = entry.body
  const fields = new URLSearchParams([['name', name], ['body', body], ['stamp', stamp], ...answers])
  const path = book === 'main' ? '/sign' : `/b/${book}/sign`
  const answer = await simulation.ask(isolate, 'POST', path, { headers: browser(simulation), body: fields })
  // A form that is shown again was not accepted: the book was deleted, for example.
  if (answer?.status === 303) entry.isAnswered = true
  else entry.isRefused = answer !== null
}
