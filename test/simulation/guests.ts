import type { AllChanges, Rows } from './history'
import type { Decision, KnownEntry } from './known'
import type { Simulation } from './simulation'

/*
 * Which guests are known. A guest becomes known when the owner approves an entry, and stays known while that entry is
 * published. If a later entry of the guest is marked as spam, the guest is no longer known. An undo restores all that.
 */

type Comment = Rows['comments']

/** Notes what a step has decided. What happens at the same time is not known. */
export function noteApprovals(simulation: Simulation, { comments }: AllChanges, isTogether: boolean): void {
  const { approvals, decision, step } = simulation
  const isSure = !isTogether && !simulation.faulty.has(step)
  for (const { row } of comments.added) {
    const knownBy = row.status === 'published' ? reliedOn(simulation, row) : null
    approvals.set(row.id, { isApproved: isSure ? false : null, knownBy })
  }
  const undone = isSure && decision?.undoneIn === step ? decision : null
  for (const { before, after } of comments.changed) {
    if (before.status === after.status) continue
    const was = approvals.get(after.id) ?? { isApproved: null, knownBy: null }
    const restored = undone?.approvals.get(after.id)?.isApproved
    const isApproved = isSure ? (restored ?? after.status === 'published') : null
    approvals.set(after.id, { ...was, isApproved })
    noteSpam(simulation, was.knownBy, after, isSure, undone)
  }
}

/** Once an entry is spam, the approved entry that it relied on no longer counts. */
function noteSpam(
  { approvals }: Simulation,
  root: string | null,
  after: Comment,
  isSure: boolean,
  undone: Decision | null
) {
  const of = root === null ? undefined : approvals.get(root)
  if (root === null || !of) return
  const restored = undone?.approvals.get(root)?.isApproved
  if (restored !== undefined) approvals.set(root, { ...of, isApproved: restored })
  else if (after.status === 'spam') approvals.set(root, { ...of, isApproved: isSure ? false : null })
}

function reliedOn({ entries, approvals }: Simulation, row: Comment): string | null {
  const entry = entries.find(({ word }) => row.name.includes(word))
  const earlier = entries.find(({ token }) => token !== null && token === entry?.proof)
  if (!earlier?.id) return null
  return approvals.get(earlier.id)?.knownBy ?? earlier.id
}

/**
 * The token of an entry also names the entries that its guest has proved to have written before.
 * @returns whether the token of an entry shows that its guest is known; null if that is not certain
 */
export function isKnown(simulation: Simulation, entry: KnownEntry): boolean | null {
  const { entries } = simulation
  const chain = [entry]
  for (let one: KnownEntry | undefined = entry; one?.proof; ) {
    const { proof }: KnownEntry = one
    one = entries.find(({ token }) => token === proof)
    if (one) chain.push(one)
  }
  const known = chain.map((one) => isApproved(simulation, one))
  if (known.includes(null)) return null
  return known.includes(true)
}

/** @returns whether the owner has approved an entry or the one that it relied on; null if that is not certain */
function isApproved({ approvals, history }: Simulation, { id }: KnownEntry): boolean | null {
  const seen = id === null ? undefined : history.tables.comments.seen.get(id)
  const approval = id === null ? undefined : approvals.get(id)
  if (!seen || seen.gone !== null || !approval || approval.isApproved === null || seen.row.status === 'spam')
    return null
  if (approval.knownBy === null) return approval.isApproved && seen.row.status === 'published'
  const root = history.tables.comments.seen.get(approval.knownBy)
  const isRootGood = root?.gone === null && root.row.status === 'published'
  if (!isRootGood || seen.row.status !== 'published') return null
  return approvals.get(approval.knownBy)?.isApproved ?? null
}
